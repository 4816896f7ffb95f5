// Passes the server's refusal of a query on to the picture box of its tab; "" withdraws it.
watch("value", () => {
  const detail = element.querySelector("[data-refusal]")?.dataset.refusal ?? "";
  const box = element.closest(".tl-tab")?.querySelector(".tl-query");
  box?.dispatchEvent(new CustomEvent("tl-refusal", { detail, bubbles: true }));
});
