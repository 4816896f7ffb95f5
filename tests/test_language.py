"""Languages: chosen or preferred, every message translated, values in their place."""

import json
import re
import shutil
import string
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import gradio as gr
import pytest
from gradio.context import LocalContext
from starlette.requests import Request

from searcher.messages import translate
from searcher.ui import i18n
from tools import catalogs

CATALOGUES = sorted(translate.LOCALE.glob("*.po"))


def texts(forms: object) -> list[str]:
    """What Babel has of a message: all its forms, empty where there is none."""
    several = forms if isinstance(forms, tuple | list) else [forms]
    return [str(form or "") for form in several]


def visit(accepted: str, cookie: str = "") -> None:
    """From here on a visitor is served whose browser sends these headers."""
    headers = [(b"accept-language", accepted.encode()), (b"cookie", cookie.encode())]
    scope = {"type": "http", "headers": headers}
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
def test_the_first_language_that_the_browser_prefers(header: str, code: str) -> None:
    assert i18n.preferred_language(header) == code


@pytest.mark.parametrize(
    ("cookie", "code"),
    [
        ("twinlens-language=en", "en"),
        ("twinlens-language=es", "es"),
        ("other=1; twinlens-language=en", "en"),
        ("twinlens-language=", "es"),
        ("twinlens-language=xx", "es"),
        ("twinlens-language=../en; x", "es"),
    ],
)
def test_the_switch_goes_before_the_browser(spanish: None, cookie: str, code: str) -> None:
    visit("es", cookie)
    assert i18n.language() == code


@pytest.mark.source
@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_catalogues_have_every_message_and_no_other(path: Path) -> None:
    catalog = catalogs.read(path)
    messages = {(message.context, message.id) for message in catalogs.all_messages()}
    translated = {(message.context, message.id) for message in catalog}
    assert messages - translated == set(), "run `make messages` and translate what is new"
    assert translated - messages == set(), "run `make messages`"
    assert dict(catalog.obsolete) == {}, "delete what begins with #~"
    for message in catalog:
        if message.id:
            assert all(texts(message.string)), message.id
            assert not message.fuzzy, message.id


@pytest.mark.source
@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_an_update_of_a_full_catalogue_changes_nothing(path: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(path, tmp_path))
    catalogs.update(copy)
    assert copy.read_text() == path.read_text()


def test_an_update_adds_what_is_new_and_sets_aside_what_is_gone(tmp_path: Path) -> None:
    path = Path(shutil.copy(translate.LOCALE / "es.po", tmp_path))
    text = path.read_text().replace('msgid "Undo"', 'msgid "Undo it"')
    path.write_text(text.replace('msgctxt "file.empty"', 'msgctxt "file.bare"'))
    catalogs.update(path)
    catalog = catalogs.read(path)
    added = catalog.get("Undo")
    assert added is not None and added.string == ""
    assert "Undo it" in catalog.obsolete
    sentence = catalog.get("{name} is empty.", "file.empty")
    assert sentence is not None and sentence.string == ""


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_translations_have_the_same_values_and_html(path: Path) -> None:
    def fields(text: str) -> set[tuple[str, str | None]]:
        parts = string.Formatter().parse(text)
        return {(name, specification) for _, name, specification, _ in parts if name}

    for message in catalogs.read(path):
        if not message.id:
            continue
        originals, forms = texts(message.id), texts(message.string)
        for form in forms:
            # A form for one number only may do without it.
            assert fields(form) <= fields(originals[-1]), message.id
            assert re.findall("</?b>", form) == re.findall("</?b>", originals[-1]), message.id
            assert form.count("`") == originals[-1].count("`"), message.id
        assert fields(forms[-1]) == fields(originals[-1]), message.id


def test_values_are_filled_in_and_escaped(spanish: None) -> None:
    assert i18n.ntr("the only one", "all {n}", n=7) == "las 7"
    removed = ("{n} picture removed.", "{n} pictures removed.")
    one, many = (i18n.ntr(*removed, n=n) for n in (1, 12_345))
    assert (one, many) == ("1 imagen quitada.", "12.345 imágenes quitadas.")
    only = "Only {model} understands words: there is nothing to compare."
    assert i18n.rich(only, model="<i>") == (
        "Solo &lt;i&gt; entiende palabras: no hay nada que comparar."
    )


