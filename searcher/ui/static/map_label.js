// The label that is chosen in the legend is part of the page's address, and stays chosen when the maps
// are drawn again.
const given = new URLSearchParams(location.search);
let chosen = (given.get("tab") === "map" && given.get("label")) || "";
const pressed = () => element.querySelector(".tl-legend [aria-pressed=true]");
const nameOf = (button) => button?.textContent.trim() ?? "";
const choose = () => {
  const legend = [...element.querySelectorAll(".tl-legend button")];
  if (nameOf(pressed()) === chosen) return;
  (legend.find((button) => nameOf(button) === chosen) ?? pressed())?.click();
};
element.addEventListener("click", ({ target }) => {
  if (!target.closest(".tl-legend button")) return;
  chosen = nameOf(pressed());
  const { dataset } = element.querySelector("[data-link]");
  const link = new URLSearchParams(dataset.link);
  link.delete("label");
  if (chosen) link.set("label", chosen);
  dataset.link = link;
  announce(); // state.js
});
document.addEventListener("tl-restored", ({ detail: { tab, label } }) => {
  if (tab !== "map") return;
  chosen = label ?? "";
  choose();
});
watch("value", choose);
