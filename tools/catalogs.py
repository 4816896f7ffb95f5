"""Update the catalogues of all languages from the code: `python -m tools.catalogs`.

New messages have an empty translation, and unused ones become obsolete entries. Arguments start
catalogues of new languages (ISO 639-1): `python -m tools.catalogs de`.
"""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from searcher.config.folders import ROOT
from searcher.messages.sentences import SENTENCES
from searcher.messages.translate import LOCALE

FOLDERS = ("searcher/presentation", "searcher/ui")  # whose messages are known by their English text
METHODS = [("**.py", "python"), ("templates/**", "jinja2")]
OPTIONS = {"templates/**": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}}
PLURAL = ("ntr", "nrich", "ngettext", "plural_forms")
KEYWORDS: dict[str, tuple[int, int] | None] = {
    **dict.fromkeys(("_", "tr", "rich", "browser_text", "gettext_noop")),
    **dict.fromkeys(PLURAL, (1, 2)),
}


def page_messages() -> Catalog:
    """Return the messages of page and reports, extracted from Python files and templates."""
    catalog = Catalog()
    for folder in FOLDERS:
        found = extract_from_dir(ROOT / folder, METHODS, OPTIONS, KEYWORDS)
        for file, _, message, _, _ in found:
            catalog.add(message, locations=[(f"{folder}/{Path(file).as_posix()}", 0)])
    return catalog


def all_messages() -> Catalog:
    """Return the messages of the page and those of the library, the latter by their codes."""
    catalog = page_messages()
    for code, sentence in SENTENCES.items():
        catalog.add(sentence, context=code)
    return catalog


def read(path: Path) -> Catalog:
    """Read a language's catalogue; an empty one if there is no file."""
    if not path.exists():
        return Catalog(path.stem, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=path.stem)


def update(path: Path) -> None:
    """Update a catalogue to the messages in the code."""
    catalog = read(path)
    catalog.update(all_messages(), no_fuzzy_matching=True, update_creation_date=False)
    for message in catalog:
        message.flags.discard("python-format")  # "95 % interval" is no format string
    with path.open("wb") as file:
        write_po(file, catalog, width=100, include_lineno=False, omit_header=False)


if __name__ == "__main__":
    for path in {*LOCALE.glob("*.po"), *(LOCALE / f"{code}.po" for code in sys.argv[1:])}:
        update(path)
