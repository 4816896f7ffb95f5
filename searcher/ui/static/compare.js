// Selecting a hit marks the same picture in both galleries, among the fused hits, and in the chart.
let selected = null; // the id of a picture

const mark = (id) => {
  selected = id;
  for (const part of element.querySelectorAll("[data-id]:not(.tl-marked)")) {
    part.classList.toggle("tl-selected", part.dataset.id === id);
    if (part.matches(".tl-card")) part.setAttribute("aria-pressed", String(part.dataset.id === id));
  }
  const toolbar = element.querySelector(".tl-marked");
  const card = id && element.querySelector(`.tl-card[data-id="${id}"]`);
  if (toolbar) toolbar.hidden = !card;
  if (!card || !toolbar) return;
  toolbar.dataset.id = id;
  toolbar.querySelector("img").src = card.querySelector("img").src;
  toolbar.querySelector("b").textContent = card.querySelector(".tl-name").textContent.trim();
};

const hitOf = (target) => target.closest(".tl-card[data-id], .tl-slope-end[data-id]");
const toggle = (id) => mark(id === selected ? null : id);

// Restore the mark after a redraw, if the picture is still among the hits.
watch("value", () => mark(element.querySelector(`.tl-card[data-id="${selected}"]`) && selected));

element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-action]");
  if (button) {
    const { action } = button.dataset;
    if (action === "why" && selected) trigger("click", { id: selected });
    else if (action !== "unmark" && selected) trigger("select", { action, id: selected });
    if (action !== "why") mark(null);
    const next = action === "why" ? document.querySelector("#compare-why") : element;
    if (action !== "unmark") next.scrollIntoView({ block: "start" });
    return;
  }
  const hit = hitOf(event.target);
  if (hit) toggle(hit.dataset.id);
});

element.addEventListener("keydown", (event) => {
  const hit = hitOf(event.target);
  if (!hit || !["Enter", " "].includes(event.key)) return;
  event.preventDefault();
  toggle(hit.dataset.id);
});
