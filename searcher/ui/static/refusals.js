// One sentence in the box that refuses a file, of the server or of the page, which refuses files that
// are too large or of another kind before they are uploaded. The server refuses those as well.
const MEGABYTE = 1_048_576;
const NOTE_MS = 10_000; // that a note, unlike a refusal, is shown
const BOX = ".tl-query, #library-files, #bring-file, #bring-ids";
const NETWORKS = "#bring-file"; // the box whose files may be larger

const sentence = (key, values = {}) =>
  element
    .querySelector(`[data-text="${key}"]`)
    .textContent.trim()
    .replace(/\{(\w+)\}/g, (_, name) => values[name]);

const withdraw = (box) => box.querySelector(".tl-refusal")?.remove();
const say = (box, text, role = "alert") => {
  withdraw(box);
  const part = Object.assign(document.createElement("p"), { className: "tl-refusal", role });
  part.textContent = text;
  box.append(part);
  if (role === "alert") part.scrollIntoView({ block: "nearest" });
  if (role === "status") setTimeout(() => part.remove(), NOTE_MS);
};
// The former picture of a query goes: it would seem to be the refused one.
const reject = (box, text) => {
  if (box.matches(".tl-query"))
    box.querySelector(".icon-button-wrapper button:last-child")?.click();
  say(box, text);
};

const tooLarge = (files, limit) => [...files].find(({ size }) => size > limit * MEGABYTE);
const megabytes = (size) => Math.ceil((10 * size) / MEGABYTE) / 10; // never rounded to the limit

const isPicture = ({ name, type }) => {
  const suffixes = element.querySelector(".tl-drop-sign").dataset.suffixes.split(" ");
  return type.startsWith("image/") || suffixes.some((end) => name.toLowerCase().endsWith(end));
};
const isModel = ({ name }) => /\.(onnx|npy|npz|parquet)$/i.test(name);

// Return why a box can't take files; "" if it can.
const reason = (box, files) => {
  const { fileLimit, networkLimit } = element.querySelector(".tl-drop-sign").dataset;
  const [{ name }] = files;
  // Of endings that the browser does not know, or none, the server looks at the content.
  const isOther = files[0].type && !isPicture(files[0]);
  if (box.matches(".tl-query") && isOther) return sentence("no-picture", { name });
  if (box.matches(NETWORKS) && !isModel(files[0])) return sentence("no-model", { name });
  const { most } = element.querySelector("[data-text=many]").dataset;
  if (box.matches("#library-files") && files.length > Number(most)) return sentence("many");
  const limit = Number(box.matches(NETWORKS) ? networkLimit : fileLimit);
  const file = tooLarge(files, limit);
  if (!file) return "";
  const digits = new Intl.NumberFormat(document.documentElement.lang || undefined);
  const size = digits.format(megabytes(file.size));
  return sentence("large", { name: file.name, size, limit });
};

let sending = null; // the box whose files are on their way, until the next press of anything
document.addEventListener(
  "change",
  (event) => {
    const input = event.target.closest("input[type=file]");
    const box = input?.closest(BOX);
    if (!box || !input.files.length) return;
    if (!isOpened()) {
      event.stopImmediatePropagation();
      give(box, [...input.files]);
      return;
    }
    withdraw(box);
    sending = box;
    const text = reason(box, [...input.files]);
    if (!text) return;
    sending = null;
    event.preventDefault();
    event.stopImmediatePropagation();
    input.value = "";
    reject(box, text);
  },
  true,
);
for (const type of ["pointerdown", "keydown"]) {
  document.addEventListener(type, () => (sending = null), true);
}

// Gradio shows as a toast that an upload was refused, or that the server failed at it: that sentence
// belongs to the box, too.
new MutationObserver(() => {
  const toast = sending && document.querySelector(".toast-body.error");
  const texts = toast?.querySelectorAll("[data-testid=toast-text]");
  if (!texts?.length) return;
  say(sending, [...texts].at(-1).textContent);
  sending = null;
  closeToast(toast);
}).observe(document.body, { subtree: true, childList: true });

// Of refusal.js
document.addEventListener("tl-refusal", ({ target, detail }) => {
  if (detail) say(target, detail);
  else withdraw(target);
});

// Some browsers can't show what the server can decode, such as TIFF.
const showOrHide = ({ target, type }) => {
  if (target.matches?.(".tl-query img")) target.classList.toggle("tl-unshown", type === "error");
};
for (const type of ["error", "load"]) document.addEventListener(type, showOrHide, true);
