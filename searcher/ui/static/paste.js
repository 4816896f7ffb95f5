// Ctrl+V anywhere on the page makes the clipboard's picture the query of the open tab.
// Gradio reads the clipboard only when its button is pressed.
() => {
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    const picture = files.find((file) => file.type.startsWith("image/"));
    const open = [...document.querySelectorAll(".tl-query")].find((box) => box.offsetParent);
    const input = open?.querySelector("input[type=file]");
    if (!picture || !input) return;
    event.preventDefault();
    const transfer = new DataTransfer();
    transfer.items.add(picture);
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
};
