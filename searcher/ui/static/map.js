// The maps: dots coloured by label, the picture at the pointer on every map, zoom, keys, legend.
const REACH = 16; // pixels between pointer and dot at which it is still selected
const MARGIN = 14; // pixels
const ZOOM = 1.6;
const DEEPEST = 40;
const TURN = 137.508; // degrees between the hues of consecutive labels: the golden angle

const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
let stop = () => {};

// Canvas coordinates of a position in the unit square, and the pixels of one unit.
const onScreen = (view, [x, y]) => {
  const { clientWidth: width, clientHeight: height } = view.canvas;
  const unit = (Math.min(width, height) - 2 * MARGIN) * view.scale;
  return [width / 2 + (x - view.x) * unit, height / 2 - (y - view.y) * unit, unit];
};

// The cost of moving to a point in a direction: sideways distance counts twice; infinite behind.
const costAhead = ([fromX, fromY], [x, y], [dx, dy]) => {
  const ahead = (x - fromX) * dx + (y - fromY) * dy;
  const aside = Math.abs((x - fromX) * dy) + Math.abs((y - fromY) * dx);
  return ahead > 0 ? ahead + 2 * aside : Infinity;
};

const start = (root) => {
  const { labels, pictures, positions } = JSON.parse(root.querySelector(".tl-data").textContent);
  const views = [...root.querySelectorAll(".tl-map")].map((map, at) => ({
    map,
    canvas: map.querySelector("canvas"),
    figure: map.querySelector("figure"),
    positions: positions[at],
    scale: 1,
    x: 0.5, // the centre of the visible part
    y: 0.5,
  }));
  // Gradio may draw the next maps in the same elements, so listeners are removed first.
  const life = new AbortController();
  const listen = (to, kind, action) => to.addEventListener(kind, action, { signal: life.signal });
  const buttons = [...root.querySelectorAll("[data-label]")];
  let [current, only] = [null, null]; // indices of a picture and of a label

  const idOf = (picture) => picture[0].split(/[/.]/)[1];
  const lightness = () => (document.body.classList.contains("dark") ? 66 : 42);
  const colour = (label) => `hsl(${(label * TURN + 215) % 360} 62% ${lightness()}%)`;

  const radiusOf = (view) =>
    Math.min(7, (pictures.length > 1000 ? 2.5 : 4.5) * Math.sqrt(view.scale));

  // All dots are cached on a separate canvas: only the marked one changes with the pointer.
  const drawDots = (view) => {
    const { clientWidth: width, clientHeight: height } = view.canvas;
    const dots = document.createElement("canvas");
    dots.width = width * devicePixelRatio;
    dots.height = height * devicePixelRatio;
    const pen = dots.getContext("2d");
    pen.scale(devicePixelRatio, devicePixelRatio);
    const radius = radiusOf(view);
    const paths = labels.map(() => new Path2D());
    view.positions.forEach((position, number) => {
      if (!position) return;
      const [x, y] = onScreen(view, position);
      if (x < -radius || y < -radius || x > width + radius || y > height + radius) return;
      const path = paths[pictures[number][2]];
      path.moveTo(x + radius, y);
      path.arc(x, y, radius, 0, 2 * Math.PI);
    });
    paths.forEach((path, label) => {
      pen.globalAlpha = only === null ? 0.8 : label === only ? 1 : 0.08;
      pen.fillStyle = colour(label);
      pen.fill(path);
    });
    return dots;
  };

  const draw = (view) => {
    const { canvas } = view;
    const { clientWidth: width, clientHeight: height } = canvas;
    if (!width || !height) return; // the tab is not open
    view.dots ??= drawDots(view);
    canvas.width = view.dots.width; // clears the canvas
    canvas.height = view.dots.height;
    canvas.style.touchAction = view.scale > 1 ? "none" : "pan-y";
    const pen = canvas.getContext("2d");
    pen.drawImage(view.dots, 0, 0);
    pen.scale(devicePixelRatio, devicePixelRatio);
    const position = current !== null && view.positions[current];
    view.figure.hidden = !position;
    if (!position) return;
    const [x, y] = onScreen(view, position);
    pen.beginPath();
    pen.arc(x, y, radiusOf(view) + 4, 0, 2 * Math.PI);
    pen.lineWidth = 3;
    pen.strokeStyle = getComputedStyle(canvas).color;
    pen.fillStyle = colour(pictures[current][2]);
    pen.fill();
    pen.stroke();
    view.figure.style.left = `${Math.min(Math.max(x, 90), width - 90)}px`;
    view.figure.style.top = `${y}px`;
    view.figure.classList.toggle("tl-below", y < height / 2);
  };

  let waiting = false;
  const redraw = (changed) => {
    for (const view of changed) view.dots = null;
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      views.forEach(draw);
    });
  };

  const point = (number) => {
    if (number === current) return;
    current = number;
    const picture = pictures[number];
    const words = picture ? `${picture[1]} · ${labels[picture[2]]}` : "";
    root.querySelector(".tl-readout").textContent = words;
    for (const view of views) {
      view.canvas.dataset.picture = picture ? idOf(picture) : "";
      if (!picture) continue;
      view.figure.querySelector("img").src = root.dataset.thumbnails + picture[0];
      view.figure.querySelector("figcaption").textContent = words;
    }
    redraw([]);
  };

  const search = () => {
    if (current !== null) trigger("click", { id: idOf(pictures[current]) });
  };

  // Return the picture whose dot has the least cost; null if all costs are infinite.
  const best = (view, cost) => {
    let [nearest, least] = [null, Infinity];
    view.positions.forEach((position, number) => {
      if (!position || (only !== null && pictures[number][2] !== only)) return;
      const candidateCost = cost(...onScreen(view, position), number);
      if (candidateCost < least) [nearest, least] = [number, candidateCost];
    });
    return nearest;
  };

  const at = (view, event) => {
    const area = view.canvas.getBoundingClientRect();
    const [left, top] = [event.clientX - area.left, event.clientY - area.top];
    return best(view, (x, y) => {
      const distance = Math.hypot(x - left, y - top);
      return distance <= REACH ? distance : Infinity;
    });
  };

  const step = (view, direction) => {
    const position = current !== null && view.positions[current];
    if (!position) return best(view, (x, y) => Math.hypot(x - view.canvas.clientWidth / 2, y));
    const from = onScreen(view, position);
    return best(view, (x, y) => costAhead(from, [x, y], direction)) ?? current;
  };

  const zoom = (view, by) => {
    view.scale = Math.min(DEEPEST, Math.max(1, view.scale * by));
    const target = current !== null && view.positions[current];
    [view.x, view.y] = view.scale === 1 ? [0.5, 0.5] : target || [view.x, view.y];
    redraw([view]);
  };

  for (const view of views) {
    const { canvas } = view;
    let drag = null;
    listen(canvas, "pointerdown", (event) => {
      drag = { x: event.clientX, y: event.clientY, moved: false, was: current };
      canvas.setPointerCapture(event.pointerId);
      point(at(view, event));
    });
    listen(canvas, "pointermove", (event) => {
      if (!drag) {
        point(at(view, event));
        return;
      }
      const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
      drag.moved ||= Math.hypot(dx, dy) > 4;
      if (view.scale === 1 || !drag.moved) return;
      const [, , unit] = onScreen(view, [0, 0]);
      view.x -= dx / unit;
      view.y += dy / unit;
      Object.assign(drag, { x: event.clientX, y: event.clientY });
      redraw([view]);
    });
    listen(canvas, "pointerup", (event) => {
      if (!drag) return; // pressed on the previous maps
      const { moved, was } = drag;
      drag = null;
      // Touch has no hover: the first tap shows a picture, the second one searches.
      if (!moved && (event.pointerType !== "touch" || was === current)) search();
    });
    listen(canvas, "pointercancel", () => (drag = null));
    listen(canvas, "pointerleave", (event) => event.pointerType === "mouse" && point(null));
    listen(canvas, "wheel", (event) => {
      if (!event.ctrlKey) return; // pinch on a touchpad; otherwise the page scrolls
      event.preventDefault();
      zoom(view, ZOOM ** (-event.deltaY / 100));
    });
    listen(canvas, "keydown", (event) => {
      if (event.key === "Enter") search();
      if (["+", "="].includes(event.key)) zoom(view, ZOOM);
      if (event.key === "-") zoom(view, 1 / ZOOM);
      if (!arrows[event.key]) return;
      event.preventDefault();
      point(step(view, arrows[event.key]));
    });
    listen(view.map.querySelector(".tl-zoom"), "click", (event) => {
      const { action } = event.target.dataset;
      if (action) zoom(view, action === "in" ? ZOOM : 1 / ZOOM);
    });
  }

  const choose = (label) => {
    only = only === label ? null : label;
    for (const [number, button] of buttons.entries()) {
      button.setAttribute("aria-pressed", String(number === only));
    }
    redraw(views);
  };
  for (const [number, button] of buttons.entries()) listen(button, "click", () => choose(number));
  const paint = () => {
    for (const [number, button] of buttons.entries()) {
      button.querySelector("i").style.background = colour(number);
    }
    redraw(views);
  };

  // The size changes with the window, and from zero when the tab opens.
  const sizes = new ResizeObserver(() => redraw(views));
  for (const { canvas } of views) sizes.observe(canvas);
  const schemes = new MutationObserver(paint);
  schemes.observe(document.body, { attributeFilter: ["class"] });
  paint();
  return () => {
    life.abort();
    sizes.disconnect();
    schemes.disconnect();
  };
};

const restart = () => {
  stop();
  const root = element.querySelector(".tl-maps");
  stop = root ? start(root) : () => {};
};
watch("value", restart);
restart();
