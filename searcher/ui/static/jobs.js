// The Stop buttons of jobs: one listener for all, including those drawn later.
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-action='stop']");
  if (!button) return;
  button.disabled = true;
  trigger("click", { id: Number(button.closest("[data-id]").dataset.id) });
});
