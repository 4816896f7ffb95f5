// The query above the results: chips that are switched, turned and removed, and filters.
let dropped = null; // position of the chip that was removed by a click

const tab = element.closest(".tl-tab");
const chips = () => [...element.querySelectorAll(".tl-part")].map((chip) => chip.dataset.id).join();
let shown = chips();

// On narrow screens the inputs are behind a button, so that the results come first.
function showInputs(open) {
  tab.classList.toggle("tl-asking", open);
  element.querySelector("[data-action=show-inputs]")?.setAttribute("aria-expanded", open);
  if (open) tab.scrollIntoView({ block: "start" });
}

const selects = () => [...element.querySelectorAll("select[data-field]")];

watch("value", () => {
  // A new query was given; other changes, such as the number of results, leave the inputs open.
  showInputs(tab.classList.contains("tl-asking") && chips() === shown);
  shown = chips();
  // Gradio changes attributes, which do not change what a visitor has selected.
  for (const select of selects()) select.value = select.dataset.value;
  if (dropped === null) return;
  // The focus moves on to the next chip, since the removed one can't keep it.
  const drops = [...element.querySelectorAll("[data-action=drop]")];
  drops[Math.min(dropped, drops.length - 1)]?.focus({ preventScroll: true });
  dropped = null;
});

element.addEventListener("change", ({ target }) => {
  if (!target.matches("select[data-field]")) return;
  trigger("click", { action: "filter", field: target.dataset.field, value: target.value });
});

element.addEventListener("click", ({ target }) => {
  const button = target.closest("button[data-action]");
  if (!button) return;
  const { action } = button.dataset;
  if (action === "show-inputs") {
    shown = chips(); // an answer that is just being drawn leaves them open
    showInputs(button.getAttribute("aria-expanded") !== "true");
    return;
  }
  if (action === "copy") {
    copyLink(button, element.querySelector(".tl-copied"));
    return;
  }
  if (action === "drop") {
    dropped = [...element.querySelectorAll("[data-action=drop]")].indexOf(button);
  }
  trigger("click", { action, key: button.closest("[data-id]")?.dataset.id ?? "" });
});
