// Choosing a hit, in a gallery or in the chart, opens it beside the results; see panel.js.
const hitOf = (target) => target.closest(".tl-card[data-id], .tl-slope-end[data-id]");
const open = (hit) => hit.dispatchEvent(new CustomEvent("tl-hit", { bubbles: true }));

element.addEventListener("click", ({ target }) => {
  const hit = target.closest("button") ? null : hitOf(target);
  if (hit) open(hit);
});

element.addEventListener("keydown", (event) => {
  const hit = hitOf(event.target);
  if (hit !== event.target || !["Enter", " "].includes(event.key)) return;
  event.preventDefault();
  open(hit);
});
