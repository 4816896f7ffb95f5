// The legend, and what is chosen above the maps: colours, the lasso, linked zoom.
const entry = (tag, colour, text) => {
  const part = document.createElement(tag);
  const swatch = document.createElement("i");
  swatch.style.background = colour;
  part.append(swatch, text);
  return part;
};

// `act` has kept, choose({ label | colour }) and redraw.
export const connectLegend = (root, data, words, listen, act) => {
  const list = root.querySelector(".tl-legend");
  const colour = root.querySelector("[data-control=colour]");
  const lasso = root.querySelector("[data-control=lasso]");
  const linked = root.querySelector("[data-control=linked]");

  listen(list, "click", ({ target }) => {
    const label = target.closest("button")?.dataset.label;
    if (label !== undefined) act.choose({ label: act.kept.label === label ? "" : label });
  });
  listen(colour, "change", () => act.choose({ colour: colour.value }));
  listen(lasso, "click", () => {
    act.kept.lasso = !act.kept.lasso;
    lasso.setAttribute("aria-pressed", String(act.kept.lasso));
    act.redraw();
  });
  lasso.setAttribute("aria-pressed", String(act.kept.lasso));
  if (linked) {
    listen(linked, "change", () => {
      act.choose({ linked: linked.checked });
    });
  }

  const labelEntry = (shown, only) => {
    const { colours, legend } = shown;
    return legend.map(([category, label]) => {
      const button = entry("button", colours[category], label);
      button.type = "button";
      button.dataset.label = label;
      button.setAttribute("aria-pressed", String(category === only));
      return button;
    });
  };
  const show = (maps, only) => {
    const { colours, legend } = maps[0].colouring;
    const isByLabel = maps[0].colouring.isByLabel;
    colour.value = act.kept.colour;
    if (linked) linked.checked = act.kept.linked;
    const isMissing = act.kept.colour !== "label" && isByLabel;
    root.querySelector(".tl-not-yet").hidden = !isMissing;
    const entries = isByLabel
      ? labelEntry(maps[0].colouring, only)
      : legend.map(([category, text]) => entry("span", colours[category], text));
    list.replaceChildren(
      ...entries.map((part) => {
        const item = document.createElement("li");
        item.append(part);
        return item;
      }),
    );
    for (const map of maps) {
      const values = data.maps[map.at].right?.filter((value) => value >= 0) ?? [];
      const right = values.filter(Boolean).length;
      map.share.hidden = act.kept.colour !== "right" || !values.length;
      const share = Math.round((100 * right) / Math.max(1, values.length));
      map.share.textContent = words.share.replace("{share}", share);
    }
  };
  return { show };
};
