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

// Of a folder, hidden files and those that are certainly no pictures are not sent.
const isWanted = (file) => !file.name.startsWith(".") && (isPicture(file) || !/\./.test(file.name));
// The name says in which folder a file was, which gives the picture its label.
const within = (path, file) => new File([file], path, { type: file.type });
const leftOut = (box, count) => {
  const { forms } = element.querySelector("[data-text=left-out]").dataset;
  say(box, pluralize(forms, count), "status");
};

// Resolve to the files below a dropped entry, with their paths in its folder.
const read = (reader) => new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
const filesOf = async (entry) => {
  if (entry.isFile) {
    const file = await new Promise((resolve) => entry.file(resolve, () => resolve(null)));
    return file ? [within(entry.fullPath.slice(1), file)] : [];
  }
  const reader = entry.createReader();
  const found = [];
  // A reader returns up to 100 entries at a time.
  for (let part = await read(reader); part.length; part = await read(reader)) {
    for (const inner of part) found.push(...(await filesOf(inner)));
  }
  return found;
};
const baseOf = ({ name }) => name.split("/").at(-1);

const deliver = async (goal, files, omitted = 0) => {
  const box = await openBox(goal);
  if (!box) return;
  const { chosen, list, text } = choose(goal, files);
  if (chosen.length) await give(box, chosen);
  if (list) await give(document.querySelector("#bring-ids"), [list]);
  if (text && !box.querySelector(".tl-refusal")) say(box, text, "status");
  if (omitted || !chosen.length) leftOut(box, omitted);
};
const deliverFolder = (files) => {
  const wanted = files.filter((file) => isWanted({ name: baseOf(file), type: file.type }));
  deliver("library", wanted, files.length - wanted.length);
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
    .filter((entry) => entry?.isDirectory);
  const names = folders.map(({ name }) => name);
  const chosen = [...files].filter(({ name }) => !names.includes(name));
  const goal = goalOf(event.target, chosen.length > 0 && chosen.every(isPicture));
  if (folders.length && goal === "library") {
    const inside = (await Promise.all(folders.map(filesOf))).flat();
    deliverFolder([...chosen, ...inside]);
  } else if (chosen.length) deliver(goal, chosen);
  else {
    const box = await openBox(goal);
    const text = sentence(folders.length ? "folder" : "address", { name: names[0] });
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
  deliver(goalOf(document.activeElement, true), pictures);
});

// Buttons that choose files for the library, also where its box is not shown yet.
const pick = (kind) => element.querySelector(`[data-picks=${kind}]`)?.click();
document.addEventListener("click", ({ target }) => {
  const { pick: kind } = target.closest?.("[data-pick]")?.dataset ?? {};
  if (kind) pick(kind);
});
document.addEventListener("tl-pick", ({ detail }) => pick(detail));
element.addEventListener("change", ({ target }) => {
  const files = [...target.files];
  const isFolder = target.dataset.picks === "folder";
  if (isFolder) deliverFolder(files.map((file) => within(file.webkitRelativePath, file)));
  else if (files.length) deliver("library", files);
  target.value = "";
});
