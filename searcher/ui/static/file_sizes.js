// Refuses files that are too large before they are uploaded, with one sentence in their box. The
// server refuses them as well.
const MEGABYTE = 1_048_576;
const NETWORKS = "#bring-file"; // the box whose files may be larger

const tooLarge = (files, limit) => [...files].find(({ size }) => size > limit * MEGABYTE);
const megabytes = (size) => Math.ceil((10 * size) / MEGABYTE) / 10; // never rounded to the limit

const checkSizes = (event) => {
  const input = event.target.closest("input[type=file]");
  const files = event.type === "drop" ? event.dataTransfer?.files : input?.files;
  const box = event.target.closest(".block");
  const texts = element.querySelector("[data-file-limit]");
  if (!files?.length || !box || !texts) return;
  box.querySelector(".tl-too-large")?.remove();
  const { fileLimit, networkLimit } = texts.dataset;
  const limit = Number(box.closest(NETWORKS) ? networkLimit : fileLimit);
  const file = tooLarge(files, limit);
  if (!file) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (input) input.value = "";
  const digits = new Intl.NumberFormat(document.documentElement.lang || undefined);
  const values = { name: file.name, size: digits.format(megabytes(file.size)), limit };
  const refusal = document.createElement("p");
  refusal.className = "tl-too-large";
  refusal.role = "alert";
  refusal.textContent = texts.textContent.replace(/\{(\w+)\}/g, (_, key) => values[key]);
  box.append(refusal);
};
for (const type of ["change", "drop"]) document.addEventListener(type, checkSizes, true);
