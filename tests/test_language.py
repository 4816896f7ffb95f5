"""Languages: by the browser's wish, every message translated, values kept."""

import re
import string
from collections.abc import Iterator

import gradio as gr
import pytest
from gradio.context import LocalContext
from starlette.requests import Request

from searcher.metrics.robustness import CHANGES
from searcher.ui import i18n
from searcher.ui.components import query_input
from searcher.ui.tabs import arena_tab, compare_tab, evaluate_tab, map_tab, models_tab, search_tab
from tests.messages import of_the_page

TABS = (arena_tab, compare_tab, evaluate_tab, map_tab, search_tab)


def visit(header: str) -> None:
    """From here on a visitor is served whose browser options for these languages."""
    scope = {"type": "http", "headers": [(b"accept-language", header.encode())]}
    LocalContext.request.set(gr.Request(Request(scope)))


@pytest.fixture
def spanish() -> Iterator[None]:
    before = LocalContext.request.get(None)
    visit("es-MX,es;q=0.9,en;q=0.5")
    try:
        yield
    finally:
        LocalContext.request.set(before)


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "en"),
        ("es", "es"),
        ("es-ES,es;q=0.9", "es"),
        ("ES", "es"),
        ("en-US,en;q=0.9,es;q=0.8", "en"),
        ("en;q=0.3, es;q=0.7", "es"),
        ("de-DE, fr;q=0.9", "en"),
        ("de-DE, es;q=0.1", "es"),
        ("es;q=0, en", "en"),
        ("*", "en"),
        ("es;q=nonsense,,;;", "es"),
        ("../../etc/passwd", "en"),
    ],
)
def test_the_browsers_first_wish_that_there_is(header: str, code: str) -> None:
    assert i18n.preferred(header) == code


@pytest.mark.parametrize("code", sorted(i18n.languages()))
def test_every_message_is_translated(code: str, spanish: None) -> None:
    known = i18n.languages()[code]
    wanted = of_the_page() - {"Model "}
    wanted |= {"Model A", "Model B", "And these", *CHANGES, *models_tab.STATES.values()}
    wanted |= {*query_input.EMPTY_LIBRARY, arena_tab.EXPLANATION, evaluate_tab.EXPLANATION}
    wanted |= {words for tab in TABS for words in tab.INVITATION}
    rows = ("top", "middle", "bottom")
    wanted |= {f"{row} {column}" for row in rows for column in ("left", "middle", "right")}
    wanted |= {"query", "hit"}
    assert wanted - set(known) == set()


@pytest.mark.parametrize("code", sorted(i18n.languages()))
def test_translations_have_the_same_values_and_html(code: str) -> None:
    def fields(text: str) -> list[str]:
        return sorted({name for _, name, _, _ in string.Formatter().parse(text) if name})

    for message, own in i18n.languages()[code].items():
        assert own, message
        assert fields(own) == fields(message), message
        assert own.count("|") == message.count("|"), message
        assert re.findall("</?b>", own) == re.findall("</?b>", message), message
        assert own.count("`") == message.count("`"), message


def test_values_are_filled_in_and_escaped(spanish: None) -> None:
    assert i18n.tr("all {n}", n=7) == "las 7"
    one, many = (i18n.tr("{n} picture removed.|{n} pictures removed.", n=n) for n in (1, 2))
    assert (one, many) == ("1 imagen quitada.", "2 imágenes quitadas.")
    assert i18n.rich("; {model} is too near to be told apart.", model="<i>") == (
        "; &lt;i&gt; está demasiado cerca para distinguirlo."
    )


def test_english_is_what_stands_in_the_code(spanish: None) -> None:
    visit("en")
    assert i18n.tr("all {n}", n=7) == "all 7"
    assert i18n.tr("{n} picture removed.|{n} pictures removed.", n=1) == "1 picture removed."
