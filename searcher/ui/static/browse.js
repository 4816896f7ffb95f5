// Opening a picture, unfolding near-duplicates, and ticking several pictures to label or remove.
// The state is kept by picture id, since Gradio reuses elements for other pictures.
const ticked = new Set();
const unfolded = new Set();
const shelf = () => element.querySelector(".tl-browse")?.dataset ?? {};
let view = shelf().view ?? ""; // the displayed page and filter

const idOf = (part) => part.closest("[data-id]").dataset.id;
const ticks = () => [...element.querySelectorAll(".tl-tick")];

// Toasts lie above the toolbar: its height is --toolbar in the style sheets.
const measured = new ResizeObserver(() => {
  const height = element.querySelector(".tl-marked")?.offsetHeight;
  document.body.style.setProperty("--toolbar", height ? `${height + 12}px` : "0px");
});

const drawTicks = () => {
  for (const tick of ticks()) tick.checked = ticked.has(idOf(tick));
  const page = element.querySelector(".tl-tick-page");
  if (page) page.checked = ticks().every((tick) => tick.checked);
  const toolbar = element.querySelector(".tl-marked");
  if (!toolbar) return;
  measured.disconnect(); // from that of an earlier page, which some browsers keep
  measured.observe(toolbar);
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
  const { view: next = "", chosen = "" } = shelf();
  const listed = chosen.split(" ").filter(Boolean); // also those of other pages
  for (const id of listed) ticked.add(id);
  const visible = new Set([...ticks().map(idOf), ...listed]);
  // Untick pictures that are no longer visible, so that they can't be removed.
  for (const id of ticked) if (next !== view || !visible.has(id)) ticked.delete(id);
  view = next;
  drawTicks();
  drawFolds();
});

const toggle = (ids, id) => ids.delete(id) || ids.add(id);

// panel.js shows the picture.
const open = (card) => card.dispatchEvent(new CustomEvent("tl-hit", { bubbles: true }));

const remove = async (button) => {
  // In the order of the page; then those of other pages, of which the ids are known.
  const cards = [...element.querySelectorAll(".tl-card")].filter((card) => ticked.has(idOf(card)));
  const pictures = cards.map((card) => ({
    id: idOf(card),
    name: card.querySelector(".tl-name").textContent.trim(),
    src: card.querySelector("img").src,
  }));
  const shown = new Set(pictures.map(({ id }) => id));
  for (const id of ticked) {
    if (!shown.has(id)) pictures.push({ id, name: "", src: `twinlens/thumbs/${id}.jpg` });
  }
  const { question, note, keep, remove } = button.dataset;
  const title = pluralize(question, pictures.length);
  if (pictures.length && (await ask({ title, note, keep, remove }, pictures))) {
    trigger("click", { action: "remove", ids: pictures.map(({ id }) => id) });
  }
};

const setLabel = () => {
  const field = element.querySelector(".tl-new-label");
  const label = field.value.trim();
  if (!label) {
    field.focus();
  } else if (ticked.size) {
    trigger("click", { action: "label", ids: [...ticked], label });
    field.value = "";
    ticked.clear();
    drawTicks();
  }
};

element.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches(".tl-new-label")) setLabel();
});

element.addEventListener("change", ({ target }) => {
  if (!target.matches(".tl-tick, .tl-tick-page")) return;
  for (const tick of target.matches(".tl-tick") ? [target] : ticks()) {
    if (target.checked) ticked.add(idOf(tick));
    else ticked.delete(idOf(tick));
  }
  drawTicks();
});

element.addEventListener("click", (event) => {
  if (event.target.closest(".tl-tick-area, .tl-new-label")) return;
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
  } else if (action === "label") {
    setLabel();
  } else if (action === "switch") {
    trigger("input", { name: button.dataset.name });
  } else if (button.closest("[data-id]")) {
    trigger("select", { action, id: idOf(button) });
  }
});
