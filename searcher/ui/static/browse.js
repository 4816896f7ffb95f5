// Opening a picture, unfolding near-duplicates, and ticking several pictures to remove them.
// The state is kept by picture id, since Gradio reuses elements for other pictures.
const ticked = new Set();
const unfolded = new Set();
let view = ""; // the displayed page and filter

const idOf = (part) => part.closest("[data-id]").dataset.id;
const ticks = () => [...element.querySelectorAll(".tl-tick")];
// Return the plural form of a message for a number, with the number filled in.
const pluralize = (forms, number) => {
  const { lang } = document.documentElement;
  const form = JSON.parse(forms)[new Intl.PluralRules(lang).select(number)];
  return form.replace("{n}", new Intl.NumberFormat(lang).format(number));
};

const drawTicks = () => {
  for (const tick of ticks()) tick.checked = ticked.has(idOf(tick));
  const toolbar = element.querySelector(".tl-marked");
  if (!toolbar) return;
  toolbar.hidden = !ticked.size;
  const count = toolbar.querySelector("b");
  count.textContent = pluralize(count.dataset.count, ticked.size);
};

const drawFolds = () => {
  for (const button of element.querySelectorAll("[data-action=unfold]")) {
    button.setAttribute("aria-expanded", String(unfolded.has(idOf(button))));
  }
  for (const card of element.querySelectorAll("[data-group]")) {
    card.hidden = !unfolded.has(card.dataset.group);
  }
};

watch("value", () => {
  const next = element.querySelector(".tl-browse")?.dataset.view ?? "";
  const visible = new Set(ticks().map(idOf));
  // Untick pictures that are no longer visible, so that they can't be removed.
  for (const id of ticked) if (next !== view || !visible.has(id)) ticked.delete(id);
  view = next;
  drawTicks();
  drawFolds();
});

const toggle = (ids, id) => ids.delete(id) || ids.add(id);

const open = (card) => {
  trigger("click", { action: "open", ids: [card.dataset.id] });
  element.closest(".tl-tab, .tabitem")?.scrollIntoView({ block: "start" });
};

const remove = async (button) => {
  const opened = button.closest(".tl-picture");
  const cards = [...element.querySelectorAll(".tl-card")].filter((card) => ticked.has(idOf(card)));
  const selected = opened ? [opened] : cards;
  const pictures = selected.map((part) => ({
    id: idOf(part),
    name: part.querySelector("h3, .tl-name").textContent.trim(),
    src: part.querySelector("img").src,
  }));
  const { question, note, keep, remove } = button.dataset;
  const title = pluralize(question, pictures.length);
  if (pictures.length && (await ask({ title, note, keep, remove }, pictures))) {
    trigger("click", { action: "remove", ids: pictures.map(({ id }) => id) });
  }
};

element.addEventListener("change", ({ target }) => {
  if (!target.matches(".tl-tick")) return;
  if (target.checked) ticked.add(idOf(target));
  else ticked.delete(idOf(target));
  drawTicks();
});

element.addEventListener("click", (event) => {
  if (event.target.matches(".tl-tick")) return;
  const button = event.target.closest("button[data-action]");
  const card = event.target.closest(".tl-card");
  const { action } = button?.dataset ?? { action: "open" };
  if (action === "open") {
    if (card) open(card);
  } else if (action === "unfold") {
    toggle(unfolded, idOf(button));
    drawFolds();
  } else if (action === "untick") {
    ticked.clear();
    drawTicks();
  } else if (action === "remove") {
    remove(button);
  } else if (["query", "more", "less"].includes(action)) {
    trigger("select", { action, id: idOf(button) });
  } else if (action === "switch") {
    trigger("input", { name: button.dataset.name });
  } else {
    trigger("click", { action, ids: [idOf(button)] });
  }
});
