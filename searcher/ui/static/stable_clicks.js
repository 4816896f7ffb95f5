// Gradio reuses elements when it redraws HTML, so a button, a checkbox or the focus may move to another
// picture or model. Clicks are ignored if the target changed between press and release, and the focus
// stays with its picture or model.
const CONTROLS = "button, input, [tabindex]";
const controlOf = (target) => {
  const control = target.closest?.(CONTROLS);
  return element.contains(control) ? control : null;
};
const ownerOf = (control) => control.closest("[data-id]")?.dataset.id ?? control.dataset.name ?? "";
const meaningOf = (control) =>
  control && [control.dataset.action ?? control.tagName, ownerOf(control)].join(" ");
const positionOf = (control) =>
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
    // Programmatic clicks, such as those of screen readers, have no press.
    if (control && pressed && pressed !== meaningOf(control)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    pressed = null;
  },
  true,
);

let focused = "";
element.addEventListener("focusin", ({ target }) => (focused = positionOf(target)));
watch("value", () => {
  const now = document.activeElement;
  if (now === element || !element.contains(now) || positionOf(now) === focused) return;
  const same = [...element.querySelectorAll(CONTROLS)].find(
    (control) => positionOf(control) === focused,
  );
  if (same) same.focus({ preventScroll: true });
  else now.blur();
});
