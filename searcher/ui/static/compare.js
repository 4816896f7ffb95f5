// A hit, in a column or in the chart, opens beside the results; see panel.js.
// A click on the small chart opens the large one.
const hitOf = (target) =>
  target.closest(".tl-slope-small")
    ? null
    : target.closest(".tl-card[data-id], .tl-slope-end[data-id]");

element.addEventListener("click", ({ target }) => {
  const detail = { why: Boolean(target.closest("[data-action=why]")) };
  hitOf(target)?.dispatchEvent(new CustomEvent("tl-hit", { bubbles: true, detail }));
});
