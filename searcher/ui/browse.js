// Opening a picture, and ticking several to remove them.
const ticks = () => [...element.querySelectorAll(".tl-tick")];
const ticked = () => ticks().filter((tick) => tick.checked);
const idOf = (part) => part.closest("[data-id]").dataset.id;

const count = () => {
  const toolbar = element.querySelector(".tl-marked");
  if (!toolbar) return;
  const number = ticked().length;
  toolbar.hidden = !number;
  toolbar.querySelector("b").textContent = number === 1 ? "1 picture" : `${number} pictures`;
};

element.addEventListener("change", (event) => {
  if (event.target.matches(".tl-tick")) count();
});

element.addEventListener("click", (event) => {
  if (event.target.matches(".tl-tick")) return;
  const button = event.target.closest("button[data-action]");
  if (!button) {
    const card = event.target.closest(".tl-card");
    if (card) trigger("click", { action: "open", ids: [card.dataset.id] });
    return;
  }
  const { action } = button.dataset;
  if (action === "untick") {
    for (const tick of ticked()) tick.checked = false;
    count();
    return;
  }
  const ids = button.closest(".tl-picture") ? [idOf(button)] : ticked().map(idOf);
  const question = ids.length === 1 ? "Remove this picture?" : `Remove ${ids.length} pictures?`;
  if (action !== "remove" || confirm(question)) trigger("click", { action, ids });
});

element.addEventListener("keydown", (event) => {
  const card = event.target.closest(".tl-card");
  if (!card || event.target !== card || event.key !== "Enter") return;
  trigger("click", { action: "open", ids: [card.dataset.id] });
});
