// Words to search with: a click searches.
element.addEventListener("click", ({ target }) => {
  const button = target.closest("button[data-words]");
  if (button) trigger("click", { words: button.dataset.words });
});
