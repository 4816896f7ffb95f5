// Choosing a hit marks the same picture everywhere: in both galleries, combined, and in the chart.
const toolbar = () => element.querySelector(".tl-marked");

const mark = (id) => {
  for (const part of element.querySelectorAll("[data-id]")) {
    const chosen = part.dataset.id === id;
    part.classList.toggle("tl-chosen", chosen);
    if (part.matches(".tl-card")) part.setAttribute("aria-pressed", String(chosen));
  }
  const card = id && element.querySelector(`.tl-card[data-id="${id}"]`);
  toolbar().hidden = !card;
  if (!card) return;
  toolbar().dataset.id = id;
  toolbar().querySelector("img").src = card.querySelector("img").src;
  toolbar().querySelector("b").textContent = card.querySelector(".tl-name").textContent.trim();
};

const chosen = (target) => target.closest(".tl-card[data-id], .tl-slope-end[data-id]");

element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-action]");
  if (button) {
    const { id } = toolbar().dataset;
    if (button.dataset.action === "unmark") mark(null);
    else trigger("click", { action: button.dataset.action, id });
    const next = { query: element, why: document.querySelector("#compare-why") };
    next[button.dataset.action]?.scrollIntoView({ block: "start" });
    return;
  }
  const hit = chosen(event.target);
  if (hit) mark(hit.classList.contains("tl-chosen") ? null : hit.dataset.id);
});

element.addEventListener("keydown", (event) => {
  const hit = chosen(event.target);
  if (!hit || !["Enter", " "].includes(event.key)) return;
  event.preventDefault();
  mark(hit.dataset.id);
});
