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

// Screen readers are told of begin and end: progress in between would never let them rest. What was stopped
// may have ended before a line said that it is stopping; the server tells which jobs these are.
let running = new Map(); // what the jobs do that are shown, by their id
const tell = (detail) => document.dispatchEvent(new CustomEvent("tl-say", { detail }));
const announce = () => {
  const { ended, stopped, stoppedIds = "" } = element.querySelector(".tl-jobs")?.dataset ?? {};
  const gone = stoppedIds.split(" ");
  const before = running;
  running = new Map(
    [...element.querySelectorAll("[data-id]")].map((line) => [
      line.dataset.id,
      line.querySelector("b").textContent,
    ]),
  );
  for (const [id, what] of running) if (!before.has(id)) tell(`${what}.`);
  for (const [id, what] of before) {
    if (!running.has(id)) tell((gone.includes(id) ? stopped : ended)?.replace("{job}", what));
  }
};
const update = () => {
  follow();
  announce();
};
update();
watch("value", update);

// The Stop buttons of jobs: one listener for all, including those drawn later.
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-action='stop']");
  if (!button) return;
  button.disabled = true;
  trigger("click", { id: Number(button.closest("[data-id]").dataset.id) });
});
