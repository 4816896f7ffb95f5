// Arrow keys vote: left and right for a side, down for a tie, up where both are bad. After the vote
// each of them starts the next duel. Ctrl+Z undoes the last vote. In fields and lists they do not.
const BUTTONS = {
  ArrowLeft: "arena-left",
  ArrowDown: "arena-tie",
  ArrowUp: "arena-bad",
  ArrowRight: "arena-right",
};
const OTHERS = "input, textarea, select, dialog, [role=tab], [role=listbox], .tl-scroll";

const isUndo = ({ key, ctrlKey, metaKey, shiftKey }) =>
  key.toLowerCase() === "z" && (ctrlKey || metaKey) && !shiftKey;

document.addEventListener("keydown", (event) => {
  const { altKey, ctrlKey, metaKey, shiftKey, key, repeat, target } = event;
  const isOther = target.closest(OTHERS) || document.querySelector("dialog:modal");
  if (isOther || repeat || !element.offsetParent) return;
  const names = isUndo(event)
    ? ["arena-undo"]
    : BUTTONS[key] && !(altKey || ctrlKey || metaKey || shiftKey)
      ? [BUTTONS[key], "arena-next"]
      : [];
  const button = names
    .map((id) => document.getElementById(id))
    .find((candidate) => candidate?.offsetParent);
  if (!button) return;
  event.preventDefault();
  button.click();
});

// The next duel is seen from its query on.
const keyOf = () => element.querySelector("[data-key]")?.dataset.key;
let shown = keyOf();
watch("value", () => {
  if (keyOf() === shown) return;
  shown = keyOf();
  if (shown && element.getBoundingClientRect().top < 0) element.scrollIntoView({ block: "start" });
});

// Buttons give way to others: the focus of one that is gone goes on to the first that is there.
const panel = element.closest("[role=tabpanel]");
let focused = null;
document.addEventListener("focusin", ({ target }) => {
  focused = target.closest(".tl-votes button");
});
new MutationObserver(() => {
  if (!focused || focused.offsetParent || document.activeElement !== document.body) return;
  const next = [...panel.querySelectorAll(".tl-votes button")].find((b) => b.offsetParent);
  next?.focus({ preventScroll: true });
}).observe(panel, { childList: true, subtree: true, attributeFilter: ["class", "style"] });
