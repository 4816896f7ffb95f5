"""Messages: codes and values in the code fit the catalogue, and every code has its translation."""

import ast
import errno
import json
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from searcher import errors
from searcher.config.folders import ROOT
from searcher.errors import BadImage, TwinlensError
from searcher.images.left_out import REASONS
from searcher.library.current_work import NAMES
from searcher.messages.message import Message, message, render, verbatim
from searcher.messages.sentences import SENTENCES
from searcher.messages.system import os_reason
from searcher.messages.translate import LOCALE, languages
from searcher.stores.private.recovery import EVENTS, FILE, Recovery, note, recoveries
from tests.message_samples import VALUES, samples

PACKAGE = ROOT / "searcher"
SPANISH: dict[str, str] = json.loads(Path(__file__).with_name("spanish_sentences.json").read_text())
MAKERS = {name for name, kind in vars(errors).items() if isinstance(kind, type)}
MAKERS |= {"message", "Message", "make_message", "BadCall", "Refusal"}
# Codes that are chosen at run time, and what is given with them.
RUNTIME_CODES: dict[str, set[str]] = {
    **{code: set(names) for code, names in EVENTS.values()},
    **{code: set() for code in SENTENCES if code.startswith("os.")},
    "store.disk_full": {"store"},
    "store.disk_read_only": {"store"},
    **{
        f"work.{kind}": {"title", "done", "total"}
        for kind in ("adding_fields", "copying_vectors", "shrinking")
    },
    "work.indexing": {"done", "total"},
    "work.indexing_samples": {"done", "total"},
    **{code: {"title"} for code in NAMES.values() if not code.startswith("job.indexing")},
    "job.indexing": set(),
    "job.indexing_samples": set(),
    "install.no_weights": {"n", "titles", "command", "again"},
    **{reason: {"n", "names"} for reason in REASONS},
    **{f"rows.{why}": {"n", "row"} for why in ("empty", "width", "not_finite", "zero", "nameless")},
    **{f"rows.{why}": {"n", "row", "text"} for why in ("unknown", "ambiguous", "repeated")},
}
ENGLISH = re.compile(
    r"\b(the|is|are|was|its|it|this|that|these|of|and|or|not|can't|be|with|here|there|picture"
    r"|pictures|file|files|than|has|have|for|index|at|by)\b"
)
SAMPLES = samples()


def paths() -> list[Path]:
    return [p for p in PACKAGE.rglob("*.py") if not p.name.endswith("_sentences.py")]


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def forms(code: str) -> tuple[str, ...]:
    template = SENTENCES[code]
    return (template,) if isinstance(template, str) else template


def as_tuple(texts: object) -> tuple[str, ...]:
    """What a catalogue has under an entry: one text, or a form for each number."""
    if isinstance(texts, str):
        return (texts,)
    assert isinstance(texts, tuple | list)
    return tuple(texts)


def required_fields(code: str) -> set[str]:
    return set().union(*map(fields, forms(code))) | ({"n"} if len(forms(code)) > 1 else set())


def calls() -> Iterator[tuple[str, str, set[str]]]:
    """Every code that is written in a call that makes an error or a message, and its values."""
    for path in paths():
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
            codes = [text for text in texts if isinstance(text, str)]
            if node.func.id in MAKERS and codes:
                yield str(path), codes[0], {str(keyword.arg) for keyword in node.keywords}


@pytest.mark.source
def test_every_code_in_the_code_is_in_the_catalogue() -> None:
    code_calls = list(calls())
    assert len(code_calls) > 150
    assert [(path, code) for path, code, _ in code_calls if code not in SENTENCES] == []


@pytest.mark.source
def test_no_error_is_made_of_a_sentence() -> None:
    """Not even by a string with values in it."""
    violations = [
        (str(path), node.lineno)
        for path in paths()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in MAKERS
        and any(isinstance(part, ast.JoinedStr) for part in node.args)
    ]
    assert violations == []


