// Controls of Gradio: what is typed as a number, lists of models, names of examples, the skip link.
const PAUSE_MS = 800;
const NUMBER = ".gradio-container input[type=number]";

// A typed number counts on Enter and after a pause, not only when its field is left. One that is out
// of range is said, and the nearest that is within counts.
const pauses = new WeakMap();
const settled = new WeakMap(); // values that count already: leaving the field does not search again
const limit = (text, fallback) => (text === "" ? fallback : Number(text));
const keepWithin = (input) => {
  const [low, high] = [limit(input.min, -Infinity), limit(input.max, Infinity)];
  const value = Math.min(high, Math.max(low, input.valueAsNumber));
  if (Number.isNaN(value) || value === input.valueAsNumber) return;
  const digits = new Intl.NumberFormat(document.documentElement.lang || undefined);
  const values = {
    low: digits.format(low),
    high: digits.format(high),
    value: digits.format(value),
  };
  const note = Object.assign(document.createElement("p"), { className: "tl-range", role: "alert" });
  const template = element.querySelector("[data-range]").textContent;
  note.textContent = template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  input.closest(".block").append(note);
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
};
const settle = (input) => {
  clearTimeout(pauses.get(input));
  if (input.value === "" || settled.get(input) === input.value) return;
  keepWithin(input);
  settled.set(input, input.value);
  input.dispatchEvent(new Event("blur")); // what Gradio's sliders wait for
};
const isTyped = ({ target, isTrusted }) => isTrusted && target.matches?.(NUMBER);
document.addEventListener("input", (event) => {
  if (!isTyped(event)) return;
  const { target } = event;
  target.closest(".block").querySelector(".tl-range")?.remove();
  clearTimeout(pauses.get(target));
  settled.delete(target);
  pauses.set(target, setTimeout(settle, PAUSE_MS, target));
});
document.addEventListener("focusin", ({ target }) => {
  if (target.matches?.(NUMBER)) settled.set(target, target.value);
});
document.addEventListener("keydown", (event) => {
  if (isTyped(event) && event.key === "Enter") settle(event.target);
});
document.addEventListener(
  "blur",
  (event) => {
    if (!isTyped(event)) return;
    const { target } = event;
    clearTimeout(pauses.get(target));
    if (settled.get(target) === target.value) event.stopImmediatePropagation();
    else keepWithin(target); // Gradio's own listener is next
  },
  true,
);

// Gradio opens a drop-down anew, with the chosen entry only, on any key that does nothing in it, such
// as the Tab that leaves it.
const LIST_KEYS = "ArrowUp ArrowDown Home End Enter Escape Backspace Delete".split(" ");
window.addEventListener(
  "keydown",
  (event) => {
    const { key, target } = event;
    if (!target.matches?.("input[role=combobox]")) return;
    if (key.length > 1 && !LIST_KEYS.includes(key)) event.stopImmediatePropagation();
  },
  true,
);

// What is cut off in a narrow drop-down is told by its title.
for (const type of ["pointerover", "focusin"]) {
  document.addEventListener(type, ({ target }) => {
    if (!target.matches?.("input[role=combobox]")) return;
    target.title = target.scrollWidth > target.clientWidth ? target.value : "";
  });
}

// Examples are pictures without texts.
const nameExamples = () => {
  const template = element.querySelector("[data-example]")?.textContent ?? "";
  for (const button of document.querySelectorAll("button.gallery-item:not([aria-label])")) {
    const address = button.querySelector("img")?.src;
    if (!address) continue;
    const name = decodeURIComponent(address.split("/").at(-1))
      .replace(/\.\w+$/, "")
      .replaceAll("_", " ");
    button.setAttribute(
      "aria-label",
      template.replace("{name}", () => name),
    );
  }
};
new MutationObserver(nameExamples).observe(document.body, {
  subtree: true,
  childList: true,
  attributeFilter: ["src"],
});

element.addEventListener("click", (event) => {
  if (!event.target.closest(".tl-skip")) return;
  event.preventDefault();
  const panels = [...document.querySelectorAll("#tabs > [role=tabpanel]")];
  const open = panels.find(({ offsetParent }) => offsetParent);
  open?.setAttribute("tabindex", "-1");
  open?.focus();
});

// On narrow screens the inputs of Map and Evaluate are behind a button; narrow.css hides them. The
// results that follow bring the button anew, closed; map.js opens it where nobody asked for them.
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-action=show-controls]");
  if (!button) return;
  const open = button.getAttribute("aria-expanded") !== "true";
  button.setAttribute("aria-expanded", open);
  if (open) button.closest("[role=tabpanel]").scrollIntoView({ block: "start" });
});

// Screen readers find a tab's headings below its name.
const nameTab = () => {
  const open = document.querySelector("#tabs [role=tab][aria-selected=true]");
  const heading = element.querySelector("h2");
  if (open && heading.textContent !== open.textContent) heading.textContent = open.textContent;
};
new MutationObserver(nameTab).observe(document.body, {
  subtree: true,
  attributeFilter: ["aria-selected"],
});

// The open tab's button is scrolled into view, in its line.
document.addEventListener("click", ({ target }) => {
  target.closest?.("#tabs [role=tab]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
});
// It stays there where the window becomes narrower, as when a telephone is turned; the page does not move.
matchMedia("(max-width: 560px)").addEventListener("change", () => {
  const open = document.querySelector("#tabs [role=tab][aria-selected=true]");
  const line = open?.parentElement;
  if (line)
    line.scrollLeft += open.getBoundingClientRect().left - line.getBoundingClientRect().left - 40;
});
