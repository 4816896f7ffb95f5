// A confirmation dialog with pictures, outside of the elements that Gradio redraws.
const SHOWN = 60; // pictures; a list of hundreds would not be looked at
let questions = 0;

const create = (tag, properties, ...children) => {
  const part = Object.assign(document.createElement(tag), properties);
  part.append(...children);
  return part;
};

// `words` has title, note, keep and remove; `pictures` have name and src. Resolves to a boolean.
// biome-ignore lint/correctness/noUnusedVariables: browse.js and panel.js call it
const ask = (words, pictures) =>
  new Promise((resolve) => {
    questions += 1;
    const id = `tl-question-${questions}`;
    const items = pictures
      .slice(0, SHOWN)
      .map(({ name, src }) =>
        create(
          "li",
          {},
          create("img", { src, alt: "" }),
          create("span", { textContent: name, title: name }),
        ),
      );
    if (pictures.length > SHOWN)
      items.push(create("li", { textContent: `+ ${pictures.length - SHOWN}` }));
    const answer = (value, textContent) => create("button", { value, textContent });
    const form = create(
      "form",
      { method: "dialog" },
      create("h2", { id, textContent: words.title }),
      create("ul", { tabIndex: 0 }, ...items),
      create("p", { id: `${id}-note`, textContent: words.note }),
      create("div", {}, answer("", words.keep), answer("yes", words.remove)),
    );
    const dialog = create("dialog", { className: "tl-dialog", role: "alertdialog" }, form);
    dialog.setAttribute("aria-labelledby", id);
    dialog.setAttribute("aria-describedby", `${id}-note`);
    form.querySelector("ul").setAttribute("aria-labelledby", id);
    form.querySelector("button").autofocus = true; // Enter alone removes nothing
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    (element.closest(".contain") ?? document.body).append(dialog);
    dialog.showModal();
  });
