// The maps: dots in colours, the picture at the pointer on every map, linked zoom, selection, legend.
import { colouring, WAYS } from "./colours.js";
import { connectLegend } from "./legend.js";
import { drawOverlay, survey } from "./overlay.js";
import { openRenderer, plainPlot } from "./plot.js";
import { connectPointer } from "./pointer.js";
import { at, centre, mapOf, next, wrongOn } from "./points.js";
import { connectSelection } from "./selection.js";
import { fit, isInside, isVisible, pan, toScreen, zoomAt } from "./view.js";

const REST_MS = 120; // without movement, after which names, thumbnails and the other map follow

// Show a document in the elements of map.html. `page` has trigger, plural, go, changed and `kept`: what
// stays when Gradio draws the maps again. Returns { stop, choose }.
export const start = (root, data, page) => {
  const { kept } = page;
  const words = JSON.parse(root.dataset.words);
  const queries = JSON.parse(root.dataset.query);
  const life = new AbortController();
  const listen = (to, kind, action) =>
    to.addEventListener(kind, action, { signal: life.signal, passive: false });
  const thumbnail = (number) => `${root.dataset.thumbnails}${data.ids[number]}.jpg`;
  const rows = new Map(data.ids.map((id, number) => [id, number]));
  let [current, only, renderer] = [null, null, undefined];
  let selected = kept.selected.map((id) => rows.get(id)).filter((number) => number !== undefined);

  const maps = [...root.querySelectorAll(".tl-map")].map((part, at) => mapOf(part, at, data));
  const isShown = (number) => only === null || data.label[number] === only;
  const ink = () => getComputedStyle(root).getPropertyValue("--ink").trim() || "#000000";
  const paper = () => getComputedStyle(root).getPropertyValue("--paper").trim() || "#ffffff";
  const colourOf = (map) => (number) => map.colouring.colours[map.colouring.values[number]];

  let frame = 0;
  const redraw = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      for (const map of maps) draw(map);
    });
  };
  const draw = (map) => {
    const { view, figure, plot } = map;
    if (!plot) return; // the tab is not open
    plot.look(map.isMoving);
    drawOverlay(map.canvas, view, map, {
      survey: map.survey,
      current,
      query: queries[map.at],
      lasso: map.lasso,
      thumbnails: thumbnail,
      colours: { ink: ink(), paper: paper() },
      colourOf: colourOf(map),
      words,
      again: redraw,
    });
    map.canvas.style.touchAction = view.scale > 1 || kept.lasso ? "none" : "pan-y";
    figure.hidden = current === null || map.xs[current] < 0;
    if (figure.hidden) return;
    const [x, y] = toScreen(view, map.xs[current], map.ys[current]);
    figure.style.left = `${Math.min(Math.max(x, 90), view.width - 90)}px`;
    figure.style.top = `${y}px`;
    figure.classList.toggle("tl-below", y < view.height / 2);
  };

  let timer;
  const look = (map, isFollowed = true) => {
    Object.assign(map, { isMoving: true, survey: map.survey && { ...map.survey, visible: [] } });
    clearTimeout(timer);
    timer = setTimeout(() => settle(isFollowed && map), REST_MS);
    redraw();
  };
  // The other map shows the same pictures.
  const settle = (leader) => {
    if (leader) leader.survey = survey(leader.view, leader, data, only);
    for (const map of maps) {
      if (leader && map !== leader && kept.linked) {
        const shown = leader.survey.visible.filter((number) => map.xs[number] >= 0);
        if (leader.view.scale === 1) Object.assign(map.view, { x: 0.5, y: 0.5, scale: 1 });
        else
          fit(
            map.view,
            shown.map((number) => map.xs[number]),
            shown.map((number) => map.ys[number]),
          );
      }
      Object.assign(map, { isMoving: false, survey: survey(map.view, map, data, only) });
      map.canvas.dataset.visible = map.survey.visible.length;
      map.canvas.dataset.scale = map.view.scale.toFixed(2);
    }
    redraw();
  };

  const point = (number) => {
    if (number === current) return;
    current = number;
    const text =
      number === null ? "" : `${data.names[number]} · ${data.labels[data.label[number]]}`;
    root.querySelector(".tl-readout").textContent = text;
    for (const { canvas, figure } of maps) {
      canvas.dataset.picture = number === null ? "" : data.ids[number];
      if (number === null) continue;
      figure.querySelector("img").src = thumbnail(number);
      figure.querySelector("figcaption").textContent = text;
    }
    redraw();
  };
  const select = (numbers) => {
    selected = numbers;
    kept.selected = numbers.map((number) => data.ids[number]);
    root.dataset.selected = numbers.length;
    for (const { plot } of maps) plot?.select(numbers);
    showSelection(numbers);
    redraw();
  };
  const showSelection = connectSelection(root.querySelector(".tl-selection"), data, listen, {
    go: ({ models, ...state }) => {
      const pair = new URLSearchParams(root.dataset.link).get("models");
      page.go(models && maps.length > 1 ? { ...state, models: pair } : state);
    },
    clear: () => select([]),
    setLabel: (ids, label) => page.trigger("select", { ids, label }),
    plural: page.plural,
    thumbnail,
    point,
    centre: (numbers, count) => centre(maps, numbers, count),
  });

  for (const map of maps) {
    const { canvas, view } = map;
    const zoom = (by, left, top) => {
      if (left === undefined && current !== null && map.xs[current] >= 0)
        [left, top] = toScreen(view, map.xs[current], map.ys[current]);
      zoomAt(view, by, left ?? view.width / 2, top ?? view.height / 2);
      look(map);
    };
    const inView = (number) => isVisible(view, map.xs[number], map.ys[number]) && isShown(number);
    map.selectVisible = () => select([...map.xs.keys()].filter(inView));
    const { zoomIn, zoomOut } = connectPointer(canvas, view, listen, {
      current: () => current,
      isLasso: () => kept.lasso,
      point: (place) => point(place && at(map, place, isShown)),
      search: () => current !== null && page.trigger("click", { id: data.ids[current] }),
      pan: (dx, dy) => {
        point(null);
        pan(view, dx, dy);
        look(map);
      },
      zoom,
      step: (direction) => point(next(map, current, direction, isShown)),
      toggle: () => {
        if (current === null) return;
        const others = selected.filter((number) => number !== current);
        select(others.length < selected.length ? others : [...selected, current]);
      },
      selectVisible: map.selectVisible,
      clear: () => select([]),
      lasso: (corners, isDone) => {
        map.lasso = isDone === undefined ? corners : null;
        if (isDone) {
          const isWithin = (number) =>
            map.xs[number] >= 0 &&
            isShown(number) &&
            isInside(corners, map.xs[number], map.ys[number]);
          select([...map.xs.keys()].filter(isWithin));
        }
        redraw();
      },
    });
    listen(map.share, "click", () => select(wrongOn(map, data)));
    listen(map.part.querySelector(".tl-zoom"), "click", ({ target }) => {
      const { action } = target.dataset;
      if (action === "in") zoomIn();
      if (action === "out") zoomOut();
      if (action === "all") map.selectVisible();
    });
  }
  const paint = () => {
    for (const map of maps) {
      const shown = colouring(kept.colour, data, map.at, words, only);
      map.colouring = shown ?? colouring("label", data, map.at, words, only);
      map.plot?.show(map, map.colouring, ink());
      map.survey = null;
    }
    legend.show(maps, only);
    clearTimeout(timer);
    timer = setTimeout(settle, REST_MS);
    redraw();
  };
  const choose = ({ label, colour, linked }) => {
    kept.linked = linked;
    kept.label = data.labels.includes(label) ? label : "";
    kept.colour = WAYS.includes(colour) ? colour : WAYS[0];
    only = kept.label ? data.labels.indexOf(kept.label) : null;
    paint();
  };
  const legend = connectLegend(root, data, words, listen, {
    kept,
    choose: (choice) => {
      choose({ ...kept, ...choice });
      page.changed();
    },
    redraw,
  });

  // Dots are drawn while the tab is open: scatterplot.js asks for every frame of the browser.
  const close = () => {
    for (const map of maps) {
      map.plot?.close();
      map.plot = null;
    }
    renderer?.close();
    renderer = undefined;
  };
  const resize = () => {
    for (const { canvas, view } of maps) {
      [view.width, view.height] = [canvas.clientWidth, canvas.clientHeight];
    }
    if (!maps.every(({ view }) => view.width && view.height)) {
      close();
      return;
    }
    if (renderer === undefined) renderer = openRenderer();
    root.querySelector(".tl-plain").hidden = Boolean(renderer);
    const most = (side) => Math.max(...maps.map(({ view }) => view[side]));
    renderer?.resize(most("width"), most("height"));
    if (maps[0].plot) {
      redraw();
      return;
    }
    for (const map of maps) {
      map.plot = renderer ? renderer.plot(map.dots, map.view) : plainPlot(map.dots, map.view);
    }
    choose(kept);
    select(selected);
  };
  const sizes = new ResizeObserver(resize);
  for (const { canvas } of maps) sizes.observe(canvas);
  const schemes = new MutationObserver(paint);
  schemes.observe(document.body, { attributeFilter: ["class"] });
  return {
    choose,
    stop: () => {
      life.abort();
      sizes.disconnect();
      schemes.disconnect();
      clearTimeout(timer);
      cancelAnimationFrame(frame);
      close();
    },
  };
};
