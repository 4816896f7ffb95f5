// The address is the state of the page: of the open tab, and of the picture that is open in it. Each
// step is an entry of the history; Back and Forward bring the state back without a reload.
const PAUSE_MS = 40; // in which changes of several components are one step
const PATIENCE_MS = 60_000; // for an answer of the server
const MAX_QUERY = 7000; // characters; the server refuses 8192, and Gradio adds them to all requests
const PRICED = ["cost", "price"];
const PARTS = [...PRICED, "changes", "votes"]; // of sections that show a state apart from that of their tab
const LONG = ["parts", "text", "query_names"]; // left out of longer ones; the history has them

const own = () => element.querySelector("[data-keys]").dataset;
const KEYS = own().keys.split(" ");
const first = own().first;

const read = (text) => {
  const given = new URLSearchParams(text);
  return Object.fromEntries(KEYS.map((key) => [key, given.get(key)]).filter(([, value]) => value));
};
const hrefOf = (state) => {
  const address = new URL(location);
  for (const key of KEYS) address.searchParams.delete(key);
  for (const key of KEYS) if (state[key]) address.searchParams.set(key, state[key]);
  if (address.search.length > MAX_QUERY) for (const key of LONG) address.searchParams.delete(key);
  return address.href;
};
const pick = (state, isWanted) =>
  Object.fromEntries(Object.entries(state).filter(([key]) => isWanted(key)));
const isPart = (key) => PARTS.includes(key);
const isPriced = (key) => PRICED.includes(key);
const same = (a, b) => KEYS.every((key) => (a[key] ?? "") === (b[key] ?? ""));
// The state of the tab alone. That of the page as it opens is empty.
const withoutHit = ({ hit, ...state }) => (same(state, { tab: first }) ? {} : state);
const shownTab = () => openTab() ?? first;
const tabOf = (state) =>
  state.tab ?? (Object.keys(state).some((key) => key !== "hit") ? "search" : first);

const shown = { [first]: {} }; // by tab: what it shows, without the opened picture
let current = read(location.search); // the state in the address
let opened = ""; // the id of the picture in the panel of the open tab
let expected = ""; // the same of a picture that is about to be opened
let timer;
let isStep = false; // whether the change that is about to be written is one
let hasActed = false; // whether the visitor did something since the page opened or went back or on
let clicks = 0; // on tabs
let turn = 0; // of the latest request
let asked = 0; // when it was sent; 0 while there is none
let wanted = null; // the state that is asked for
let isSettling = false; // whether the page is on the way to the state in the address

const write = (state, isNew) => {
  if (same(state, current)) return;
  const href = hrefOf(state);
  const entry = { ...history.state, twinlens: state };
  if (isNew) history.pushState(entry, "", href);
  else history.replaceState(entry, "", href);
  current = state;
};

const isAsking = () => asked > 0 && performance.now() < asked + PATIENCE_MS;

// Put what is shown into the address.
const commit = () => {
  clearTimeout(timer);
  if (isAsking() || isSettling) return;
  const tab = shownTab();
  const hit = opened || expected;
  const state = shown[tab] ?? { tab };
  write(hit ? { ...state, tab, hit } : state, isStep);
  isStep = false;
};
const schedule = (isNew) => {
  // Without the visitor nothing is a step: answers may still come to what was asked before Back.
  isStep ||= isNew && hasActed;
  clearTimeout(timer);
  timer = setTimeout(commit, PAUSE_MS);
};

// See opened.js.
const open = () => {
  document.body.dataset.opened = "";
  document.dispatchEvent(new Event("tl-opened"));
};
const arrive = () => delete document.body.dataset.follows;
// panel.js opens the picture, or closes its panel for "".
const showHit = (id) => {
  const detail = { id, found: false };
  document.dispatchEvent(new CustomEvent("tl-show", { detail }));
  return detail.found;
};

// Show a state that the tab has, or was just given and has not drawn yet.
const settle = async (state, isDrawn) => {
  const number = turn;
  const isLatest = () => number === turn;
  write(state, false);
  isSettling = true;
  expected = state.hit ?? "";
  if (!isDrawn) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  await selectTab(tabOf(state), isLatest);
  if (!isLatest()) return;
  arrive();
  document.dispatchEvent(new CustomEvent("tl-restored", { detail: state }));
  if (state.measured && !document.querySelector("#evaluate-result [data-link]")) {
    (await appear(() => document.querySelector("#evaluate-start"), isLatest))?.click();
  }
  const priced = document.querySelector("#cost-result [data-link]");
  if (state.cost && !same(pick(state, isPriced), pick(read(priced?.dataset.link), isPriced))) {
    (await appear(() => document.querySelector("#cost-start"), isLatest))?.click();
  }
  const tab = tabOf(state);
  const isShown = () => isLatest() && (!hasActed || same(shown[tab] ?? { tab }, withoutHit(state)));
  if (!expected) showHit("");
  else if (!(await appear(() => showHit(expected), isShown)) && isLatest()) {
    write(withoutHit(state), false); // it was removed meanwhile
  }
  if (!isLatest()) return;
  expected = "";
  isSettling = false;
  commit();
  open();
};

