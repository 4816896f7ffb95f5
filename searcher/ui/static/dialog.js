// A confirmation dialog with pictures, outside of the elements that Gradio redraws.
let questions = 0;

const create = (tag, properties, ...children) => {
  const part = Object.assign(document.createElement(tag), properties);
  part.append(...children);
  return part;
};

// Return the plural form of a message for a number, with the number filled in.
// biome-ignore lint/correctness/noUnusedVariables: browse.js and panel.js call it
const pluralize = (forms, number) => {
  const { lang } = document.documentElement;
  const form = JSON.parse(forms)[new Intl.PluralRules(lang).select(number)];
  return form.replace("{n}", new Intl.NumberFormat(lang).format(number));
};

// `words` has title, note, keep and remove; `pictures` have name and src. Resolves to a boolean.
// biome-ignore lint/correctness/noUnusedVariables: browse.js and panel.js call it
const ask = (words, pictures) =>
  new Promise((resolve) => {
    questions += 1;
    const id = `tl-question-${questions}`;
    const items = pictures.map(({ name, src }) =>
      create(
        "li",
        {},
        create("img", { src, alt: "" }),
        create("span", { textContent: name, title: name }),
      ),
    );
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
    (element.closest(".gradio-container") ?? document.body).append(dialog);
    dialog.showModal();
  });
