// Messages that Gradio calls toasts, one for each kind, with a count where it has several texts.
const AWAY = "Connection to the server was lost."; // the line of live.js says it

const MARGIN = 16; // pixels beside them

const closeToast = (toast) => toast.querySelector("[data-testid=toast-close]")?.click();

// A text that is on the screen is not shown a second time, in another toast or in the same.
const tidyTexts = (toast, shown) => {
  const texts = [...toast.querySelectorAll("[data-testid=toast-text]")];
  const repeated = new Set();
  for (const part of texts) {
    const text = part.textContent;
    if (shown.has(text) || text.includes(AWAY)) repeated.add(part);
    shown.add(text);
  }
  if (texts.length && repeated.size === texts.length) closeToast(toast);
  for (const part of texts) {
    const item = part.closest(".toast-message-item");
    item.hidden = repeated.has(part);
    const line = item.previousElementSibling;
    if (line?.matches(".toast-separator")) line.hidden = item.hidden;
  }
  const count = toast.querySelector(".toast-count");
  const remaining = texts.length - repeated.size;
  const shownCount = remaining > 1 ? `(${remaining})` : "";
  if (count && count.textContent !== shownCount) count.textContent = shownCount;
};

// Gradio makes a toast's title a button with the button to close it inside, which screen readers can't
// tell.
const tidyTitle = (toast) => {
  for (const name of ["role", "tabindex"]) {
    toast.querySelector(".toast-header")?.removeAttribute(name);
  }
};

// They lie at the end of the window, or at its top where what has the focus is at the end.
const makeWay = () => {
  const wrap = document.querySelector(".toast-wrap");
  const used = document.activeElement;
  if (!wrap) return;
  wrap.removeAttribute("data-up");
  if (!used || used === document.body || wrap.contains(used)) return;
  const [one, other] = [wrap, used].map((part) => part.getBoundingClientRect());
  const isBeside = one.right < other.left || other.right < one.left;
  const isAbove = one.bottom < other.top || other.bottom < one.top;
  const isLow = other.top > one.height + MARGIN;
  wrap.toggleAttribute("data-up", isLow && !isBeside && !isAbove);
};
document.addEventListener("focusin", makeWay);

new MutationObserver(() => {
  makeWay();
  const shown = new Set();
  for (const toast of document.querySelectorAll("[data-testid=toast-body]")) {
    tidyTitle(toast);
    tidyTexts(toast, shown);
  }
}).observe(document.body, { subtree: true, childList: true });
