// The dots of one map: by WebGL where the browser has it, plainly otherwise.
import { createPace } from "./pace.js";
import createScatterplot, { createRenderer } from "./scatterplot.js";
import { cameraOf, toScreen } from "./view.js";

const OPACITY = 0.85;

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
  let step = 1; // every how manieth dot is drawn
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
    const wanted = Math.max(1, Math.ceil(places.size / most));
    if (wanted === step) return;
    step = wanted;
    queue(async () => {
      const some = Array.from({ length: Math.ceil(places.size / wanted) }, (_, at) => at * wanted);
      if (wanted > 1) await plot.filter(some, { preventEvent: true });
      else await plot.unfilter({ preventEvent: true });
      mark();
      pace.restart();
    });
  };
  const follow = (before) => {
    requestAnimationFrame((now) => {
      if (!wasMoving) return;
      if (before) pace.frame(now - before, places.size / step);
      follow(now);
    });
  };
  return {
    show: (map, colouring, ink) =>
      queue(async () => {
        if (step > 1) await plot.unfilter({ preventEvent: true });
        step = 1;
        const { order, x, y, z } = inOrder(map, colouring);
        places = new Map(order.map((number, at) => [number, at]));
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
      const pointSize = 2 * radiusOf(view, places.size);
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
