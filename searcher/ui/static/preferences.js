// The switches for language and theme. Cookies store the choice for the server, which renders pages
// accordingly; "" follows the browser.
const YEAR_S = 31_536_000;
const secure = location.protocol === "https:";
const framed = secure && window.parent !== window;
const site = framed ? "None; Partitioned" : "Lax"; // Lax cookies are not sent in a frame of another site
const folder = new URL(".", document.baseURI).pathname;

const cookie = (name) =>
  document.cookie.match(new RegExp(`(?:^|; )twinlens-${name}=([a-z]+)`))?.[1] ?? "";
const keep = (name, value) => {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is there over https only
  document.cookie = [
    `twinlens-${name}=${value}`,
    `Path=${folder}`,
    `Max-Age=${value ? YEAR_S : 0}`,
    `SameSite=${site}`,
    ...(secure ? ["Secure"] : []),
  ].join("; ");
};

const select = (name) => element.querySelector(`select[name=${name}]`);
const address = () => new URL(location);
const theme = () => address().searchParams.get("__theme") ?? cookie("theme"); // Gradio's parameter

const system = matchMedia("(prefers-color-scheme: dark)");
const paint = () => {
  const dark = theme() === "dark" || (theme() !== "light" && system.matches);
  document.body.classList.toggle("dark", dark);
};
system.addEventListener("change", paint); // after Gradio's listener, which uses the initial theme

const show = () => {
  if (!select("language")) return;
  select("language").value = cookie("language");
  select("theme").value = theme();
};

element.addEventListener("change", ({ target }) => {
  keep(target.name, target.value);
  if (target.name === "language") {
    location.reload();
    return;
  }
  const plain = address();
  plain.searchParams.delete("__theme");
  history.replaceState(history.state, "", plain);
  paint();
});
watch("value", show);
show();
