// A dot of the chart or a row of a table chooses the vectors to store; the chosen ones are marked.
let chosen = "";
const mark = () => {
  for (const part of element.querySelectorAll("[data-variant]")) {
    const isChosen = part.dataset.variant === chosen;
    part.classList.toggle("tl-chosen", isChosen);
    if (isChosen && part.matches("button")) part.setAttribute("aria-current", "true");
    else part.removeAttribute("aria-current");
  }
};
element.addEventListener("click", ({ target }) => {
  const part = target.closest("[data-variant]");
  if (part) trigger("click", { variant: part.dataset.variant });
});
document.addEventListener("tl-variant", ({ detail }) => {
  chosen = detail ?? "";
  mark();
});
watch("value", mark);
