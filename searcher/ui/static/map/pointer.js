// The mouse, fingers and keys on one map.
import { fromScreen } from "./view.js";

const CLICK = 4; // pixels that a pointer moves at most in a click
const ZOOM = 1.6;
const STEP = 6; // pixels between two corners of a lasso

const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// `act` has point, search, pan, zoom, step, lasso, toggle, selectVisible, clear, and isLasso.
export const connectPointer = (canvas, view, listen, act) => {
  const fingers = new Map(); // by pointer: its latest place
  let drag = null;
  const placeOf = (event) => {
    const area = canvas.getBoundingClientRect();
    return [event.clientX - area.left, event.clientY - area.top];
  };
  const spread = () => {
    const [[ax, ay], [bx, by]] = [...fingers.values()];
    return { distance: Math.hypot(ax - bx, ay - by) || 1, at: [(ax + bx) / 2, (ay + by) / 2] };
  };

  listen(canvas, "pointerdown", (event) => {
    if (event.button > 0) return;
    const place = placeOf(event);
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, place);
    if (fingers.size === 2) {
      drag = { ...spread(), isPinch: true };
      act.lasso(null);
      return;
    }
    const isLasso = act.isLasso() || event.shiftKey;
    drag = { place, from: place, moved: false, was: act.current() };
    if (isLasso) drag.lasso = [fromScreen(view, ...place)];
    else act.point(place);
  });
  listen(canvas, "pointermove", (event) => {
    const place = placeOf(event);
    if (fingers.has(event.pointerId)) fingers.set(event.pointerId, place);
    if (!drag) {
      act.point(place);
      return;
    }
    if (drag.isPinch) {
      if (fingers.size < 2) return;
      const now = spread();
      act.pan(now.at[0] - drag.at[0], now.at[1] - drag.at[1]);
      act.zoom(now.distance / drag.distance, ...now.at);
      Object.assign(drag, now);
      return;
    }
    const [dx, dy] = [place[0] - drag.place[0], place[1] - drag.place[1]];
    drag.moved ||= Math.hypot(place[0] - drag.from[0], place[1] - drag.from[1]) > CLICK;
    if (drag.lasso) {
      if (Math.hypot(dx, dy) < STEP) return;
      drag.lasso.push(fromScreen(view, ...place));
      act.lasso(drag.lasso);
    } else if (drag.moved && view.scale > 1) act.pan(dx, dy);
    else return;
    drag.place = place;
  });
  const lift = (event, isDone) => {
    fingers.delete(event.pointerId);
    if (!drag || drag.isPinch) {
      if (!fingers.size) drag = null;
      return;
    }
    const { moved, was, lasso } = drag;
    drag = null;
    if (lasso) act.lasso(lasso, isDone && moved);
    // Touch has no hover: the first tap shows a picture, the second one searches.
    else if (isDone && !moved && (event.pointerType !== "touch" || was === act.current()))
      act.search();
  };
  listen(canvas, "pointerup", (event) => lift(event, true));
  listen(canvas, "pointercancel", (event) => lift(event, false));
  listen(canvas, "pointerleave", (event) => {
    if (event.pointerType === "mouse" && !drag) act.point(null);
  });
  listen(canvas, "wheel", (event) => {
    if (!event.ctrlKey) return; // pinch on a touchpad; otherwise the page scrolls
    event.preventDefault();
    act.zoom(ZOOM ** (-event.deltaY / 100), ...placeOf(event));
  });
  listen(canvas, "keydown", (event) => {
    const { key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (key === "Enter") act.search();
    else if (["+", "="].includes(key)) act.zoom(ZOOM);
    else if (key === "-") act.zoom(1 / ZOOM);
    else if (key === " ") act.toggle();
    else if (key === "a") act.selectVisible();
    else if (key === "Escape") act.clear();
    else if (arrows[key]) act.step(arrows[key]);
    else return;
    event.preventDefault();
  });
  return { zoomIn: () => act.zoom(ZOOM), zoomOut: () => act.zoom(1 / ZOOM) };
};
