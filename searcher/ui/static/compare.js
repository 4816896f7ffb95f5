// Selecting a hit marks the same picture in all columns, among the fused hits, and in the charts.
let selected = null; // the id of a picture

const mark = (id) => {
  selected = id;
  for (const part of element.querySelectorAll("[data-id]:not(.tl-marked)")) {
    part.classList.toggle("tl-selected", part.dataset.id === id);
    part.querySelector(".tl-open")?.setAttribute("aria-pressed", String(part.dataset.id === id));
  }
  const toolbar = element.querySelector(".tl-marked");
  const card = id && element.querySelector(`.tl-card[data-id="${id}"]`);
  if (toolbar) toolbar.hidden = !card;
  if (!card || !toolbar) return;
  toolbar.dataset.id = id;
  toolbar.querySelector("img").src = card.querySelector("img").src;
  toolbar.querySelector("b").textContent = card.querySelector(".tl-name").textContent.trim();
};

// A click on the small chart opens the large one.
const hitOf = (target) =>
  target.closest(".tl-slope-small")
    ? null
    : target.closest(".tl-card[data-id], .tl-slope-end[data-id]");
const toggle = (id) => mark(id === selected ? null : id);

// Restore the mark after a redraw, if the picture is still among the hits.
watch("value", () => mark(element.querySelector(`.tl-card[data-id="${selected}"]`) && selected));

element.addEventListener("click", (event) => {
  const hit = hitOf(event.target);
  const action = event.target.closest("button[data-action]")?.dataset.action ?? "mark";
  if (action === "mark") {
    if (hit) toggle(hit.dataset.id);
    return;
  }
  const id = hit?.dataset.id ?? selected;
  if (action === "why" && id) trigger("click", { id });
  else if (action !== "unmark" && id) trigger("select", { action, id });
  if (action !== "why") mark(null);
  const next = action === "why" ? document.querySelector("#compare-why") : element;
  if (action !== "unmark") next.scrollIntoView({ block: "start" });
});
