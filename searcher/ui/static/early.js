// Clicks and entered words come once the page is open; drop.js does the same with files.
const isEarly = ({ target, isTrusted, type, key }) =>
  isTrusted &&
  !isOpened() &&
  target.closest?.("#tabs [role=tabpanel]") &&
  (type === "click" ? target.closest("button, [data-id]") : key === "Enter" && target.value);

const hold = async (event) => {
  if (!isEarly(event)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  await opened;
  event.target.dispatchEvent(new event.constructor(event.type, event));
};
opened.then(() => (document.body.dataset.opened = ""));
for (const type of ["click", "keydown"]) document.addEventListener(type, hold, true);
