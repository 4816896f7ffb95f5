// What the duels of the arena ask: any picture, the visitor's, or words.
element.addEventListener("click", ({ target }) => {
  const button = target.closest("button[data-id]");
  if (button) trigger("click", { kind: button.dataset.id });
});
