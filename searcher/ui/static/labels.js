// Translates texts that Gradio has in English only: labels for screen readers, toasts, the picture
// boxes, and progress texts. A key that ends with a space is a prefix.
const translations = [...element.querySelectorAll("[data-gradio]")]
  .map((part) => [part.dataset.gradio, part.textContent])
  .filter(([english, translation]) => english !== translation);
const LABELS = ["aria-label", "title"];
const TEXTS = ".toast-title-row, .toast-message-text, .progress-text, .uploading, .tl-query";
const UPLOADING = /^Uploading (\d+)\s+files?\.\.\.$/;
const { uploading } = element.querySelector("[data-uploading]").dataset;

const translate = (text) => {
  const [, count] = text.match(UPLOADING) ?? [];
  if (count) return pluralize(uploading, Number(count));
  const fits = ([key]) => (key.endsWith(" ") ? text.startsWith(key) : text.trim() === key);
  const [key, translation] = translations.find(fits) ?? ["", ""];
  return text.replace(key, () => translation);
};
const translateLabels = (part) => {
  for (const name of LABELS) {
    const text = part.getAttribute(name);
    if (text && translate(text) !== text) part.setAttribute(name, translate(text));
  }
};
const translateText = (node) => {
  if (!node.parentElement?.closest(TEXTS)) return;
  if (translate(node.data) !== node.data) node.data = translate(node.data);
};
const translateAll = (root) => {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node = root; node; node = walker.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) translateText(node);
    else if (node.nodeType === Node.ELEMENT_NODE) translateLabels(node);
  }
};

if (translations.length) {
  new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === "attributes") translateLabels(target);
      else if (type === "characterData") translateText(target);
      for (const node of addedNodes) translateAll(node);
    }
  }).observe(document.body, {
    subtree: true,
    childList: true,
    characterData: true,
    attributeFilter: LABELS,
  });
  translateAll(document.body);
}