def test_english_is_what_stands_in_the_code(spanish: None) -> None:
    visit("en")
    removed = ("{n} picture removed.", "{n} pictures removed.")
    one, many = (i18n.ntr(*removed, n=n) for n in (1, 12_345))
    assert (one, many) == ("1 picture removed.", "12,345 pictures removed.")


def test_messages_of_the_library_are_found_by_their_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "es.po").write_text(
        'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
        'msgctxt "empty_file"\nmsgid "{name} is empty."\nmsgstr "{name} está vacío."\n\n'
        'msgctxt "left"\nmsgid "{n} is left."\nmsgid_plural "{n} are left."\n'
        'msgstr[0] "Queda {n}."\nmsgstr[1] "Quedan {n}."\n'
    )
    monkeypatch.setattr(translate, "LOCALE", tmp_path)
    translate.languages.cache_clear()
    translate._catalog.cache_clear()
    try:
        sentence = "{name} is empty."
        assert translate.pgettext("es", "empty_file", sentence) == "{name} está vacío."
        assert translate.pgettext("es", "another", sentence) == sentence
        assert translate.pgettext("en", "empty_file", sentence) == sentence
        forms = ("{n} is left.", "{n} are left.")
        assert [translate.pgettext("es", "left", *forms, n) for n in (0, 1, 2)] == [
            "Quedan {n}.",
            "Queda {n}.",
            "Quedan {n}.",
        ]
        assert translate.pgettext("xx", "left", *forms, 1) == "{n} is left."
    finally:
        translate.languages.cache_clear()
        translate._catalog.cache_clear()


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("en", ["1,234", "12,345", "0.500", "99.2%", "50%", "8.4 ms", "Nov 26, 2026, 9:05 PM"]),
        ("es", ["1234", "12.345", "0,500", "99,2 %", "50 %", "8,4 ms", "26 nov 2026, 21:05"]),
    ],
)
def test_numbers_and_dates_follow_the_language(
    spanish: None, accepted: str, expected: list[str]
) -> None:
    visit(accepted)
    written = [
        i18n.number(1234),
        i18n.number(12_345),
        i18n.number(0.5, 3),
        i18n.percent(0.992, 1),
        i18n.percent(0.5),
        i18n.milliseconds(8.4),
        i18n.date_and_time(datetime(2026, 11, 26, 21, 5)),
    ]
    assert [re.sub(r"\s", " ", text) for text in written] == expected


def test_numbers_within_messages_follow_the_language(spanish: None) -> None:
    line = i18n.rich("{rate:.1f} a second", rate=1234.56)
    assert line == "1234,6 por segundo"
    size = i18n.tr("{width:d} × {height:d} pixels", width=12_000, height=800)
    assert size == "12000 × 800 píxeles"
    assert i18n.tr("weights: {source}", source="12345") == "pesos: 12345"


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("en", ["1st", "2nd", "3rd", "4th", "11th", "12th", "21st", "102nd"]),
        ("es", ["1.ª", "2.ª", "3.ª", "4.ª", "11.ª", "12.ª", "21.ª", "102.ª"]),
    ],
)
def test_places_in_an_order(spanish: None, accepted: str, expected: list[str]) -> None:
    visit(accepted)
    assert [i18n.ordinal(n) for n in (1, 2, 3, 4, 11, 12, 21, 102)] == expected


def test_scripts_get_every_form_of_a_message(spanish: None) -> None:
    forms = i18n.plural_forms("{n} picture ticked", "{n} pictures ticked")
    assert json.loads(forms) == {
        "one": "{n} imagen marcada",
        "other": "{n} imágenes marcadas",
        "many": "{n} imágenes marcadas",
    }


def test_labels_that_the_browser_translates_are_in_every_language() -> None:
    label = i18n.browser_text("Undo")
    translations = i18n.browser_messages().translations
    assert {code: translations[code][label.key] for code in translations} == {
        "en": "Undo",
        "es": "Deshacer",
    }