@pytest.mark.source
def test_every_code_of_the_catalogue_is_used() -> None:
    constants = {
        node.value
        for path in paths()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    systems = {f"os.{name.lower()}" for name in errno.errorcode.values()}
    assert set(SENTENCES) - constants - systems == set()


@pytest.mark.source
def test_each_call_gives_the_values_of_its_sentence() -> None:
    # A verdict on a model file is kept without the file's name.
    nameless = {"model.memory", "model.time", "model.crash", "model.external_weights"}
    wrong = [
        (path, code, fields_passed ^ required_fields(code))
        for path, code, fields_passed in calls()
        if fields_passed != required_fields(code) - ({"name"} if code in nameless else set())
    ]
    assert wrong == []


@pytest.mark.source
def test_codes_that_are_chosen_at_run_time_get_their_values() -> None:
    written = {code for _, code, _ in calls()}
    for code in set(SENTENCES) - written:
        assert RUNTIME_CODES.get(code, set()) == required_fields(code), code


def test_codes_are_dotted_and_in_lower_case() -> None:
    assert [c for c in SENTENCES if not re.fullmatch(r"[a-z0-9]+\.[a-z0-9_]+|verbatim", c)] == []


def test_every_sentence_in_spanish() -> None:
    sentences = {key: render(sample, "es") for key, sample in SAMPLES.items()}
    assert sentences == SPANISH
    unfinished = {
        key: sentence
        for key, sentence in sentences.items()
        if re.search(r"[{}]", sentence) or ENGLISH.search(re.sub("`[^`]*`", "", sentence))
    }
    assert unfinished == {}


@pytest.mark.parametrize("language", languages()[1:])
def test_a_catalogue_has_every_code_as_it_is(language: str) -> None:
    with (LOCALE / f"{language}.po").open("rb") as file:
        catalog = read_po(file, locale=language)
    entries = {entry.context: entry for entry in catalog if entry.context}
    assert set(entries) == set(SENTENCES)
    for code, entry in entries.items():
        assert as_tuple(entry.id) == forms(code), code
        texts = as_tuple(entry.string)
        assert not entry.fuzzy, code
        for text in texts:
            assert text, code
            assert fields(text) == fields(forms(code)[-1]), code
            assert text.count("`") == forms(code)[-1].count("`"), code


def test_an_error_is_a_code_and_its_values() -> None:
    error = BadImage("file.empty", name="a {b} c.jpg")
    assert (error.code, error.message.params) == ("file.empty", {"name": "a {b} c.jpg"})
    assert str(error) == "a {b} c.jpg is empty."
    assert render(error.message, "es") == "a {b} c.jpg está vacío."
    assert render(error.message, "xx") == str(error)
    again = BadImage.of(error.message)
    assert isinstance(again, BadImage)
    assert again.message == error.message


def test_messages_are_compared_hashed_and_kept_as_json() -> None:
    for sample in SAMPLES.values():
        stored = json.loads(json.dumps(sample.document()))
        assert Message.from_document(stored) == sample
        assert len({sample, Message.from_document(stored)}) == 1
    different: list[object] = ["VGG16 is not installed.", [], {}, {"code": 1, "params": {}}, None]
    for other in different:
        with pytest.raises(ValueError, match="not a message"):
            Message.from_document(other)


def test_a_message_in_a_message_and_a_list_are_in_the_language() -> None:
    stage = message("hub.downloading", done=40, total=90)
    working = message("work.installing", title="VGG16", stage=stage)
    assert str(working) == "Installing VGG16: downloading 40 of 90 MB"
    assert render(working, "es") == "Instalando VGG16: descargando 40 de 90 MB"
    missing = Message("install.no_weights", VALUES | {"n": 2})
    assert str(missing).startswith("ResNet50 and VGG16 are not installed")
    assert render(missing, "es").startswith("ResNet50 y VGG16 no están instalados")


def test_what_another_version_kept_is_shown_all_the_same() -> None:
    assert str(Message("newer.code")) == "newer.code"
    assert render(verbatim("An old sentence."), "es") == "An old sentence."


def test_the_system_s_reasons_are_translated() -> None:
    closed = OSError(errno.EACCES, "Permission denied", "/secret/path")
    assert str(os_reason(closed)) == "Permission denied"
    assert render(os_reason(closed), "es") == "permiso denegado"
    assert str(os_reason(OSError(errno.EPROTO, "Protocol error"))) == "Protocol error"
    assert str(os_reason(OSError("no number"))) == "error 0"


def test_recoveries_are_kept_by_their_event(tmp_path: Path) -> None:
    note(tmp_path, "records cut", bytes=12, entries=7)
    document = json.loads((tmp_path / FILE).read_text())
    assert document["recoveries"][0]["event"] == "records cut"  # as earlier versions wrote it
    (recovery,) = recoveries(tmp_path)
    assert isinstance(recovery, Recovery)
    assert recovery.message == message("recovery.records_cut", bytes=12, entries=7)


def test_every_error_says_what_it_is() -> None:
    kinds = [kind for name, kind in vars(errors).items() if name in MAKERS]
    for kind in kinds:
        if issubclass(kind, TwinlensError):
            assert kind.__doc__
