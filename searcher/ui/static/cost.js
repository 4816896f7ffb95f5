// A dot of the chart or a row of a table chooses the vectors to store; the chosen ones are marked.
// Dots and numbers open the queries that find other pictures.
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
  const cause = target.closest("[data-to]");
  // A dot's pictures are below, but the chart stays in sight.
  if (cause) trigger("select", { state: cause.dataset.to, new: cause.matches("button") });
});
// The address may ask for pictures.
const follow = (wanted) => {
  const open = document.querySelector("#cost-look [data-link]");
  const shown = new URLSearchParams(open?.dataset.link).get("changes") ?? "";
  if (wanted !== shown) trigger("select", { state: wanted, new: false });
};
document.addEventListener("tl-restored", ({ detail }) => {
  if (detail.tab === "evaluate" && element.querySelector("[data-link]"))
    follow(detail.changes ?? "");
});
document.addEventListener("tl-variant", ({ detail }) => {
  chosen = detail ?? "";
  mark();
});
watch("value", () => {
  mark();
  const wanted = new URLSearchParams(location.search).get("changes");
  if (wanted) follow(wanted);
});
