// The footer: the API's description, which a hidden button of Gradio opens, and the section on code.
const apiButton = () => document.querySelector("footer .show-api");
const LOCAL = /(?<=")http:\/\/localhost:\d+(?=")/;

// The server does not know by which address a proxy has it.
const showOwnAddress = (section) => {
  const walker = document.createTreeWalker(section, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    node.data = node.data.replace(LOCAL, new URL(".", document.baseURI).href);
  }
};

// Gradio draws the program late on a slow machine, and anew when it colours it.
appear(() => document.querySelector("#code")).then((section) => {
  if (!section) return;
  showOwnAddress(section);
  const observer = new MutationObserver(() => showOwnAddress(section));
  observer.observe(section, { subtree: true, childList: true });
});

element.addEventListener("click", (event) => {
  const part = event.target.closest("[data-action]");
  if (part?.dataset.action === "api") {
    const button = apiButton();
    if (!button) return; // the link loads the page anew
    event.preventDefault();
    button.click();
  }
  if (part?.dataset.action !== "code") return;
  const section = document.querySelector("#code");
  const isOpen = section.toggleAttribute("data-open");
  part.setAttribute("aria-expanded", String(isOpen));
  if (isOpen) section.scrollIntoView({ block: "nearest" });
});

// Gradio takes the description for shown where the address asks for it, but has not loaded it then.
if (new URLSearchParams(location.search).get("view") === "api") {
  appear(apiButton).then((button) => {
    button?.click(); // closes it
    button?.click();
  });
}
