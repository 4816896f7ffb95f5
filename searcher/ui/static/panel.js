// A picture opens beside the results: a panel, on narrow screens a sheet. Cards announce themselves with
// the event "tl-hit". The server's HTML is copied into a dialog outside of what Gradio redraws.
const SHEET = matchMedia("(max-width: 560px)");
const PARTS = ".tl-card[data-id], .tl-slope-line, .tl-slope-end"; // that show one picture
const SWIPE_PX = 48;
const GAP_PX = 12; // between the panel and the card
const PAUSE_MS = 150; // between questions to the server while an arrow key is held

const tab = element.closest(".tl-tab, .tabitem");
let dialog = null;
let current = null; // the id of the picture
let list = null; // the cards among which the previous and the next one are
let asked = 0; // when the server was last asked, in milliseconds
let timer;
let touch = null;

const one = (selector) => dialog.querySelector(selector);
const cards = () =>
  [...(list?.querySelectorAll(".tl-card[data-id]") ?? [])].filter((card) => card.offsetParent);
const place = () => cards().findIndex((card) => card.dataset.id === current);
const openerOf = (card) => card?.querySelector(".tl-open") ?? card;

const mark = () => {
  for (const part of tab.querySelectorAll(PARTS)) {
    const same = part.dataset.id === current;
    part.classList.toggle("tl-selected", same);
    if (!part.matches(".tl-card")) continue;
    if (same) part.setAttribute("aria-current", "true");
    else part.removeAttribute("aria-current");
  }
};

// Copy what the server has rendered; the buttons of the bar stay, so that no click is lost.
const fill = () => {
  const body = element.querySelector(".tl-panel-body");
  one(".tl-panel-body").replaceWith(body.cloneNode(true));
  one("h2").textContent = body.dataset.name;
  dialog.setAttribute("aria-busy", String("pending" in body.dataset));
};

const open = () => {
  asked = performance.now();
  trigger("click", { action: "open", ids: [current] });
};
const explain = () => {
  dialog.setAttribute("aria-busy", "true");
  trigger("input", { id: current });
};

// address.js puts the opened picture into the page's address.
const report = (detail) => document.dispatchEvent(new CustomEvent("tl-panel", { detail }));

const show = (card, isWhy = false, isNext = false) => {
  current = card.dataset.id;
  dialog.setAttribute("aria-busy", "true");
  const name = card.querySelector(".tl-name").textContent.trim();
  one("h2").textContent = name;
  Object.assign(one(".tl-panel-hit img"), { src: card.querySelector("img").src, alt: name });
  one(".tl-panel-hit").hidden = false;
  const index = place();
  one("[data-action=previous]").disabled = index <= 0;
  one("[data-action=next]").disabled = index < 0 || index >= cards().length - 1;
  mark();
  report({ id: current, isNext });
  if (element.querySelector(".tl-panel-body").dataset.id === current) fill();
  clearTimeout(timer);
  const pause = Math.max(0, asked + PAUSE_MS - performance.now());
  if (isWhy) explain();
  else if (pause) timer = setTimeout(open, pause);
  else open();
};

const step = (by) => {
  const card = cards()[place() + by];
  if (place() < 0 || !card) return;
  card.scrollIntoView({ block: "nearest" });
  show(card, false, true);
};

const close = (goesOn = false) => {
  if (!dialog?.open) return;
  report({ id: "", goesOn });
  dialog.close();
};
const onClose = () => {
  clearTimeout(timer);
  const card = cards()[place()];
  current = null;
  mark();
  openerOf(card)?.focus({ preventScroll: true });
};

const remove = async (button) => {
  const id = current;
  const { question, note, keep, remove } = button.dataset;
  const title = pluralize(question, 1);
  const picture = { name: one("h2").textContent, src: one(".tl-panel-hit img").src };
  if (await ask({ title, note, keep, remove }, [picture])) {
    trigger("click", { action: "remove", ids: [id] });
  }
};

