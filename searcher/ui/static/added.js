// Saves the list of skipped files, which the server has rendered.
element.addEventListener("click", ({ target }) => {
  const { csv } = target.closest("[data-action=save]")?.dataset ?? {};
  if (!csv) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([csv], { type: "text/csv" }));
  link.download = "skipped.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
});
