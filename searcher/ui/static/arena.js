// Arrow keys: left, down and right vote for the left side, a tie, and the right side. After the vote
// each of them starts the next duel.
const buttons = { ArrowLeft: "arena-left", ArrowDown: "arena-tie", ArrowRight: "arena-right" };

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [role=tab]");
  const name = buttons[event.key];
  if (!name || typing || !element.offsetParent || event.metaKey || event.ctrlKey) return;
  const button = [name, "arena-next"]
    .map((id) => document.getElementById(id))
    .find((candidate) => candidate?.offsetParent);
  if (!button) return;
  event.preventDefault();
  button.click();
});
