// Numbers open the pictures behind them, and pictures open in Compare.
const sent = () => element.querySelector("[data-state]")?.dataset.state ?? "";

element.addEventListener("click", (event) => {
  const { target } = event;
  const link = target.closest("a[data-follow]");
  if (link && !(event.metaKey || event.ctrlKey || event.shiftKey)) {
    event.preventDefault();
    // address.js follows it without loading the page again.
    history.pushState(null, "", link.href);
    dispatchEvent(new PopStateEvent("popstate"));
    return;
  }
  const relabel = target.closest("[data-action=relabel]");
  if (relabel) {
    const { id } = relabel.closest("[data-id]").dataset;
    trigger("select", { id, label: relabel.dataset.label, state: sent() });
    return;
  }
  if (target.closest("[data-action=report]")) {
    document.dispatchEvent(new CustomEvent("tl-report", { detail: "disagreements" }));
    return;
  }
  const button = target.closest("[data-to]");
  if (button) trigger("click", { state: button.dataset.to, new: !button.closest(".tl-look") });
});
element.addEventListener("change", ({ target }) => {
  if (target.matches(".tl-choices select")) trigger("click", { state: target.value });
});
// A change of labels was undone.
document.addEventListener("tl-relabelled", () => {
  if (sent()) trigger("click", { state: sent() });
});
watch("value", () => {
  const fresh = element.querySelector("[data-new]");
  fresh?.scrollIntoView({ block: "start" });
});
