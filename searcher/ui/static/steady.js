// Gradio writes new HTML into the elements that are there, so that a button, a tick or the focus
// belongs to a place on the screen, where from one moment to the next another picture or model may
// stand. Here a click counts only for what was pressed, and the focus stays with its owner.
const CONTROLS = "button, input, [tabindex]";
const controlOf = (target) => {
  const control = target.closest?.(CONTROLS);
  return element.contains(control) ? control : null;
};
const ownerOf = (control) => control.closest("[data-id]")?.dataset.id ?? control.dataset.name ?? "";
const meaningOf = (control) =>
  control && [control.dataset.action ?? control.tagName, ownerOf(control)].join(" ");
const placeOf = (control) =>
  [
    control.tagName,
    ownerOf(control) || control.dataset.action,
    control.closest("section")?.className,
  ].join(" ");

let pressed = null;
const press = ({ target, key }) => {
  if ([undefined, "Enter", " "].includes(key)) pressed = meaningOf(controlOf(target));
};
for (const kind of ["pointerdown", "keydown"]) element.addEventListener(kind, press, true);
element.addEventListener(
  "click",
  (event) => {
    const control = controlOf(event.target);
    // Nothing was pressed where a program clicks, such as one that reads the page aloud.
    if (control && pressed && pressed !== meaningOf(control)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    pressed = null;
  },
  true,
);

let focused = "";
element.addEventListener("focusin", ({ target }) => (focused = placeOf(target)));
watch("value", () => {
  const now = document.activeElement;
  if (now === element || !element.contains(now) || placeOf(now) === focused) return;
  const same = [...element.querySelectorAll(CONTROLS)].find(
    (control) => placeOf(control) === focused,
  );
  if (same) same.focus({ preventScroll: true });
  else now.blur();
});
