// The geometry of a region: a box is [left, top, right, bottom] in shares of the picture's sides.
const LEAST = 0.05; // of a side

const within = (value, low = 0, high = 1) => Math.min(high, Math.max(low, value));
const sorted = ([x1, y1, x2, y2]) => [
  Math.min(x1, x2),
  Math.min(y1, y2),
  Math.max(x1, x2),
  Math.max(y1, y2),
];

// Return the area of the picture in its element, which may be wider or higher, relative to a box around.
// biome-ignore lint/correctness/noUnusedVariables: region.js calls it
const imageArea = (image, around) => {
  const [element, outer] = [image.getBoundingClientRect(), around.getBoundingClientRect()];
  const fit = getComputedStyle(image).objectFit;
  const scale = Math.min(
    element.width / image.naturalWidth,
    element.height / image.naturalHeight,
    fit === "scale-down" ? 1 : Infinity,
  );
  const [width, height] = [image.naturalWidth * scale, image.naturalHeight * scale];
  return {
    left: element.left - outer.left - around.clientLeft + (element.width - width) / 2,
    top: element.top - outer.top - around.clientTop + (element.height - height) / 2,
    width,
    height,
  };
};

// Return the box between two points.
// biome-ignore lint/correctness/noUnusedVariables: region.js calls it
const between = (start, end) => sorted([...start, ...end].map((share) => within(share)));

// Return the box further right and down, or left and up, as far as the picture goes.
// biome-ignore lint/correctness/noUnusedVariables: region.js calls it
const moved = ([left, top, right, bottom], rightBy, downBy) => {
  const x = within(rightBy, -left, 1 - right);
  const y = within(downBy, -top, 1 - bottom);
  return [left + x, top + y, right + x, bottom + y];
};

// Return the box with the sides that a handle such as "n" or "se" moves; they may pass the others.
// biome-ignore lint/correctness/noUnusedVariables: region.js calls it
const sized = (box, handle, rightBy, downBy) => {
  const by = { w: rightBy, n: downBy, e: rightBy, s: downBy };
  return sorted(
    ["w", "n", "e", "s"].map((side, i) => within(box[i] + (handle.includes(side) ? by[side] : 0))),
  );
};

// Return the box with sides of at least LEAST.
// biome-ignore lint/correctness/noUnusedVariables: region.js calls it
const grown = ([left, top, right, bottom]) => {
  const [x, y] = [within(left, 0, 1 - LEAST), within(top, 0, 1 - LEAST)];
  return [x, y, Math.max(right, x + LEAST), Math.max(bottom, y + LEAST)];
};
