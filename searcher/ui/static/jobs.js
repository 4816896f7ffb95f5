// What is at the window's end lies above the jobs: their height is --jobs in the style sheets.
const measure = () => {
  const list = element.querySelector("ul");
  document.body.style.setProperty("--jobs", list ? `${list.offsetHeight + 12}px` : "0px");
};
const measured = new ResizeObserver(measure);
const follow = () => {
  measured.disconnect(); // some browsers keep what is observed; each report has a new list
  measured.observe(element.querySelector(".tl-jobs") ?? element);
  measure();
};
follow();
watch("value", follow);

// The Stop buttons of jobs: one listener for all, including those drawn later.
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-action='stop']");
  if (!button) return;
  button.disabled = true;
  trigger("click", { id: Number(button.closest("[data-id]").dataset.id) });
});
