// The colours of a map's dots. Those of labels and of right and wrong are Okabe and Ito's, which stay
// apart for colour-blind eyes; lighter and darker for more labels, after which they repeat.
const BASE = [
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#cc79a7",
  "#e69f00",
  "#56b4e9",
  "#8f7a00",
  "#777777",
];
const RIGHT = ["#d55e00", "#0072b2"];
const RIGHT_DARK = ["#ff8a3d", "#4aa3e0"];
const UNKNOWN = "#999999";
// Cividis, from few to many common neighbours.
const STEPS = ["#00224e", "#2a3f6d", "#575d6d", "#7d7c78", "#a59c74", "#d2c060", "#fee838"];
const LIGHTER = 0.3; // on dark paper
const DIM = ["#e3e3e6", "#34343a"];

const mixed = (colour, other, share) => {
  const part = (text, at) => Number.parseInt(text.slice(at, at + 2), 16);
  const mix = (at) => Math.round(part(colour, at) * (1 - share) + part(other, at) * share);
  return `#${[1, 3, 5].map((at) => mix(at).toString(16).padStart(2, "0")).join("")}`;
};
const isDark = () => document.body.classList.contains("dark");

const ofLabel = (label) => {
  const colour = BASE[label % BASE.length];
  const round = Math.floor(label / BASE.length) % 3;
  const first = isDark() ? mixed(colour, "#ffffff", 0.25) : colour;
  return [first, mixed(first, "#ffffff", 0.45), mixed(first, "#000000", 0.4)][round];
};

// What the dots of a map show: a colour by category, the category of each picture, and entries of the
// legend, [category, text]. Without `values` the way is not there yet.
const ways = {
  label: (data) => ({
    colours: data.labels.map((_, label) => ofLabel(label)),
    values: data.label,
    legend: data.labels.map((label, category) => [category, label]),
  }),
  right: (data, map, words) => ({
    colours: [...(isDark() ? RIGHT_DARK : RIGHT), UNKNOWN],
    values: data.maps[map].right?.map((value) => (value < 0 ? 2 : value)),
    legend: [
      [1, words.right],
      [0, words.wrong],
    ],
  }),
  agreement: (data, _map, words) => ({
    colours: [...STEPS.map((step) => (isDark() ? mixed(step, "#ffffff", LIGHTER) : step)), UNKNOWN],
    values: data.agreement?.map((value) => (value < 0 ? STEPS.length : stepOf(value))),
    legend: STEPS.map((_, step) => [step, words.agreement.replace("{n}", rangeOf(step))]),
  }),
};
const stepOf = (value) => Math.round((value / 10) * (STEPS.length - 1));
const rangeOf = (step) => {
  const values = [...Array(11).keys()].filter((value) => stepOf(value) === step);
  return values.length > 1 ? `${values[0]}–${values.at(-1)}` : `${values[0]}`;
};

export const WAYS = Object.keys(ways);

// As `ways`; those of other labels than the chosen one are dim, and lie below.
export const colouring = (way, data, map, words, only) => {
  const { colours, values, legend } = ways[way](data, map, words);
  if (!values) return null;
  const dim = colours.length;
  const shown = only === null ? values : values.map((v, i) => (data.label[i] === only ? v : dim));
  const all = [...colours, DIM[Number(isDark())]];
  return { colours: all, values: shown, legend, dim, isByLabel: way === "label" };
};
