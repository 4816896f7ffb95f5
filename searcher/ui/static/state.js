// Announces the state that this component shows, which address.js puts into the page's address.
const announce = () => {
  const shown = element.querySelector("[data-link]");
  if (!shown) return;
  const { link, settles, part } = shown.dataset;
  const detail = { link, settles: settles !== undefined, part };
  element.dispatchEvent(new CustomEvent("tl-state", { detail, bubbles: true }));
};
watch("value", announce);
announce(); // where the tab was not open yet
