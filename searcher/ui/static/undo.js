// Undo of removals. After a removal the focus moves here, since its former element is gone.
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-action]");
  if (button) trigger("click", { action: button.dataset.action, batch: button.dataset.batch });
});
watch("value", () => element.querySelector("[data-fresh] button")?.focus());
