// The page is open once its first answer and the state of its address are shown. What a visitor does
// before happens then: the answer would overwrite it.
const OPENING_MS = 60_000; // at most; the server may be away, and a busy one may take long
const isOpened = () => "opened" in document.body.dataset;
// biome-ignore lint/correctness/noUnusedVariables: early.js and drop.js wait for it
const opened = new Promise((done) => {
  if (isOpened()) done();
  document.addEventListener("tl-opened", done, { once: true });
  setTimeout(done, OPENING_MS);
});
