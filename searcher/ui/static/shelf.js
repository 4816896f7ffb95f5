// The Library tab's list: facets, pages, order, and the size of thumbnails. browse.js has the ticks.
const SIZE = "twinlens-size"; // in the browser's storage; pixels
const DEFAULT_SIZE = matchMedia("(max-width: 560px)").matches ? 120 : 192; // 2 columns on telephones
const SIDE = matchMedia("(min-width: 1000px)"); // the facets are beside the list, always open
let isOpen = false; // the facets of narrow screens

let size = DEFAULT_SIZE;
try {
  size = Number(localStorage.getItem(SIZE)) || size; // not there in some frames
} catch {}
const resize = () => element.style.setProperty("--tile", `${size}px`);

const drawShelf = () => {
  const facets = element.querySelector(".tl-facets");
  if (facets) facets.open = SIDE.matches || isOpen;
  const slider = element.querySelector(".tl-size");
  if (slider) slider.value = size;
};
SIDE.addEventListener("change", drawShelf);
watch("value", drawShelf);
resize();
drawShelf();

element.addEventListener("input", ({ target }) => {
  if (!target.matches(".tl-size")) return;
  size = target.value;
  resize();
  try {
    localStorage.setItem(SIZE, size);
  } catch {}
});
element.addEventListener("change", ({ target }) => {
  if (target.matches("[data-action=order]")) {
    trigger("click", { action: "order", order: target.value });
  }
});
element.addEventListener("click", ({ target }) => {
  if (target.closest(".tl-facets summary")) isOpen = !element.querySelector(".tl-facets").open;
  const button = target.closest("button[data-action]");
  const { action, number, words } = button?.dataset ?? {};
  if (action === "page") {
    trigger("click", { action, number: Number(number) });
    element.scrollIntoView({ block: "start" });
  } else if (action === "filter") {
    isOpen = false; // the pictures come first
    trigger("click", { action, words });
  } else if (action === "all" || action === "samples") trigger("click", { action });
  else if (action === "anew") trigger("submit");
});

// When there are other pictures than when the list was made, one with room is shown anew, and another,
// in which all would move, offers it. After a change of the visitor's own, the list is ahead of the
// counter, which follows with a number that is the list's or on the way to it.
const counter = document.querySelector("#library-summary");
const showAnew = (isNews) => {
  const { pictures } = counter.querySelector("[data-pictures]")?.dataset ?? {};
  const { counted } = element.querySelector("[data-counted]")?.dataset ?? {};
  if (pictures === undefined || counted === undefined) return;
  const isOther = isNews ? pictures !== counted : Number(pictures) > Number(counted);
  const offer = element.querySelector("[data-action=anew]");
  if (offer) offer.hidden = !isOther;
  else if (isOther) trigger("submit");
};
new MutationObserver(() => showAnew(true)).observe(counter, {
  subtree: true,
  childList: true,
  attributes: true,
});
watch("value", () => showAnew(false));
