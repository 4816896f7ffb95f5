"""Reports: sections, and what a person adds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from markupsafe import Markup

from searcher.presentation.report_parts import Part, Shown, Source, Table

MAX_TITLE = 200  # characters
MAX_REMARKS = 10_000


@dataclass(frozen=True)
class Section:
    """A section of a report.

    Attributes:
        key: Its name in CSV and JSON.
        title: Its title.
        sentences: What it says, the first most prominently.
        parts: Tables, charts and pictures, in order.
        query: The query's parts, where there is one.
        notes: What small print says.
        pictures: By their keys, how they are decoded.
    """

    key: str
    title: str
    sentences: Sequence[str | Markup] = ()
    parts: Sequence[Part] = ()
    query: Sequence[Shown] = ()
    notes: Sequence[str] = ()
    pictures: Mapping[str, Source] = field(default_factory=dict)

    @property
    def tables(self) -> list[Table]:
        """Its tables, shown or not."""
        return [part for part in self.parts if isinstance(part, Table)]

    @property
    def said(self) -> list[str]:
        """Its sentences as plain text."""
        return [text.striptags() if isinstance(text, Markup) else text for text in self.sentences]

    def document(self) -> dict[str, Any]:
        """The section as a JSON document."""
        return {
            "section": self.key,
            "title": self.title,
            "sentences": self.said,
            "notes": list(self.notes),
            "tables": {table.key: [dict(row) for row in table.rows] for table in self.tables},
        }


@dataclass(frozen=True)
class Report:
    """A report of sections, with what a person adds.

    Attributes:
        sections: Its sections.
        library: How many pictures the library has.
        made: When it was made.
        title: A title; "" for that of the sections.
        remarks: Plain text, whose empty lines separate paragraphs.
        logo: A picture, encoded anew, as a data URL; "" for none.
    """

    sections: Sequence[Section]
    library: int
    made: datetime
    title: str = ""
    remarks: str = ""
    logo: str = ""

    @property
    def heading(self) -> str:
        """Its title."""
        return self.title or " · ".join(section.title for section in self.sections)

    def plain(self) -> "Report":
        """Return it without characters that no file can have: halves of surrogates, controls."""
        return replace(self, title=_clean(self.title), remarks=_clean(self.remarks))

    def document(self) -> dict[str, Any]:
        """The report as a JSON document, without pictures."""
        return {
            "title": self.heading,
            "made": self.made.isoformat(timespec="seconds"),
            "library": self.library,
            "remarks": self.remarks,
            "sections": [section.document() for section in self.sections],
        }


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").encode("utf-8", "replace").decode()
    return "".join(c for c in text if c.isprintable() or c in "\n\t").strip()
