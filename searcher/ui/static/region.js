// Marking a region of the query picture: drag on it, or use the arrow keys.
const STEP = 0.05;
const query = () => element.closest(".tl-tab").querySelector(".tl-query img");
const button = () => element.querySelector("[data-action=mark]");
const within = (value) => Math.min(1, Math.max(0, value));

// Return the area of the picture in its element, which may be wider or higher.
const imageArea = (image) => {
  const scale = Math.min(
    image.clientWidth / image.naturalWidth,
    image.clientHeight / image.naturalHeight,
    getComputedStyle(image).objectFit === "scale-down" ? 1 : Infinity,
  );
  const [width, height] = [image.naturalWidth * scale, image.naturalHeight * scale];
  return {
    left: image.offsetLeft + (image.clientWidth - width) / 2,
    top: image.offsetTop + (image.clientHeight - height) / 2,
    width,
    height,
  };
};

const unmark = () => {
  query()?.parentElement.querySelector(".tl-marking")?.remove();
  button()?.setAttribute("aria-pressed", "false");
};

const mark = () => {
  const image = query();
  if (!image?.naturalWidth) return;
  const layer = document.createElement("div");
  let box = (element.querySelector(".tl-region").dataset.box ?? "0.25 0.25 0.75 0.75")
    .split(" ")
    .map(Number);
  let start = null;
  layer.className = "tl-marking";
  layer.tabIndex = 0;
  layer.setAttribute("role", "group");
  layer.setAttribute("aria-label", button().dataset.help);
  for (const [side, value] of Object.entries(imageArea(image))) layer.style[side] = `${value}px`;
  const draw = () => {
    const [left, top, right, bottom] = box.map((share) => share * 100);
    layer.style.setProperty("--left", `${left}%`);
    layer.style.setProperty("--top", `${top}%`);
    layer.style.setProperty("--right", `${100 - right}%`);
    layer.style.setProperty("--bottom", `${100 - bottom}%`);
  };
  const search = () => {
    unmark();
    trigger("click", { action: "box", box });
  };
  const at = (event) => {
    const area = layer.getBoundingClientRect();
    const x = (event.clientX - area.left) / area.width;
    const y = (event.clientY - area.top) / area.height;
    return [within(x), within(y)];
  };

  layer.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    layer.setPointerCapture(event.pointerId);
    start = at(event);
  });
  layer.addEventListener("pointermove", (event) => {
    if (!start) return;
    const now = at(event);
    box = [0, 1].map((i) => Math.min(start[i], now[i]));
    box.push(...[0, 1].map((i) => Math.max(start[i], now[i])));
    draw();
  });
  layer.addEventListener("pointerup", () => {
    start = null;
    if (box[2] - box[0] > 0.02 && box[3] - box[1] > 0.02) search();
  });
  layer.addEventListener("keydown", (event) => {
    const direction = {
      ArrowLeft: [-STEP, 0],
      ArrowRight: [STEP, 0],
      ArrowUp: [0, -STEP],
      ArrowDown: [0, STEP],
    }[event.key];
    if (event.key === "Enter") search();
    if (event.key === "Escape") {
      unmark();
      button().focus();
    }
    if (!direction) return;
    event.preventDefault();
    for (const i of [0, 1]) {
      if (event.shiftKey) {
        box[i + 2] = within(Math.max(box[i] + STEP, box[i + 2] + direction[i]));
      } else {
        const distance = Math.min(1 - box[i + 2], Math.max(-box[i], direction[i]));
        box[i] += distance;
        box[i + 2] += distance;
      }
    }
    draw();
  });

  draw();
  image.addEventListener("load", unmark, { once: true });
  image.parentElement.style.position = "relative";
  image.parentElement.append(layer);
  button().setAttribute("aria-pressed", "true");
  layer.focus();
};

element.addEventListener("click", (event) => {
  const { action } = event.target.closest("button[data-action]")?.dataset ?? {};
  if (action === "whole") trigger("click", { action });
  if (action !== "mark") return;
  if (button().getAttribute("aria-pressed") === "true") unmark();
  else mark();
});
