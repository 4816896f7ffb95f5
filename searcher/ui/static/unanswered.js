// What could not be answered, or not from the whole library, is asked again: when the library has
// changed since, or once its status has what the answer waits for (status.html).
const news = document.querySelector("#status");
let latest; // the version at which it was asked again

const askAgain = () => {
  const { unanswered, waits } =
    element.querySelector("[data-unanswered], [data-waits]")?.dataset ?? {};
  const status = news.querySelector("[data-version]")?.dataset ?? {};
  const isDue = waits ? waits in status : unanswered && unanswered !== status.version;
  if (!isDue || [latest, undefined].includes(status.version)) return;
  latest = status.version;
  trigger("submit");
};
watch("value", askAgain);
new MutationObserver(askAgain).observe(news, { subtree: true, childList: true, attributes: true });
