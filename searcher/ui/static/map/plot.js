// The dots of one map: by WebGL where the browser has it, plainly otherwise.
import { createPace } from "./pace.js";
import createScatterplot, { createRenderer } from "./scatterplot.js";
import { cameraOf, toScreen, unitOf } from "./view.js";

const OPACITY = 0.85;
const NEAR = 2; // views across and down that dots are kept in while others are left out

// One renderer draws all maps, since browsers allow a page few WebGL contexts; null without WebGL.
export const openRenderer = () => {
  const canvas = document.createElement("canvas");
  let context, renderer;
  try {
    context = canvas.getContext("webgl", { antialias: false });
    renderer = context && createRenderer({ canvas });
  } catch {
    return null;
  }
  if (!renderer?.isSupported) return null;
  const pace = createPace();
  return {
    resize: (width, height) => renderer.resize(width, height),
    plot: (target, view) => glPlot(renderer, target, view, pace),
    close: () => {
      renderer.destroy();
      context.getExtension("WEBGL_lose_context")?.loseContext();
    },
  };
};

export const radiusOf = (view, count) =>
  Math.min(8, (count > 20_000 ? 1.5 : count > 1000 ? 2.5 : 4.5) * view.scale ** 0.4);

// Positions of the pictures on the map in drawing order, dim ones first, and their categories.
const inOrder = ({ xs, ys }, { values, dim }) => {
  const present = [...xs.keys()].filter((number) => xs[number] >= 0);
  const isDim = (number) => values[number] === dim;
  const order = [...present.filter(isDim), ...present.filter((number) => !isDim(number))];
  return {
    order,
    x: order.map((number) => 2 * xs[number] - 1),
    y: order.map((number) => 2 * ys[number] - 1),
    z: order.map((number) => values[number]),
  };
};

// The numbers of at most so many dots: those in view and round it first, then of the others.
const fewer = ({ x, y }, view, most) => {
  const [near, far] = [[], []];
  const reach = NEAR / unitOf(view);
  for (let at = 0; at < x.length; at++) {
    const across = Math.abs(x[at] + 1 - 2 * view.x);
    const down = Math.abs(y[at] + 1 - 2 * view.y);
    (across < reach * view.width && down < reach * view.height ? near : far).push(at);
  }
  const every = (dots, count) => {
    const step = Math.ceil(dots.length / count);
    return dots.filter((_, at) => at % step === 0);
  };
  const first = every(near, most);
  return first.length < most ? [...first, ...every(far, most - first.length)] : first;
};

const glPlot = (renderer, canvas, view, pace) => {
  const plot = createScatterplot({
    renderer,
    canvas,
    width: view.width,
    height: view.height,
    cameraIsFixed: true,
    colorBy: "valueA",
    opacity: OPACITY,
    opacityInactiveScale: 0.5,
    pointScaleMode: "constant",
    pointSizeSelected: 2,
    deselectOnEscape: false,
  });
  let [drawn, places] = [Promise.resolve(), new Map()];
  let selection = [];
  let seen = "";
  let dots = { x: [], y: [] }; // in drawing order
  let count = 0; // of them that are drawn
  let wasMoving = false;
  const queue = (action) => {
    drawn = drawn.then(() => !plot.get("isDestroyed") && action());
    return drawn;
  };
  const mark = () => {
    const shown = selection.map((number) => places.get(number)).filter((at) => at !== undefined);
    if (shown.length) plot.select(shown, { preventEvent: true });
    else plot.deselect({ preventEvent: true });
  };
  const thin = (most) => {
    const wanted = Math.min(most, places.size);
    if (wanted === count) return;
    count = wanted;
    queue(async () => {
      if (wanted < places.size)
        await plot.filter(fewer(dots, view, wanted), { preventEvent: true });
      else await plot.unfilter({ preventEvent: true });
      mark();
      pace.restart();
    });
  };
  const follow = (before) => {
    requestAnimationFrame((now) => {
      if (!wasMoving) return;
      if (before) pace.frame(now - before, count);
      follow(now);
    });
  };
  return {
    show: (map, colouring, ink) =>
      queue(async () => {
        if (count < places.size) await plot.unfilter({ preventEvent: true });
        const { order, x, y, z } = inOrder(map, colouring);
        places = new Map(order.map((number, at) => [number, at]));
        [dots, count] = [{ x, y }, places.size];
        plot.set({ pointColor: colouring.colours, pointColorActive: ink });
        await plot.draw({ x, y, z }, { zDataType: "categorical" });
        mark();
      }),
    look: (isMoving) => {
      if (isMoving !== wasMoving) {
        wasMoving = isMoving;
        if (isMoving) follow();
        else pace.rest(places.size);
      }
      thin(isMoving ? pace.most : places.size);
      const { width, height } = view;
      // In half pixels: each other size makes a new texture.
      const pointSize = Math.round(4 * radiusOf(view, places.size)) / 2;
      const next = [width, height, pointSize, view.x, view.y, view.scale].join();
      if (next === seen) return;
      seen = next;
      if (plot.get("width") !== width || plot.get("height") !== height) plot.set({ width, height });
      if (plot.get("pointSize") !== pointSize) plot.set({ pointSize });
      plot.view(cameraOf(view), { preventEvent: true });
    },
    select: (numbers) => {
      selection = numbers;
      queue(mark);
    },
    drawn: () => drawn,
    close: () => plot.destroy(),
  };
};

export const plainPlot = (canvas, view) => {
  let [dots, colours, chosen, ink] = [null, [], new Set(), "#000"];
  const look = () => {
    canvas.width = view.width;
    canvas.height = view.height;
    const pen = canvas.getContext("2d");
    const side = 2 * radiusOf(view, dots?.order.length ?? 0);
    pen.globalAlpha = OPACITY;
    dots?.order.forEach((number, at) => {
      const [left, top] = toScreen(view, (dots.x[at] + 1) / 2, (dots.y[at] + 1) / 2);
      pen.fillStyle = chosen.has(number) ? ink : colours[dots.z[at]];
      pen.fillRect(left - side / 2, top - side / 2, side, side);
    });
  };
  return {
    show: async (map, colouring, foreground) => {
      [dots, colours, ink] = [inOrder(map, colouring), colouring.colours, foreground];
      look();
    },
    look,
    select: (numbers) => {
      chosen = new Set(numbers);
      look();
    },
    drawn: () => Promise.resolve(),
    close: () => {},
  };
};
