// Names at the clusters of a map: a label is named where many of its pictures lie together and others
// do not prevail, so it can have several names, or none where it is scattered.
import { median, toScreen } from "./view.js";

const CELL = 24; // pixels; what lies closer is one cluster
const REACH = 2; // cells round the densest one that belong to a cluster
const DOMINANT = 0.3; // the label's share of the pictures round the densest cell, from which it is named
const NOTABLE = 0.25; // the cluster's share of the label's pictures in view
const SEVERAL = 4; // clusters of one label at most
const WIDE = 4096; // more cells than are side by side

const offsets = (reach) => {
  const found = [];
  for (let down = -reach; down <= reach; down++) {
    for (let across = -reach; across <= reach; across++) found.push(down * WIDE + across);
  }
  return found;
};
const NEXT = offsets(1);
const NEAR = offsets(REACH);
const sum = (counts, cell) => {
  let total = 0;
  for (const offset of NEXT) total += counts.get(cell + offset) ?? 0;
  return total;
};

const group = (numbers, keyOf) => {
  const groups = new Map();
  for (const number of numbers) {
    const key = keyOf(number);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(number);
  }
  return groups;
};
const sizes = (groups) => new Map([...groups].map(([key, members]) => [key, members.length]));

// Return the clusters of one label, given the numbers of its pictures, as lists of numbers.
const clusters = (numbers, cellOf, totals) => {
  const cells = group(numbers, cellOf);
  const own = sizes(cells);
  const found = [];
  for (let left = numbers.length, tries = 0; tries < SEVERAL && left; tries++) {
    let [densest, most] = [0, 0];
    for (const cell of cells.keys()) {
      const count = sum(own, cell);
      if (count > most) [densest, most] = [cell, count];
    }
    const nearby = NEAR.map((offset) => densest + offset);
    const members = nearby.flatMap((cell) => cells.get(cell) ?? []);
    if (members.length < NOTABLE * numbers.length) break;
    if (most >= DOMINANT * sum(totals, densest)) found.push(members);
    for (const cell of nearby) {
      left -= own.get(cell) ?? 0;
      own.delete(cell);
      cells.delete(cell);
    }
  }
  return found;
};

// Return [{ text, x, y }] for the pictures in view, the largest clusters first.
export const namesOf = (view, { xs, ys }, { label, labels }, visible) => {
  if (labels.length < 2) return [];
  const cells = new Int32Array(xs.length);
  const totals = new Map();
  for (const number of visible) {
    const [left, top] = toScreen(view, xs[number], ys[number]);
    const cell = (Math.floor(top / CELL) + REACH) * WIDE + Math.floor(left / CELL) + REACH;
    cells[number] = cell;
    totals.set(cell, (totals.get(cell) ?? 0) + 1);
  }
  const cellOf = (number) => cells[number];
  return [...group(visible, (number) => label[number])]
    .filter(([name]) => labels[name])
    .flatMap(([name, numbers]) =>
      clusters(numbers, cellOf, totals).map((members) => [labels[name], members]),
    )
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([text, members]) => ({
      text,
      x: median(members.map((number) => xs[number])),
      y: median(members.map((number) => ys[number])),
    }));
};