const act = (button) => {
  const { action } = button.dataset;
  if (action === "close") close();
  else if (action === "previous") step(-1);
  else if (action === "next") step(1);
  else if (action === "copy") copyLink(button, one("[role=status]"));
  else if (action === "remove") remove(button);
  else if (action === "why") explain();
  else {
    trigger("select", { action, id: current });
    const results = list;
    close(true); // the search that follows is one step with closing
    results?.closest(".block")?.scrollIntoView({ block: "start" });
  }
};

const build = () => {
  dialog = Object.assign(document.createElement("dialog"), { className: "tl-panel", tabIndex: -1 });
  dialog.append(...element.querySelector(".tl-panel-frame").cloneNode(true).childNodes);
  one("h2").id = `tl-panel-${document.querySelectorAll("dialog").length}`;
  dialog.setAttribute("aria-labelledby", one("h2").id);
  dialog.addEventListener("close", onClose);
  dialog.addEventListener("cancel", () => report({ id: "" })); // by the browser: Escape in a sheet
  dialog.addEventListener("click", ({ target }) => {
    const button = target.closest("button[data-action]");
    if (button) act(button);
  });
  dialog.addEventListener("pointerdown", (event) => {
    touch = event.pointerType === "touch" && event.isPrimary ? event : null;
  });
  dialog.addEventListener("pointerup", ({ clientX, clientY }) => {
    const [x, y] = touch ? [clientX - touch.clientX, clientY - touch.clientY] : [0, 0];
    touch = null;
    if (Math.abs(x) > SWIPE_PX && Math.abs(x) > 2 * Math.abs(y)) step(x < 0 ? 1 : -1);
  });
  (element.closest(".contain") ?? document.body).append(dialog);
};

tab.addEventListener("tl-hit", ({ target, detail }) => {
  const { id } = target.closest("[data-id]").dataset;
  // The end of a line in a chart has no list: that of the first card is taken.
  const card = target.closest(".tl-card") ?? tab.querySelector(`.tl-card[data-id="${id}"]`);
  if (!card) return;
  if (!dialog) build();
  list = card.closest(".tl-cards");
  if (!dialog.open) {
    // Beside the card, not over it, where there is room.
    const { left, right } = card.getBoundingClientRect();
    const free = innerWidth - right;
    dialog.classList.toggle("tl-panel-left", left > free);
    dialog.style.setProperty("--free", `${Math.max(left, free) - GAP_PX}px`);
    if (SHEET.matches) dialog.showModal();
    else dialog.show();
  }
  show(card, detail?.why);
  dialog.focus({ preventScroll: true });
});

document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (!dialog?.open || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey)
    return;
  const inside = dialog.contains(target) || target === document.body || target.closest(PARTS);
  if (!inside || target.matches("input, select, textarea")) return;
  if (key === "Escape") close();
  else if (key === "ArrowLeft") step(-1);
  else if (key === "ArrowRight") step(1);
  else return;
  event.preventDefault();
});

// The address names a picture, or none.
document.addEventListener("tl-show", ({ detail }) => {
  const card =
    tab.offsetParent && detail.id && tab.querySelector(`.tl-card[data-id="${detail.id}"]`);
  if (!card) return close();
  detail.found = true;
  if (detail.id !== current) card.dispatchEvent(new CustomEvent("tl-hit", { bubbles: true }));
});

// Another tab has other hits.
document.addEventListener("click", ({ target }) => {
  if (target.closest("[role=tab]")) close();
});

watch("value", () => {
  if (!dialog?.open) return;
  const { id } = element.querySelector(".tl-panel-body")?.dataset ?? {};
  if (!id)
    close(); // there are other results now
  else if (id === current) fill();
});

// The same query was answered anew, as for more hits: what is open stays open if it is still there.
const keep = () => {
  if (!dialog?.open) return;
  const found = [...tab.querySelectorAll(`.tl-card[data-id="${current}"]`)];
  const card = found.find((card) => list?.contains(card)) ?? found[0];
  if (!card) return close();
  if (card.matches(".tl-selected") && list?.contains(card)) return;
  list = card.closest(".tl-cards");
  show(card);
};
const changes = { childList: true, subtree: true, attributeFilter: ["class", "data-id"] };
new MutationObserver(keep).observe(tab, changes);
