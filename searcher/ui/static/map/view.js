// The visible part of a map: `x` and `y` are its centre in the unit square, `scale` 1 shows all of it,
// `width` and `height` are pixels.
const MARGIN = 14; // pixels
export const DEEPEST = 60;

export const wholeView = () => ({ x: 0.5, y: 0.5, scale: 1, width: 0, height: 0 });

// Pixels of the unit square's side.
export const unitOf = ({ width, height, scale }) =>
  Math.max(1, Math.min(width, height) - 2 * MARGIN) * scale;

export const toScreen = (view, x, y) => {
  const unit = unitOf(view);
  return [view.width / 2 + (x - view.x) * unit, view.height / 2 - (y - view.y) * unit];
};
export const fromScreen = (view, left, top) => {
  const unit = unitOf(view);
  return [view.x + (left - view.width / 2) / unit, view.y - (top - view.height / 2) / unit];
};

// The camera of scatterplot.js, column by column: its positions are from -1 to 1, and without a camera
// they fill the canvas' height.
export const cameraOf = (view) => {
  const s = unitOf(view) / view.height;
  return [s, 0, 0, 0, 0, s, 0, 0, 0, 0, 1, 0, s * (1 - 2 * view.x), s * (1 - 2 * view.y), 0, 1];
};

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

export const zoomAt = (view, by, left, top) => {
  const [x, y] = fromScreen(view, left, top);
  view.scale = clamp(view.scale * by, 1, DEEPEST);
  const [nextX, nextY] = fromScreen(view, left, top);
  view.x += x - nextX;
  view.y += y - nextY;
  keepInside(view);
};
export const pan = (view, dx, dy) => {
  const unit = unitOf(view);
  view.x -= dx / unit;
  view.y += dy / unit;
  keepInside(view);
};
const keepInside = (view) => {
  const slack = 0.5 - 0.5 / view.scale;
  view.x = clamp(view.x, 0.5 - slack, 0.5 + slack);
  view.y = clamp(view.y, 0.5 - slack, 0.5 + slack);
};

// Show the pictures of a list as large as they fit, but for the tenth that lies farthest out.
export const fit = (view, xs, ys) => {
  if (!xs.length) return;
  const [left, right] = middle(xs);
  const [low, high] = middle(ys);
  view.scale = clamp(0.7 / Math.max(right - left, high - low, 1e-3), 1, DEEPEST);
  view.x = (left + right) / 2;
  view.y = (low + high) / 2;
  keepInside(view);
};
const middle = (values) => {
  const sorted = Float32Array.from(values).sort();
  const cut = Math.floor(sorted.length * 0.05);
  return [sorted[cut], sorted[sorted.length - 1 - cut]];
};
export const median = (values) => Float32Array.from(values).sort()[values.length >> 1];

export const isVisible = (view, x, y) => {
  const [left, top] = toScreen(view, x, y);
  return x >= 0 && left >= 0 && top >= 0 && left <= view.width && top <= view.height;
};

// Whether a position lies within a polygon, by the even-odd rule.
export const isInside = (polygon, x, y) => {
  let inside = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [[ax, ay], [bx, by]] = [polygon[i], polygon[j]];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
};
