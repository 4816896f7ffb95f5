// Copies the page's address, which brings back what is shown; see address.js.
// biome-ignore lint/correctness/noUnusedVariables: query.js and panel.js call it
const copyLink = async (button, status) => {
  const request = new CustomEvent("tl-link", { detail: { href: location.href } });
  document.dispatchEvent(request);
  const link = request.detail.href;
  let copied = await navigator.clipboard?.writeText(link).then(
    () => true,
    () => false,
  );
  if (!copied) {
    // Without https, browsers have only the older interface.
    const field = Object.assign(document.createElement("textarea"), { value: link });
    button.after(field);
    field.select();
    copied = document.execCommand("copy");
    field.remove();
    button.focus();
  }
  const { done, failed } = button.dataset;
  status.textContent = copied ? done : `${failed} ${link}`;
};
