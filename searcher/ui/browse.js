// Opening a picture, unfolding near-duplicates, and ticking several pictures to remove them.
const ticks = () => [...element.querySelectorAll(".tl-tick")];
const ticked = () => ticks().filter((tick) => tick.checked);
const idOf = (part) => part.closest("[data-id]").dataset.id;

const count = () => {
  const toolbar = element.querySelector(".tl-marked");
  if (!toolbar) return;
  const number = ticked().length;
  toolbar.hidden = !number;
  toolbar.querySelector("b").textContent = number;
};

const unfold = (button) => {
  const open = button.getAttribute("aria-expanded") !== "true";
  button.setAttribute("aria-expanded", String(open));
  const { unfolds } = button.dataset;
  for (const card of element.querySelectorAll(`[data-group="${unfolds}"]`)) card.hidden = !open;
};

const open = (card) => {
  trigger("click", { action: "open", ids: [card.dataset.id] });
  element.closest(".tl-tab, .tabitem")?.scrollIntoView({ block: "start" });
};

element.addEventListener("change", (event) => {
  if (event.target.matches(".tl-tick")) count();
});

element.addEventListener("click", (event) => {
  if (event.target.matches(".tl-tick")) return;
  const button = event.target.closest("button[data-action]");
  const card = event.target.closest(".tl-card");
  const { action } = button?.dataset ?? { action: "open" };
  if (action === "open") {
    if (card) open(card);
    return;
  }
  if (action === "unfold") {
    unfold(button);
    return;
  }
  if (action === "untick") {
    for (const tick of ticked()) tick.checked = false;
    count();
    return;
  }
  const ids = button.closest(".tl-picture") ? [idOf(button)] : ticked().map(idOf);
  const { one, many } = button.dataset;
  if (action !== "remove" || confirm(ids.length === 1 ? one : many)) trigger("click", { action, ids });
});
