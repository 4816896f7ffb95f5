"""Finding English words on the Spanish page."""

import re
from functools import cache

from playwright.sync_api import Page, expect

from searcher.messages.translate import LOCALE
from tests.browsing import WAIT_MS, answered
from tools import catalogs

WORD = re.compile(r"[^\W\d_]{2,}")
# Names, file names and measures are the same in all languages.
NAMES = re.compile(
    r"Colour|Shape|\(baseline\)|Words \(ConSE\)|DINOv2-small|SigLIP2? base"
    r"|\S+\.\w+|\w+@\d+|^map$|Leave-one-out"
)
# Every visible or accessible text, except code and the metadata of models.
VISIBLE_TEXTS = """() => {
  const strange = "code, pre, body [lang], .tl-origin";
  const texts = [];
  for (const part of document.querySelectorAll("body *")) {
    if (part.closest(strange) || !part.checkVisibility({ visibilityProperty: true })) continue;
    for (const name of ["aria-label", "title", "placeholder", "alt", "aria-description"]) {
      if (part.hasAttribute(name)) texts.push(part.getAttribute(name));
    }
    for (const child of part.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) texts.push(child.textContent);
    }
  }
  return texts.filter((text) => text.trim());
}"""


@cache
def english_words() -> frozenset[str]:
    """Words of the English messages that no Spanish one has."""

    def words(forms: object) -> set[str]:
        texts = forms if isinstance(forms, tuple | list) else [forms]
        plain = (re.sub(r"\{.*?\}|`.*?`", "", str(text)) for text in texts)
        return {word.lower() for text in plain for word in WORD.findall(text)}

    messages = [message for message in catalogs.read(LOCALE / "es.po") if message.id]
    english = {word for message in messages for word in words(message.id)}
    return frozenset(english - {word for m in messages for word in words(m.string)})


def english_in(text: str) -> set[str]:
    return {w.lower() for w in WORD.findall(NAMES.sub("", text))} & english_words()


def no_english(page: Page) -> None:
    """Check that neither visible texts nor those for screen readers have an English word."""
    texts = page.evaluate(VISIBLE_TEXTS)
    wrong = {text: words for text in texts if (words := english_in(text))}
    assert wrong == {}, wrong


def toast(page: Page, words: str) -> None:
    """Expect a toast with these words and no English one, and close it."""
    message = page.get_by_test_id("toast-body").filter(has_text=words)
    expect(message).to_be_visible(timeout=WAIT_MS)
    no_english(page)
    message.get_by_test_id("toast-close").click()
    expect(message).to_have_count(0, timeout=WAIT_MS)


def dialog_text(page: Page, button: str, accept: bool = False) -> str:
    """Click a button; returns the text of the browser's dialog."""
    question = answered(page, page.get_by_role("button", name=button).click, accept)
    assert english_in(question) == set(), question
    return question
