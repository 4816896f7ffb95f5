// Install, cancel and remove buttons: one listener for all, including those drawn later.
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-action]");
  if (!button) return;
  const { action, name, question } = button.dataset;
  if (!question || confirm(question)) trigger("click", { action, name });
});
