// What lies over a map's dots: thumbnails, names of labels, the query, the current picture, the lasso.
import { namesOf } from "./names.js";
import { radiusOf } from "./plot.js";
import { isVisible, toScreen } from "./view.js";

const SIDE = 52; // pixels of a thumbnail
const FEW = 250; // pictures in view, from which thumbnails are shown
const NAMES = 60; // at the same time, as far as there is room
const FONT = "600 12px system-ui, sans-serif";
const BUTTONS = [46, 122]; // pixels of the corner with the buttons
const KEPT = 600; // thumbnails

const images = new Map(); // by address

const overlaps = (a, b) =>
  a[0] < b[0] + b[2] && b[0] < a[0] + a[2] && a[1] < b[1] + b[3] && b[1] < a[1] + a[3];
const hasRoom = (box, boxes) => !boxes.some((other) => overlaps(box, other));

const imageAt = (address, loaded) => {
  let image = images.get(address);
  if (!image) {
    image = new Image();
    image.onload = loaded;
    image.src = address;
    images.set(address, image);
    if (images.size > KEPT) images.delete(images.keys().next().value);
  }
  return image.complete && image.naturalWidth ? image : null;
};

// What depends on which pictures are in view; computed once the view rests.
export const survey = (view, { xs, ys }, data, only) => {
  const visible = [];
  for (let number = 0; number < xs.length; number++) {
    if (only !== null && data.label[number] !== only) continue;
    if (isVisible(view, xs[number], ys[number])) visible.push(number);
  }
  return { visible, names: namesOf(view, { xs, ys }, data, visible).slice(0, NAMES) };
};

const label = (pen, text, left, top, colours) => {
  pen.font = FONT;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineWidth = 4;
  pen.lineJoin = "round";
  pen.strokeStyle = colours.paper;
  pen.fillStyle = colours.ink;
  pen.strokeText(text, left, top);
  pen.fillText(text, left, top);
};

const star = (pen, left, top, colours) => {
  pen.beginPath();
  for (let point = 0; point < 10; point++) {
    const [radius, angle] = [point % 2 ? 5 : 12, (point * Math.PI) / 5 - Math.PI / 2];
    pen.lineTo(left + radius * Math.cos(angle), top + radius * Math.sin(angle));
  }
  pen.closePath();
  pen.lineWidth = 3;
  pen.strokeStyle = colours.paper;
  pen.fillStyle = colours.ink;
  pen.stroke();
  pen.fill();
};

// Draw it; `state` has survey, current, query, lasso, thumbnails, colours, words, and `again`, which is
// called when a thumbnail has been loaded.
export const drawOverlay = (canvas, view, map, state) => {
  const density = devicePixelRatio;
  if (canvas.width !== Math.round(view.width * density)) canvas.width = view.width * density;
  if (canvas.height !== Math.round(view.height * density)) canvas.height = view.height * density;
  const pen = canvas.getContext("2d");
  pen.setTransform(density, 0, 0, density, 0, 0);
  pen.clearRect(0, 0, view.width, view.height);
  const { survey: seen, colours } = state;
  const boxes = [];
  if (seen && view.scale > 1 && seen.visible.length <= FEW) {
    for (const number of seen.visible) {
      const [left, top] = toScreen(view, map.xs[number], map.ys[number]);
      const box = [left - SIDE / 2, top - SIDE / 2, SIDE, SIDE];
      if (!hasRoom(box, boxes)) continue;
      boxes.push(box);
      const image = imageAt(state.thumbnails(number), state.again);
      if (!image) continue;
      const ratio = SIDE / Math.max(image.naturalWidth, image.naturalHeight);
      const [width, height] = [image.naturalWidth * ratio, image.naturalHeight * ratio];
      pen.fillStyle = state.colourOf(number);
      pen.fillRect(left - width / 2 - 2, top - height / 2 - 2, width + 4, height + 4);
      pen.drawImage(image, left - width / 2, top - height / 2, width, height);
    }
  }
  const taken = [[view.width - BUTTONS[0], 0, ...BUTTONS]];
  pen.font = FONT;
  if (state.query) {
    const [left, top] = toScreen(view, ...state.query);
    const wide = Math.max(26, pen.measureText(state.words.query).width);
    taken.push([left - wide / 2 - 3, top - 13, wide + 6, 44]);
  }
  for (const { text, x, y } of seen?.names ?? []) {
    const [left, top] = toScreen(view, x, y);
    const wide = pen.measureText(text).width;
    const box = [left - wide / 2 - 3, top - 9, wide + 6, 18];
    const isWithin =
      box[0] >= 0 && box[0] + box[2] <= view.width && top > 9 && top < view.height - 9;
    if (!isWithin || !hasRoom(box, taken)) continue;
    taken.push(box);
    label(pen, text, left, top, colours);
  }
  if (state.query) {
    const [left, top] = toScreen(view, ...state.query);
    star(pen, left, top, colours);
    label(pen, state.words.query, left, top + 22, colours);
  }
  if (state.current !== null && map.xs[state.current] >= 0) {
    const [left, top] = toScreen(view, map.xs[state.current], map.ys[state.current]);
    pen.beginPath();
    pen.arc(left, top, radiusOf(view, map.count) + 4, 0, 2 * Math.PI);
    pen.lineWidth = 3;
    pen.strokeStyle = colours.ink;
    pen.fillStyle = state.colourOf(state.current);
    pen.fill();
    pen.stroke();
  }
  if (state.lasso?.length) {
    pen.beginPath();
    for (const [x, y] of state.lasso) pen.lineTo(...toScreen(view, x, y));
    pen.closePath();
    pen.lineWidth = 2;
    pen.setLineDash([6, 4]);
    pen.strokeStyle = colours.ink;
    pen.stroke();
    pen.setLineDash([]);
  }
};