// The visitor opens a tab: what is on the way ends, and before the first answer the tab is what the
// page opens on.
const visit = async (name) => {
  clicks += 1;
  const number = clicks;
  if (!("ready" in document.body.dataset)) write(shown[name] ?? { tab: name }, true);
  arrive();
  if (isSettling) {
    turn += 1;
    isSettling = false;
    expected = "";
    open();
  }
  await selectTab(name, () => number === clicks);
};

const ask = () => {
  turn += 1;
  isSettling = false;
  asked = performance.now();
  trigger("click", { state: wanted, turn, tab: shownTab() });
};
const follow = () => {
  clearTimeout(timer);
  isStep = false;
  if (isAsking()) return; // the latest state is next
  asked = 0;
  wanted = current;
  const tab = tabOf(wanted);
  const state = withoutHit(wanted);
  if (same(state, shown[tab] ?? { tab })) {
    turn += 1;
    settle(wanted, true);
  } else ask();
};

watch("value", () => {
  if (!asked || Number(own().turn) !== turn) return;
  asked = 0;
  const state = read(own().state);
  shown[own().tab] = withoutHit(state);
  if (same(current, wanted)) settle(state, false);
  else follow(); // gone on meanwhile
});

// A store did not answer; see unanswered.js.
document.addEventListener("tl-again", () => {
  if (same(withoutHit(current), withoutHit(wanted))) ask();
});

addEventListener("popstate", (event) => {
  const state = event.state?.twinlens ?? read(location.search);
  if (same(state, current)) return;
  current = state;
  hasActed = false;
  follow();
});
// Files are also put into their boxes by drop.js.
const ACTS = ["pointerdown", "keydown", "click", "input", "change", "drop", "paste"];
for (const kind of ACTS) {
  const act = ({ isTrusted, type }) => {
    if (isTrusted || !["pointerdown", "keydown", "click"].includes(type)) hasActed = true;
  };
  addEventListener(kind, act, true);
}

document.addEventListener("tl-state", ({ detail }) => {
  const announced = read(detail.link);
  const tab = tabOf(announced);
  const before = shown[tab];
  const keys = detail.part?.split(" ");
  const state = keys
    ? { ...pick(before ?? {}, (key) => !keys.includes(key)), ...announced }
    : { ...announced, ...pick(before ?? {}, isPart) };
  const isBare = before === undefined && same(current, { tab });
  const isTyping = state.filter && before?.filter; // each letter filters
  shown[tab] = state;
  schedule(!(isBare && detail.settles) && !isTyping);
});
document.addEventListener("tl-panel", ({ detail }) => {
  opened = detail.id;
  if (opened) expected = "";
  if (!detail.goesOn) schedule(!detail.isNext);
});
document.addEventListener("tl-link", ({ detail }) => {
  commit();
  detail.href = location.href;
});
// A script goes to a state of any tab.
document.addEventListener("tl-go", ({ detail }) => {
  commit();
  write(read(detail), true);
  follow();
});
// Where a script opens a tab, the query that it puts there follows, and is one step with it.
for (const kind of ["click", "keyup"]) {
  document.addEventListener(kind, async ({ target, isTrusted }) => {
    const tab = isTrusted && target.closest?.("#tabs [role=tab]");
    if (!tab) return;
    if (kind === "click") await visit(tab.dataset.tabId);
    schedule(true);
  });
}

const begin = () => {
  if (!Object.keys(current).length) {
    open();
    return;
  }
  wanted = current;
  ask();
};
if ("ready" in document.body.dataset) begin();
else document.addEventListener("tl-ready", begin, { once: true });
// The page opens on another tab than the address says.
if (Object.keys(current).length) {
  const name = tabOf(current);
  if (["library", "map"].includes(name)) {
    // These show what they have when they open, which is not there yet.
    document.body.dataset.follows = "";
    setTimeout(arrive, PATIENCE_MS);
  } else selectTab(name, () => turn < 2 && !clicks);
}
