// A question with the pictures that it is about. It hangs outside of what Gradio renders anew.
let questions = 0;

const made = (tag, properties, ...children) => {
  const part = Object.assign(document.createElement(tag), properties);
  part.append(...children);
  return part;
};

// `words` has title, note, keep and remove; `pictures` have name and src. Resolves to the answer.
// biome-ignore lint/correctness/noUnusedVariables: browse.js calls it
const ask = (words, pictures) =>
  new Promise((resolve) => {
    questions += 1;
    const id = `tl-question-${questions}`;
    const shown = pictures.map(({ name, src }) =>
      made(
        "li",
        {},
        made("img", { src, alt: "" }),
        made("span", { textContent: name, title: name }),
      ),
    );
    const answer = (value, textContent) => made("button", { value, textContent });
    const form = made(
      "form",
      { method: "dialog" },
      made("h2", { id, textContent: words.title }),
      made("ul", { tabIndex: 0 }, ...shown),
      made("p", { id: `${id}-note`, textContent: words.note }),
      made("div", {}, answer("", words.keep), answer("yes", words.remove)),
    );
    const dialog = made("dialog", { className: "tl-dialog", role: "alertdialog" }, form);
    dialog.setAttribute("aria-labelledby", id);
    dialog.setAttribute("aria-describedby", `${id}-note`);
    form.querySelector("ul").setAttribute("aria-labelledby", id);
    form.querySelector("button").autofocus = true; // Enter alone removes nothing
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    (element.closest(".gradio-container") ?? document.body).append(dialog);
    dialog.showModal();
  });
