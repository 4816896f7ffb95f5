// A query for which nothing is indexed yet is asked again when the library has changed since.
const news = document.querySelector("#status");
let latest; // the version at which it was asked again

const askAgain = () => {
  const asked = element.querySelector("[data-unanswered]")?.dataset.unanswered;
  const version = news.querySelector("[data-version]")?.dataset.version;
  if (!asked || [asked, latest, undefined].includes(version)) return;
  latest = version;
  trigger("submit");
};
watch("value", askAgain);
new MutationObserver(askAgain).observe(news, { subtree: true, childList: true, attributes: true });
