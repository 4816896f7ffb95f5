"""Collect all messages into the catalogues of all languages: `python -m tools.catalogs`.

New messages are empty there and wait for a translation; those that are gone are set aside. Named
languages (ISO 639-1) are begun: `python -m tools.catalogs de`.
"""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from searcher.config.folders import ROOT
from searcher.messages.sentences import SENTENCES
from searcher.messages.translate import LOCALE

PAGE = ROOT / "searcher" / "ui"
METHODS = [("**.py", "python"), ("templates/**", "jinja2")]
OPTIONS = {"templates/**": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}}
PLURAL = ("ntr", "nrich", "ngettext", "plural_forms")
KEYWORDS: dict[str, tuple[int, int] | None] = {
    **dict.fromkeys(("_", "tr", "rich", "browser_text", "gettext_noop")),
    **dict.fromkeys(PLURAL, (1, 2)),
}


def page_messages() -> Catalog:
    """What the page says, from its Python files and templates."""
    catalog = Catalog()
    for file, _, message, _, _ in extract_from_dir(PAGE, METHODS, OPTIONS, KEYWORDS):
        catalog.add(message, locations=[(f"searcher/ui/{Path(file).as_posix()}", 0)])
    return catalog


def all_messages() -> Catalog:
    """What the page says, and what the library says, by its codes."""
    catalog = page_messages()
    for code, sentence in SENTENCES.items():
        catalog.add(sentence, context=code)
    return catalog


def read(path: Path) -> Catalog:
    """A language's catalogue; an empty one where there is no file yet."""
    if not path.exists():
        return Catalog(path.stem, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=path.stem)


def update(path: Path) -> None:
    """Bring a catalogue to the messages of today."""
    catalog = read(path)
    catalog.update(all_messages(), no_fuzzy_matching=True, update_creation_date=False)
    for message in catalog:
        message.flags.discard("python-format")  # "95 % interval" is none
    with path.open("wb") as file:
        write_po(file, catalog, width=100, include_lineno=False, omit_header=False)


if __name__ == "__main__":
    for path in {*LOCALE.glob("*.po"), *(LOCALE / f"{code}.po" for code in sys.argv[1:])}:
        update(path)
