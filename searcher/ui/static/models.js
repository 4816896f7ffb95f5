// Install, cancel and remove buttons: one listener for all, including those drawn later.
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-action]");
  if (!button) return;
  const { action, name, question } = button.dataset;
  if (!question || confirm(question)) trigger("click", { action, name });
});

// Details that are open stay open when the cards are drawn anew.
const opened = new Set();
const cardOf = (part) => part.closest("[data-id]").dataset.id;
element.addEventListener(
  "toggle",
  ({ target }) => {
    if (target.isConnected) opened[target.open ? "add" : "delete"](cardOf(target));
  },
  true,
);
watch("value", () => {
  for (const part of element.querySelectorAll("details")) part.open = opened.has(cardOf(part));
});
