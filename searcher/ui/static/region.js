// The region of the query's picture: drawn over the picture box of the tab, where it stays with handles
// and the outside dimmed. A mouse or pen draws at once. A finger draws sideways, or in any direction once
// it was held, so that a swipe up or down still scrolls the page.
const START = [0.25, 0.25, 0.75, 0.75]; // where the keyboard begins
const STEP = 0.02; // of an arrow key
const CLICK_PX = 6; // a shorter way is a click
const HOLD_MS = 300;
const PAUSE_MS = 700; // after the last key, before it searches
const ARROWS = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};
const COARSE = matchMedia("(pointer: coarse)");
const HANDLES = ["n", "e", "s", "w", "nw", "ne", "se", "sw"]; // corners lie above sides

const column = element.closest(".column");
const tab = element.closest(".tl-tab");
const frame = () => column.querySelector(".tl-query");
const picture = () => frame()?.querySelector("img:not(.tl-unshown)");
const chip = () => tab.querySelector("[data-file]"); // of the picture in the box, in the bar
const words = () => element.querySelector(".tl-region");
const piece = (name, tag = "div") =>
  Object.assign(document.createElement(tag), { className: `tl-region-${name}` });

const layer = piece("layer");
const marked = piece("box");
const news = piece("news", "output");
let box = null;
let searched = null; // the box of the results
let source; // the address of the picture
let known; // the picture and region that the bar told of last
let gesture = null; // of a pointer that is down
let timer; // of the keyboard's pause
let reader; // of what screen readers are told

layer.tabIndex = 0;
layer.setAttribute("role", "application");
marked.dataset.handle = "move";
layer.append(
  marked,
  ...HANDLES.map((name) => {
    const handle = piece("handle", "span");
    handle.dataset.handle = name;
    return handle;
  }),
);

const nameOf = (address) => {
  const name = address?.split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
};

const percent = (share) =>
  new Intl.NumberFormat(document.documentElement.lang || undefined, {
    style: "percent",
    maximumFractionDigits: 0,
  }).format(share);

const spoken = () => {
  const { whole, part } = words().dataset;
  if (!box) return whole;
  const [left, top, right, bottom] = box;
  const values = { left, top, width: right - left, height: bottom - top };
  return part.replace(/\{(\w+)\}/g, (_, name) => percent(values[name]));
};

const show = () => {
  layer.classList.toggle("tl-has-box", Boolean(box));
  if (!words()) return;
  layer.setAttribute("aria-label", spoken());
  layer.setAttribute("aria-description", words().dataset.keys);
  words().classList.toggle("tl-has-box", Boolean(box));
  if (!box) return;
  const [left, top, right, bottom] = box;
  for (const [name, share] of Object.entries({ left, top, right, bottom })) {
    layer.style.setProperty(`--${name}`, `${share * 100}%`);
  }
  // In a small region the handles of the sides leave room to move it; its corners size it.
  const least = 2.5 * (COARSE.matches ? 44 : 24);
  layer.classList.toggle("tl-narrow", (right - left) * layer.clientWidth < least);
  layer.classList.toggle("tl-short", (bottom - top) * layer.clientHeight < least);
  const share = percent((right - left) * (bottom - top));
  const text = words().dataset.share.replace("{share}", share);
  const line = words().querySelector(".tl-region-share");
  if (line.textContent !== text) line.textContent = text; // the observer below sees changes
};

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const search = () => {
  clearTimeout(timer);
  timer = undefined;
  if (same(box, searched)) return;
  searched = box;
  trigger("click", box ? { action: "box", box } : { action: "whole" });
};

const change = (value) => {
  box = value;
  show();
  clearTimeout(reader);
  reader = setTimeout(() => (news.textContent = spoken()), PAUSE_MS / 2);
};

const end = (value) => {
  clearTimeout(gesture.hold);
  gesture = null;
  layer.classList.remove("tl-held");
  change(value);
};

