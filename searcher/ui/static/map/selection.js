// What can be done with the selected pictures: Library, Compare, a label, and a list to read.
const LISTED = 100; // pictures in the list
const PARTS = 8; // of a query
const NAMED = 400; // pictures in an address

// `act` has go, clear, setLabel, point, plural, thumbnail, and centre, which returns the numbers nearest to
// the middle.
export const connectSelection = (panel, data, listen, act) => {
  const list = panel.querySelector(".tl-selected");
  const count = panel.querySelector("b");
  let numbers = [];

  const show = (selected) => {
    numbers = selected;
    panel.hidden = !numbers.length;
    if (!numbers.length) return;
    count.textContent = act.plural(count.dataset.count, numbers.length);
    const more = panel.querySelector(".tl-more");
    more.hidden = numbers.length <= NAMED;
    list.replaceChildren(
      ...numbers.slice(0, LISTED).map((number) => {
        const item = document.createElement("li");
        const button = document.createElement("button");
        button.type = "button";
        button.dataset.number = number;
        const image = document.createElement("img");
        Object.assign(image, { alt: "", loading: "lazy", src: act.thumbnail(number) });
        const words = document.createElement("span");
        words.textContent = `${data.names[number]} · ${data.labels[data.label[number]]}`;
        button.append(image, words);
        item.append(button);
        return item;
      }),
    );
  };
  const idsOf = (some) => some.map((number) => data.ids[number]);
  const short = (id) => BigInt(id).toString(36);

  const input = panel.querySelector("input"); // missing where nothing may be changed
  const setLabel = () => {
    const label = input.value.trim();
    if (label) act.setLabel(idsOf(numbers), label);
  };

  listen(panel, "click", ({ target }) => {
    const button = target.closest("button");
    if (button?.dataset.number) act.point(Number(button.dataset.number));
    const action = button?.dataset.action;
    if (action === "clear") act.clear();
    if (action === "label") setLabel();
    if (action === "library") {
      const filter = `id:${idsOf(numbers.slice(0, NAMED)).map(short).join(".")}`;
      act.go({ tab: "library", filter });
    }
    if (action === "compare") {
      const parts = idsOf(act.centre(numbers, PARTS)).map((picture) => ({ picture }));
      const query = parts.length === 1 ? parts[0] : { parts: JSON.stringify(parts) };
      act.go({ tab: "compare", models: true, ...query });
    }
  });
  listen(panel, "keydown", ({ key, target }) => {
    if (key === "Enter" && target === input) setLabel();
  });
  return show;
};
