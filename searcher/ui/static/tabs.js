// The open tab, and waiting for parts of the page that appear later.
// biome-ignore lint/correctness/noUnusedVariables: address.js and drop.js call it
const openTab = () => document.querySelector("#tabs [role=tab][aria-selected=true]")?.dataset.tabId;

// Resolve to what `find` returns once it finds something; to null after `wait` milliseconds, or when it
// is not wanted any more.
// biome-ignore lint/correctness/noUnusedVariables: address.js and drop.js call it
const appear = (find, wait, isWanted = () => true) => {
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
