// The pictures of a map, and which of them is meant: at the pointer, in a direction, in the middle.
import { toScreen, wholeView } from "./view.js";

const REACH = 16; // pixels between pointer and dot at which it is still pointed at

const UNIT = 65_535; // of the document's positions

// A map: its elements, the positions of all pictures, -1 where one is not on it, and what is drawn.
export const mapOf = (part, at, data) => {
  const { x, y } = data.maps[at];
  const toShare = (value) => (value < 0 ? -1 : value / UNIT);
  return {
    part,
    at,
    dots: part.querySelector(".tl-dots"),
    canvas: part.querySelector("canvas[tabindex]"),
    figure: part.querySelector("figure"),
    share: part.closest("section").querySelector(".tl-share"),
    xs: Float32Array.from(x, toShare),
    ys: Float32Array.from(y, toShare),
    count: x.filter((value) => value >= 0).length,
    view: wholeView(),
    plot: null,
    survey: null,
    lasso: null,
    colouring: null,
  };
};

// The cost of moving to a point in a direction: sideways distance counts twice; infinite behind.
const costAhead = ([fromX, fromY], [x, y], [dx, dy]) => {
  const ahead = (x - fromX) * dx + (y - fromY) * dy;
  const aside = Math.abs((x - fromX) * dy) + Math.abs((y - fromY) * dx);
  return ahead > 0 ? ahead + 2 * aside : Infinity;
};

// Return the picture whose dot has the least cost; null if all costs are infinite.
const best = (map, isShown, cost) => {
  let [nearest, least] = [null, Infinity];
  for (let number = 0; number < map.xs.length; number++) {
    if (map.xs[number] < 0 || !isShown(number)) continue;
    const price = cost(...toScreen(map.view, map.xs[number], map.ys[number]));
    if (price < least) [nearest, least] = [number, price];
  }
  return nearest;
};

// The picture at a place of the canvas; null where there is none.
export const at = (map, [left, top], isShown) =>
  best(map, isShown, (x, y) => {
    const distance = Math.hypot(x - left, y - top);
    return distance <= REACH ? distance : Infinity;
  });

// The next picture in a direction, [dx, dy]; the topmost one where there is no current one.
export const next = (map, current, direction, isShown) => {
  if (current === null || map.xs[current] < 0)
    return best(map, isShown, (x, y) => Math.hypot(x - map.view.width / 2, y));
  const from = toScreen(map.view, map.xs[current], map.ys[current]);
  return best(map, isShown, (x, y) => costAhead(from, [x, y], direction)) ?? current;
};

// The pictures that lie nearest to one of another label, in the model of a map.
export const wrongOn = ({ at }, data) =>
  [...data.ids.keys()].filter((number) => data.maps[at].right?.[number] === 0);

// The pictures nearest to the middle of some, on the first map that has any of them.
export const centre = (maps, numbers, count) => {
  const isOn = ({ xs }) => numbers.some((number) => xs[number] >= 0);
  const { xs, ys } = maps.find(isOn) ?? maps[0];
  const mean = (values) => numbers.reduce((sum, n) => sum + values[n], 0) / numbers.length;
  const [x, y] = [mean(xs), mean(ys)];
  const far = (number) => Math.hypot(xs[number] - x, ys[number] - y);
  return [...numbers].sort((a, b) => far(a) - far(b)).slice(0, count);
};
