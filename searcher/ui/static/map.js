// Loads the maps' code (map/) and what they show once the tab opens, and asks for better maps when they
// are made. What is chosen in the page, the label and the colours, is part of its address.
const POLL_MS = 1000;

const given = new URLSearchParams(location.search);
const isGiven = given.get("tab") === "map";
const kept = {
  label: (isGiven && given.get("label")) || "",
  colour: (isGiven && given.get("colour")) || "label",
  linked: !(isGiven && given.get("linked") === "0"),
  lasso: false,
  selected: [], // ids
};
const rootOf = () => element.querySelector(".tl-maps");
const address = (path) => new URL(path, document.baseURI);

// Before state.js announces it.
const putLink = () => {
  const root = rootOf();
  if (!root) return;
  const link = new URLSearchParams(root.dataset.link);
  for (const key of ["label", "colour", "linked"]) link.delete(key);
  if (kept.label) link.set("label", kept.label);
  if (kept.colour !== "label") link.set("colour", kept.colour);
  if (!kept.linked) link.set("linked", "0");
  root.dataset.link = link;
};

// On narrow screens, inputs that a person has opened stay so until what they ask for has come.
const CHANGE = "[data-action=show-controls]";
let [isOpen, asked] = [false, ""];
const keepInputs = (root) => {
  const link = new URLSearchParams(root.dataset.link);
  const drawn = `${link.get("models")} ${link.get("method")}`;
  isOpen &&= drawn === asked;
  asked = drawn;
  root.querySelector(CHANGE).setAttribute("aria-expanded", isOpen);
};
element.addEventListener("click", ({ target }) => {
  // Before controls.js changes it.
  if (target.closest(CHANGE)) isOpen = target.closest(CHANGE).ariaExpanded !== "true";
});

let [shown, turn, timer] = [null, 0, 0];

const follow = async (root, number) => {
  if (number !== turn) return;
  const part = root.querySelector(".tl-making");
  const isShown = root.checkVisibility?.() ?? true;
  const answer = isShown && (await fetch(address(root.dataset.progress)).catch(() => null));
  const share = answer?.ok ? (await answer.json()).share : undefined;
  if (number !== turn) return;
  if (share === null) {
    trigger("submit"); // draws them anew
    return;
  }
  if (share !== undefined) {
    part.querySelector("b").textContent = `${Math.round(100 * share)} %`;
    part.querySelector("progress").value = share;
  }
  timer = setTimeout(follow, POLL_MS, root, number);
};

const restart = async () => {
  turn += 1;
  const number = turn;
  clearTimeout(timer);
  shown?.stop();
  shown = null;
  const root = rootOf();
  if (!root) return;
  keepInputs(root);
  putLink();
  const [{ start }, answer] = await Promise.all([
    import(address(root.dataset.code)),
    fetch(address(root.dataset.source)),
  ]);
  const data = answer.ok ? await answer.json() : null;
  if (number !== turn) return;
  if (!data) {
    trigger("submit"); // the server has forgotten the document
    return;
  }
  shown = start(root, data, {
    kept,
    trigger,
    plural: pluralize,
    changed: () => {
      putLink();
      announce(); // state.js
    },
    go: (state) => {
      const detail = new URLSearchParams(state).toString();
      document.dispatchEvent(new CustomEvent("tl-go", { detail }));
    },
  });
  if (!root.querySelector(".tl-making").hidden) timer = setTimeout(follow, POLL_MS, root, number);
};
document.addEventListener("tl-restored", ({ detail: { tab, label, colour, linked } }) => {
  if (tab !== "map") return;
  kept.label = label ?? "";
  kept.colour = colour ?? "label";
  kept.linked = linked !== "0";
  shown?.choose(kept);
});
element.addEventListener("click", ({ target }) => {
  if (target.closest("[data-action=again]")) trigger("input");
});
watch("value", restart);
restart();