// Put the layer over the picture, wherever it lies by now, once the bar tells of the same picture.
const place = () => {
  const image = picture();
  if (image?.src !== source) {
    source = image?.src;
    clearTimeout(timer);
    [timer, gesture, box, searched] = [undefined, null, null, null];
  }
  const { file, box: stored = "" } = chip()?.dataset ?? {};
  const isShown = Boolean(image?.naturalWidth && words() && file === nameOf(source));
  layer.hidden = !isShown;
  if (!isShown) {
    show();
    return;
  }
  if (layer.parentElement !== frame()) frame().append(layer, news);
  for (const [side, value] of Object.entries(imageArea(image, frame()))) {
    layer.style[side] = `${value}px`;
  }
  if (known !== `${source} ${stored}` && !gesture && timer === undefined) {
    known = `${source} ${stored}`;
    searched = box = stored ? stored.split(" ").map(Number) : null;
  }
  show();
};

const changes = { subtree: true, childList: true, attributeFilter: ["src"] };
new MutationObserver(place).observe(column, changes);
tab.addEventListener("tl-state", place); // of the bar
new ResizeObserver(place).observe(column);
column.addEventListener("load", place, true);
document.addEventListener("fullscreenchange", place);
watch("value", place);

const at = ({ clientX, clientY }) => {
  const area = layer.getBoundingClientRect();
  return [(clientX - area.left) / area.width, (clientY - area.top) / area.height];
};

layer.addEventListener("pointerdown", (event) => {
  if (event.button !== 0 || !event.isPrimary || gesture) return;
  const { handle = "draw" } = event.target.dataset;
  const hold = setTimeout(() => {
    if (!gesture || event.pointerType !== "touch") return;
    gesture.isHeld = true;
    layer.classList.add("tl-held");
  }, HOLD_MS);
  const { clientX, clientY } = event;
  gesture = {
    handle,
    start: at(event),
    from: box,
    hold,
    clientX,
    clientY,
    isTouch: event.pointerType === "touch",
  };
  layer.setPointerCapture(event.pointerId);
});

layer.addEventListener("pointermove", (event) => {
  if (!gesture) return;
  const { handle, start, from } = gesture;
  const [x, y] = [event.clientX - gesture.clientX, event.clientY - gesture.clientY];
  if (!gesture.isMoved && Math.hypot(x, y) < CLICK_PX) return;
  const mayScroll = gesture.isTouch && !gesture.isHeld && ["draw", "move"].includes(handle);
  if (!gesture.isMoved && mayScroll && Math.abs(y) >= Math.abs(x)) {
    end(from);
    return;
  }
  gesture.isMoved = true;
  const now = at(event);
  const by = [now[0] - start[0], now[1] - start[1]];
  if (handle === "draw") change(between(start, now));
  else if (handle === "move") change(moved(from, ...by));
  else change(sized(from, handle, ...by));
});

layer.addEventListener("pointerup", () => {
  if (!gesture) return;
  const { isMoved, from } = gesture;
  end(isMoved ? grown(box) : from);
  if (isMoved) search();
});
layer.addEventListener("pointercancel", () => gesture && end(gesture.from)); // the page scrolls

// Without this the page would scroll away under a finger that draws.
layer.addEventListener(
  "touchmove",
  (event) => {
    if ((gesture?.isHeld || gesture?.isMoved) && event.cancelable) event.preventDefault();
  },
  { passive: false },
);
layer.addEventListener("contextmenu", (event) => gesture?.isTouch && event.preventDefault());

const remove = () => {
  change(null);
  search();
};

layer.addEventListener("keydown", (event) => {
  const { key, shiftKey, ctrlKey, altKey, metaKey } = event;
  if (ctrlKey || altKey || metaKey) return;
  const by = ARROWS[key];
  if (key === "Enter" || by) {
    event.preventDefault();
    if (!box) change(START);
    else if (by) change(shiftKey ? grown(sized(box, "se", ...by)) : moved(box, ...by));
    clearTimeout(timer);
    if (by) timer = setTimeout(search, PAUSE_MS);
    else search();
  }
  if (key === "Escape" && gesture) end(gesture.from);
  else if (["Escape", "Delete", "Backspace"].includes(key) && box) remove();
  else return;
  event.preventDefault();
  event.stopPropagation();
});
layer.addEventListener("blur", () => timer !== undefined && search());

element.addEventListener("click", ({ target }) => {
  if (!target.closest("button[data-action=whole]")) return;
  remove();
  layer.focus({ preventScroll: true });
});
place();
