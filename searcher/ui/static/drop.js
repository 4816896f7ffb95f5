// Files that are dropped or pasted anywhere in the window, and the sign that says where they go. No
// address is fetched: a picture of another page comes as a file, or not at all.
const BOXES = {
  search: "#search-image",
  compare: "#compare-image",
  arena: "#arena-image",
  library: "#library-files",
  bring: "#bring-file",
};
const FOLDS = { library: "#library-add", bring: "#bring" }; // that the boxes lie in
const UPLOAD_MS = 600_000; // for files to be uploaded
const EDITABLE = "textarea, [contenteditable=true], input:not([type=file], [type=range])";

const sign = () => element.querySelector(".tl-drop-sign");

const isList = ({ name }) => /\.(txt|csv|tsv|npy)$/i.test(name);

// Return the name of the box under a part of the page, or that of the open tab.
const goalOf = (part, arePictures) => {
  const under = Object.keys(BOXES).find((goal) => part?.closest?.(BOXES[goal]));
  const tab = openTab();
  const mayAdd = "mayAdd" in sign().dataset;
  if (under || ["compare", "arena"].includes(tab)) return under ?? tab;
  if (mayAdd && tab === "library") return tab;
  return mayAdd && tab === "models" && !arePictures ? "bring" : "search";
};

// Return the files that are put into a box, which may still refuse them, and what it says of others.
const choose = (goal, files) => {
  if (goal === "library") return { chosen: files };
  const first = files.find(goal === "bring" ? isModel : isPicture) ?? files[0];
  // Which picture each row of vectors is of.
  const list = goal === "bring" ? files.find((file) => file !== first && isList(file)) : undefined;
  const text = files.length > (list ? 2 : 1) ? sentence("first", { name: first.name }) : "";
  return { chosen: [first], list, text };
};

// Open the tab of a box and what it is folded into; resolve to the box.
const openBox = async (goal) => {
  await selectTab(goal === "bring" ? "models" : goal);
  return appear(() => {
    const fold = FOLDS[goal] && document.querySelector(`${FOLDS[goal]} button.label-wrap`);
    if (fold && !fold.classList.contains("open")) fold.click();
    return document.querySelector(BOXES[goal]);
  });
};

// A file whose type the browser does not know, such as HEIC, gets one, which Gradio asks for.
const typed = (file, isQuery) => {
  const mayBe = isQuery || isPicture(file);
  const type = file.type || (mayBe ? `image/${file.name.split(".").at(-1)}` : "");
  return type === file.type ? file : new File([file], file.name, { type });
};

const give = async (box, files) => {
  await opened;
  // A box with a file, or for the clipboard only, has no input until it is emptied or switched,
  // which it can't be while the file is on its way.
  const [first, last] = [".source-selection button", ".icon-button-wrapper button:last-child"];
  const find = () => {
    const input = box.querySelector("input[type=file]");
    if (!input) (box.querySelector(first) ?? box.querySelector(last))?.click();
    return input;
  };
  const input = await appear(find);
  if (!input) return;
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(typed(file, box.matches(".tl-query")));
  input.files = transfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
};

const uploaded = (box) => box.querySelectorAll("tbody tr").length;

const deliver = async (goal, files, isOnBox) => {
  const box = await openBox(goal);
  if (!box) return;
  const before = uploaded(box);
  const { chosen, list, text } = choose(goal, files);
  await give(box, chosen);
  if (list) await give(document.querySelector("#bring-ids"), [list]);
  if (text && !box.querySelector(".tl-refusal")) say(box, text, "status");
  if (goal !== "library" || isOnBox) return;
  const isUploaded = () => uploaded(box) >= before + chosen.length;
  if (await appear(isUploaded, undefined, UPLOAD_MS))
    document.querySelector("#library-add-button").click();
};

const show = (goal) => {
  const part = sign();
  part.hidden = !goal;
  for (const words of part.querySelectorAll("[data-goal]"))
    words.hidden = words.dataset.goal !== goal;
};

let isOwn = false; // the drag began in this page
const concerns = ({ dataTransfer, target }) =>
  !isOwn &&
  (dataTransfer?.types.includes("Files") ||
    (dataTransfer?.types.includes("text/uri-list") && !target.closest?.(EDITABLE)));
const goalOfDrag = ({ dataTransfer, target }) => {
  const items = [...dataTransfer.items].filter(({ kind }) => kind === "file");
  return goalOf(
    target,
    items.every(({ type }) => type.startsWith("image/")),
  );
};

const over = (event) => {
  if (!concerns(event)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  event.dataTransfer.dropEffect = "copy";
  show(goalOfDrag(event));
};

const drop = async (event) => {
  show("");
  if (!concerns(event)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const { items, files } = event.dataTransfer;
  const folders = [...items]
    .map((item) => item.webkitGetAsEntry?.())
    .filter((entry) => entry?.isDirectory)
    .map(({ name }) => name);
  const chosen = [...files].filter(({ name }) => !folders.includes(name));
  const goal = goalOf(event.target, chosen.length > 0 && chosen.every(isPicture));
  if (chosen.length) deliver(goal, chosen, Boolean(event.target.closest?.(BOXES[goal])));
  else {
    const box = await openBox(goal);
    const text = sentence(folders.length ? "folder" : "address", { name: folders[0] });
    if (box) reject(box, text);
  }
};

window.addEventListener("dragstart", () => (isOwn = true), true);
window.addEventListener("dragend", () => (isOwn = false), true);
for (const type of ["dragenter", "dragover"]) window.addEventListener(type, over, true);
window.addEventListener("dragleave", ({ relatedTarget }) => relatedTarget || show(""), true);
window.addEventListener("drop", drop, true);

// Text that is pasted into a field stays text, even if there is a picture of it as well.
document.addEventListener("paste", (event) => {
  const { files, types } = event.clipboardData ?? { files: [], types: [] };
  const isText = event.target.closest?.(EDITABLE) && types.includes("text/plain");
  const pictures = [...files].filter(isPicture);
  if (isText || !pictures.length) return;
  event.preventDefault();
  deliver(goalOf(document.activeElement, true), pictures, false);
});
