// What screen readers tell of changes, from one live region that stays. They tell what changes within a
// region that was there before, but Gradio draws its HTML, with the regions in it, anew each time.
// Gradio tells with .sr-only that it loads.
const OTHERS = "[role=status]:not(#tl-spoken, .sr-only)";
const SETTLE_MS = 150; // several parts of the page change together
const spoken = element.querySelector("#tl-spoken"); // in what is never drawn anew

const contents = new WeakMap(); // of regions, as last looked at
const texts = new Map(); // that were shown last, by the place of a region
const waiting = new Set();
const speak = () => {
  spoken.textContent = [...waiting].join(" ");
  waiting.clear();
};
const queue = (text) => {
  if (text && !waiting.size) setTimeout(speak, SETTLE_MS);
  if (text) waiting.add(text);
};

const placeOf = (part) => {
  const box = part.closest("[id]");
  const others = [...(box?.querySelectorAll(OTHERS) ?? [])];
  return `${box?.id} ${others.indexOf(part)}`;
};
// Without what is folded or pops up, and of a toast what toasts.js leaves of its texts.
const shownIn = (part) => {
  const texts = [...part.querySelectorAll("[data-testid=toast-text]")];
  if (texts.length) {
    return texts
      .filter((text) => text.checkVisibility())
      .map((text) => text.textContent)
      .join(" ");
  }
  // biome-ignore lint/performance/useDomNodeTextContent: textContent has what is hidden, too
  return part.innerText.trim().replace(/\s+/g, " ");
};
// What was there when the page opened is no change.
const listen = () => {
  for (const part of document.querySelectorAll(OTHERS)) {
    part.ariaLive = "off"; // or some would tell it twice
    if (contents.get(part) === part.textContent || !part.checkVisibility()) continue;
    contents.set(part, part.textContent);
    const text = shownIn(part);
    const place = placeOf(part);
    if (isOpened() && texts.get(place) !== text) queue(text);
    texts.set(place, text);
  }
};
const isSpoken = ({ target }) => spoken.contains(target);
new MutationObserver((changes) => {
  if (!changes.every(isSpoken)) listen();
}).observe(document.body, { subtree: true, childList: true, characterData: true });

document.addEventListener("tl-say", ({ detail }) => queue(detail)); // of jobs.js
