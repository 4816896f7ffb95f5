// The form in which a report is saved, and the download of what the server answers. What was typed
// is there again when the form is opened once more.
const LOGO = [480, 160]; // pixels, at most

const dialog = element.querySelector("dialog");
const form = dialog.querySelector("form");
const { title, remarks, logo: files, section: boxes } = form.elements;
const said = form.querySelector("[role=status]");
const preview = form.querySelector("img");
const [noLogo, save] = ["no-logo", "save"].map((name) =>
  form.querySelector(`[data-action=${name}]`),
);
let logo = "";

(element.closest(".contain") ?? document.body).append(dialog);

const setBusy = (isBusy) => {
  save.disabled = isBusy;
  said.textContent = isBusy ? said.dataset.busy : "";
};
const showLogo = (url) => {
  logo = url;
  preview.hidden = noLogo.hidden = !url;
  if (url) preview.src = url;
  else preview.removeAttribute("src");
  files.value = "";
};

// Draw a picture anew, as large as a call may be. Browsers draw no SVG without a size here.
const shrink = async (file) => {
  const bitmap = await createImageBitmap(file);
  let scale = Math.min(1, LOGO[0] / bitmap.width, LOGO[1] / bitmap.height);
  for (;;) {
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const url = canvas.toDataURL("image/png");
    if (url.length <= Number(dialog.dataset.maxLogo) || canvas.width < 2) return url;
    scale *= 0.8;
  }
};
files.addEventListener("change", async () => {
  const [file] = files.files;
  if (!file) return;
  said.textContent = "";
  try {
    if (file.type === "image/svg+xml") throw new TypeError(file.type);
    showLogo(await shrink(file));
  } catch {
    showLogo("");
    said.textContent = said.dataset.bad;
  }
});
noLogo.addEventListener("click", () => showLogo(""));

const isShown = (selector) => Boolean(document.querySelector(selector));
const ticked = () => [...boxes].filter((box) => box.checked && !box.closest("label").hidden);
boxes[0].closest("fieldset").addEventListener("change", () => {
  save.disabled = !ticked().length;
});

document.addEventListener("tl-report", ({ detail }) => {
  for (const box of boxes) {
    box.checked = box.value === detail;
    box.closest("label").hidden = !isShown(box.dataset.shown) && box.value !== detail;
  }
  const offered = [...boxes].filter((box) => !box.closest("label").hidden);
  boxes[0].closest("fieldset").hidden = offered.length < 2;
  setBusy(false);
  dialog.showModal();
  title.focus();
});

const chosen = () => form.querySelector("[name=format]:checked");
save.addEventListener("click", () => {
  setBusy(true);
  const sections = ticked();
  const looks = sections
    .filter(({ dataset }) => dataset.look)
    .map((box) => [box.value, document.querySelector(box.dataset.look)?.dataset.state ?? ""]);
  trigger("click", {
    sections: sections.map((box) => box.value),
    looks: Object.fromEntries(looks),
    title: title.value,
    remarks: remarks.value,
    logo,
    format: chosen().value,
  });
});
// Enter in a line saves, instead of cancelling.
title.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  if (!save.disabled) save.click();
});

document.addEventListener("tl-report-made", ({ detail: text }) => {
  if (!text) return;
  const { value, dataset } = chosen();
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: dataset.type }));
  link.download = `twinlens-report.${value}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  dialog.close();
});
// Also after an error, which is said by a toast.
document.addEventListener("tl-report-ended", () => {
  setBusy(false);
  dialog.close();
});
