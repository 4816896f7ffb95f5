// The open tab, and waiting for parts of the page that appear later.
const APPEAR_MS = 60_000; // at most; a busy machine may take long
const openTab = () => document.querySelector("#tabs [role=tab][aria-selected=true]")?.dataset.tabId;

// Resolve to what `find` returns once it finds something; to null after `wait` milliseconds, or when it
// is not wanted any more.
const appear = (find, isWanted = () => true, wait = APPEAR_MS) => {
  const end = performance.now() + wait;
  return new Promise((resolve) => {
    const look = () => {
      const part = isWanted() && find();
      if (part || !isWanted() || performance.now() > end) resolve(part || null);
      else setTimeout(look, 30);
    };
    look();
  });
};

// Open a tab; resolves as `appear` does. Gradio forgets clicks until its tabs are complete, which they
// are with the page's first answer.
// biome-ignore lint/correctness/noUnusedVariables: address.js, drop.js and tour.js call it
const selectTab = (name, isWanted) =>
  appear(() => {
    if (openTab() !== name)
      document.querySelector(`#tabs [role=tab][data-tab-id="${name}"]`)?.click();
    return "ready" in document.body.dataset && openTab() === name;
  }, isWanted);
