// Ctrl+V anywhere on the page makes the clipboard's picture the query of the open tab.
// Gradio itself only reads the clipboard when its button is pressed.
() => {
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    const picture = files.find((file) => file.type.startsWith("image/"));
    const open = [...document.querySelectorAll(".tl-query")].find((box) => box.offsetParent);
    const input = open?.querySelector("input[type=file]");
    if (!picture || !input) return;
    event.preventDefault();
    const chosen = new DataTransfer();
    chosen.items.add(picture);
    input.files = chosen.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
};
