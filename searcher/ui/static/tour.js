// The tour: a card beside what each step explains, on narrow screens a sheet at the bottom. It opens by
// itself on the first visit, once the example's comparison is there, and by the footer's button.
const KEY = "twinlens-tour"; // in localStorage: that the tour was dismissed
const SHEET = matchMedia("(max-width: 560px)");
const GAP_PX = 14;
const LEAST_PX = 160; // of what is explained, that must be visible; else the page scrolls to it
const OPENING_PX = 60; // the same when the page opens with the tour
const OWN = ["__theme", "view"]; // parameters of the address that are no query

const keys = [...new URL(location).searchParams.keys()];
const hasQuery = keys.some((key) => !OWN.includes(key)); // before the page changes its address
let opener = null;
let index = 0;
let isDrawing = false; // in the next frame
let query; // that the tour explains
let clicks = 0; // of the visitor
let isBusy = false; // whether the visitor does something else

const one = (selector) => element.querySelector(selector);
const card = () => one(".tl-tour");
const isOpen = () => Boolean(card() && !card().hidden);
const tabButton = () => document.querySelector('#tabs [role=tab][data-tab-id="compare"]');
const isSelected = () => tabButton()?.getAttribute("aria-selected") === "true";

// Without storage, as in some frames, the tour would come each time.
const wasDismissed = () => {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return true;
  }
};
const remember = () => {
  try {
    localStorage.setItem(KEY, "dismissed");
  } catch {}
};

const queryOf = () => document.querySelector("#compare-query [data-link]")?.dataset.link;

// Return the parts of the page that a step explains, as far as they are shown.
const partsOf = (step) => {
  const found = [...document.querySelectorAll(step.dataset.at)].filter((part) => part.offsetParent);
  return "first" in step.dataset ? found.slice(0, 1) : found;
};
const steps = () =>
  [...element.querySelectorAll("[data-step]")].filter((one) => partsOf(one).length);

// Return the height of the strip that stays at the top on narrow screens; 0 if it has the parts.
const stripOver = (parts) => {
  const strip = document.querySelector("#compare-query");
  const stays = strip && getComputedStyle(strip).position === "sticky" && !strip.contains(parts[0]);
  return stays ? strip.offsetHeight : 0;
};

// Return the smallest area around parts, as far as the window shows them at `height`.
const around = (parts, height = Infinity) => {
  const areas = parts.map((part) => part.getBoundingClientRect());
  const top = Math.min(...areas.map((area) => area.top));
  const bottom = Math.max(...areas.map((area) => area.bottom));
  return {
    left: Math.max(4, Math.min(...areas.map((area) => area.left))),
    top: height === Infinity ? top : Math.max(stripOver(parts) + 4, top),
    right: Math.min(innerWidth - 4, Math.max(...areas.map((area) => area.right))),
    bottom: Math.min(height - 4, bottom),
  };
};

// Return where the card fits without covering an area: above, right, left, below, else in a corner.
const placeFor = (area, { width, height }, side) => {
  const left = side === "end" ? area.right - width : area.left;
  const x = Math.min(Math.max(GAP_PX, left), innerWidth - width - GAP_PX);
  const y = Math.min(Math.max(GAP_PX, area.top), innerHeight - height - GAP_PX);
  const above = [x, area.top - height - GAP_PX];
  const places = [
    ...(side === "beside" ? [] : [above]),
    [area.right + GAP_PX, y],
    [area.left - width - GAP_PX, y],
    [x, area.bottom + GAP_PX],
    above,
  ];
  const fits = ([x, y]) => x >= 0 && y >= 0 && x + width <= innerWidth && y + height <= innerHeight;
  return places.find(fits) ?? [innerWidth - width - GAP_PX, innerHeight - height - GAP_PX];
};

const room = () => (SHEET.matches ? innerHeight - card().offsetHeight - GAP_PX : innerHeight);

const draw = () => {
  isDrawing = false;
  if (!isOpen()) return;
  const step = steps()[index];
  if (!step || !isSelected() || queryOf() !== query) {
    close();
    return;
  }
  const area = around(partsOf(step), room());
  const ring = one(".tl-tour-ring");
  ring.hidden = area.bottom - area.top < 20;
  Object.assign(ring.style, {
    transform: `translate(${area.left - 4}px, ${area.top - 4}px)`, // no layout shift, other than top
    width: `${area.right - area.left + 8}px`,
    height: `${area.bottom - area.top + 8}px`,
  });
  const [left, top] = placeFor(area, card().getBoundingClientRect(), step.dataset.side);
  card().style.transform = SHEET.matches ? "" : `translate(${left}px, ${top}px)`;
};
const redraw = () => {
  if (isDrawing || !isOpen()) return;
  isDrawing = true;
  requestAnimationFrame(draw);
};

