// Gradio's button for more files lies within another button, which screen readers can't tell, and its
// name is a key of no translation. One of our own, beside them, does what it does.
const offerMore = () => {
  for (const inner of document.querySelectorAll(".icon-button .upload-container.icon-mode")) {
    const outer = inner.parentElement.closest(".icon-button");
    if (outer.previousElementSibling?.matches("[data-more]")) continue;
    const own = document.createElement("button");
    own.className = outer.className;
    own.style.cssText = outer.style.cssText;
    own.dataset.more = "";
    own.ariaLabel = own.title = sentence("more");
    own.append(inner.previousElementSibling?.cloneNode(true) ?? "+");
    own.addEventListener("click", () => inner.querySelector("input[type=file]")?.click());
    outer.style.setProperty("display", "none", "important");
    outer.before(own);
  }
};
new MutationObserver(offerMore).observe(document.body, { subtree: true, childList: true });
