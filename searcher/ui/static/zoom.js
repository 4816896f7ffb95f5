// A click on a picture of a list, such as a side of a duel, opens it large and uncropped, over the page.
// Arrow keys, buttons and swipes go through the list; Escape and a click beside the picture close.
const SWIPE_PX = 48;

const zoom = (opened) => {
  const words = opened.closest("[data-larger]").dataset;
  const list = [...(opened.closest("ol") ?? opened.parentElement).querySelectorAll(".tl-larger")];
  let place = list.indexOf(opened);
  let start = null;

  const part = (tag, properties, ...children) => {
    const created = Object.assign(document.createElement(tag), properties);
    created.append(...children);
    return created;
  };
  const button = (textContent, title, onclick) => {
    const created = part("button", { type: "button", textContent, title, onclick });
    created.setAttribute("aria-label", title);
    return created;
  };
  const show = (to) => {
    place = Math.min(Math.max(to, 0), list.length - 1);
    const { large, name } = list[place].dataset;
    Object.assign(picture, { src: large, alt: name });
    title.textContent = name;
    previous.disabled = place === 0;
    next.disabled = place === list.length - 1;
    if (document.activeElement?.disabled) dialog.focus();
  };

  const title = part("h2", {});
  const picture = part("img", {});
  const previous = button("‹", words.previous, () => show(place - 1));
  const next = button("›", words.next, () => show(place + 1));
  const close = button("×", words.close, () => dialog.close());
  const steps = list.length > 1 ? [previous, next] : [];
  const bar = part("header", {}, title, ...steps, close);
  const dialog = part("dialog", { className: "tl-zoomed", tabIndex: -1 }, bar, picture);
  dialog.setAttribute("aria-label", words.larger);

  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") show(place - 1);
    else if (event.key === "ArrowRight") show(place + 1);
    else return;
    event.preventDefault();
  });
  dialog.addEventListener("pointerdown", (event) => (start = event));
  dialog.addEventListener("pointerup", (event) => {
    const { clientX, clientY, target } = event;
    const [x, y] = start ? [clientX - start.clientX, clientY - start.clientY] : [0, 0];
    start = null;
    if (Math.abs(x) > SWIPE_PX && Math.abs(x) > 2 * Math.abs(y)) show(place + (x < 0 ? 1 : -1));
    else if (target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    list[place].focus({ preventScroll: true });
  });
  (element.closest(".contain") ?? document.body).append(dialog);
  show(place);
  dialog.showModal();
  dialog.focus();
};

element.addEventListener("click", ({ target }) => {
  const opened = target.closest(".tl-larger");
  if (opened) zoom(opened);
});