// Scroll until enough of what is explained is visible, with room for the card above it. A page that
// opens with the tour stays where it is if some of it is.
const reveal = (parts, isOpening) => {
  const whole = around(parts);
  const shown = around(parts, room());
  // A sheet covers what it does not scroll to.
  const enough = SHEET.matches ? room() - stripOver(parts) - 2 * GAP_PX : LEAST_PX;
  const least = isOpening ? OPENING_PX : enough;
  if (shown.bottom - shown.top >= Math.min(least, whole.bottom - whole.top)) return;
  const above = SHEET.matches ? 0 : card().offsetHeight + GAP_PX;
  scrollBy({ top: whole.top - above - stripOver(parts) - GAP_PX, behavior: "instant" });
};

const go = (to, isOpening = false) => {
  const all = steps();
  index = Math.min(Math.max(0, to), all.length - 1);
  for (const step of element.querySelectorAll("[data-step]")) {
    const isThis = step === all[index];
    step.hidden = !isThis;
    step.querySelector("h2").id = isThis ? "tour-title" : "";
    step.querySelector("p").id = isThis ? "tour-words" : "";
  }
  const words = one("[data-of]");
  words.textContent = words.dataset.of.replace("{step}", index + 1).replace("{count}", all.length);
  const isLast = index === all.length - 1;
  const gone = { back: index === 0, next: isLast, done: !isLast, skip: isLast };
  const focused = document.activeElement;
  for (const [name, isGone] of Object.entries(gone)) one(`[data-do=${name}]`).hidden = isGone;
  if (focused?.hidden) one("[data-do]:is([data-do=next], [data-do=done]):not([hidden])").focus();
  reveal(partsOf(all[index]), isOpening);
  draw();
};

const open = (by = null) => {
  if (!card() || !steps().length) return;
  opener = by;
  query = queryOf();
  card().hidden = false;
  go(0, !by);
  // Someone who types already keeps the focus.
  if (by || document.activeElement === document.body) card().focus({ preventScroll: true });
};

const close = () => {
  if (!isOpen()) return;
  const hadFocus = card().contains(document.activeElement);
  card().hidden = true;
  one(".tl-tour-ring").hidden = true;
  remember();
  if (hadFocus) (opener ?? tabButton())?.focus({ preventScroll: true });
};

element.addEventListener("click", ({ target }) => {
  const name = target.closest("[data-do]")?.dataset.do;
  if (name === "back" || name === "next") go(index + (name === "next" ? 1 : -1));
  else if (name) close();
});

document.addEventListener("click", async ({ target, isTrusted }) => {
  if (isTrusted) clicks += 1;
  const button = target.closest?.("[data-action=tour]");
  if (!button) return;
  const number = clicks;
  const isWanted = () => clicks === number;
  await opened; // the first answer would end the tour
  await selectTab("compare", isWanted);
  if (await appear(() => isSelected() && steps().length, isWanted)) open(button);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]"))
    return;
  close();
});
for (const type of ["scroll", "resize"]) {
  window.addEventListener(type, redraw, { passive: true, capture: true });
}
new ResizeObserver(redraw).observe(document.body);
new MutationObserver(redraw).observe(document.body, { subtree: true, childList: true });
document.querySelector("#tabs")?.addEventListener("click", redraw);

// On the first visit the tour waits for the example, as the first answer shows it, unless the visitor
// has begun with something.
const isReady = () =>
  isSelected() && document.querySelector("#compare-result .tl-side .tl-card")?.offsetParent;
const openOnce = () => {
  if (isBusy) wait.disconnect();
  else if (isReady() && card()) {
    wait.disconnect();
    open();
  }
};
const wait = new MutationObserver(openOnce);
if (!hasQuery && !wasDismissed()) {
  opened.then(() => {
    wait.observe(document.body, { subtree: true, childList: true });
    openOnce();
  });
  for (const type of ["pointerdown", "keydown", "drop"]) {
    window.addEventListener(type, () => (isBusy = true), { capture: true, once: true });
  }
}
