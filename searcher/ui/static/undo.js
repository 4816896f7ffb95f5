// Undo of removals. After a removal the focus moves here, since its former element is gone; and on to
// what comes next, when this line is gone.
let isUsed = false; // a button of the line that is shown

const goOn = () => {
  const panel = element.closest("[role=tabpanel]") ?? document;
  const next = [...panel.querySelectorAll("button, input, summary, [tabindex='0']")].find(
    (part) =>
      element.compareDocumentPosition(part) & Node.DOCUMENT_POSITION_FOLLOWING &&
      !element.contains(part) &&
      part.checkVisibility(),
  );
  next?.focus({ preventScroll: true });
};

element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-action]");
  if (!button) return;
  isUsed = true;
  trigger("click", { action: button.dataset.action, batch: button.dataset.batch });
});
watch("value", () => {
  const fresh = element.querySelector("[data-fresh] button");
  if (fresh) fresh.focus();
  else if (isUsed && [document.body, null].includes(document.activeElement)) goOn();
  isUsed = false;
});
