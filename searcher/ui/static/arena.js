// Left, down, right: vote for the left side, a tie, the right side. Afterwards any of them goes on.
const buttons = { ArrowLeft: "arena-left", ArrowDown: "arena-tie", ArrowRight: "arena-right" };

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [role=tab]");
  const name = buttons[event.key];
  if (!name || typing || !element.offsetParent || event.metaKey || event.ctrlKey) return;
  const shown = [name, "arena-next"]
    .map((id) => document.getElementById(id))
    .find((button) => button?.offsetParent);
  if (!shown) return;
  event.preventDefault();
  shown.click();
});
