// The recent queries: a click searches again.
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-action]");
  if (button) trigger("click", { action: button.dataset.action, key: button.dataset.id });
});
