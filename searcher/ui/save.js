// Hand a document that the server made to the browser's downloads.
(html) => {
  if (!html) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([html], { type: "text/html" }));
  link.download = "twinlens-comparison.html";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
};
