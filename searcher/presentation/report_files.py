"""Reports as files: one self-contained HTML document, CSV, or JSON."""

import csv
import io
import json
from collections.abc import Iterator
from typing import NamedTuple

from markupsafe import Markup

from searcher.evaluation.vote_export import spreadsheet_safe
from searcher.presentation.rendering import TEMPLATES, draw
from searcher.presentation.report_parts import Cases, HeatMaps, PictureColumns, Shown, Table
from searcher.presentation.report_pictures import (
    BUDGET,
    SIDES,
    Thumbnail,
    Thumbnails,
    encode_all,
    used,
)
from searcher.presentation.reports import Report, Section
from searcher.presentation.wording import date_and_time

HTML, CSV, JSON = FORMATS = "html", "csv", "json"
MEDIA_TYPES = {HTML: "text/html", CSV: "text/csv", JSON: "application/json"}
MOST_BYTES = 4_950_000  # of a page
MOST_TEXT = 2_500_000  # of these without pictures


class Cut(NamedTuple):
    """How many queries of a list and rows of a table HTML shows; CSV and JSON have all."""

    cases: int
    rows: int


CUTS = (Cut(48, 400), Cut(24, 200), Cut(8, 50), Cut(2, 10))
# In this order: of equal rules the last one wins.
SHEETS = (
    *("report", "sides", "quality_chart", "depth_chart"),
    *("report_sections", "report_charts", "report_print"),
)


def write_report(report: Report, form: str) -> str:
    """Return a report as the text of a file.

    Args:
        report: The report.
        form: One of FORMATS.
    """
    report = report.plain()
    if form == JSON:
        text = json.dumps(report.document(), indent=1, ensure_ascii=False) + "\n"
    else:
        text = _csv(report) if form == CSV else _html(report)
    return text.encode("utf-8", "replace").decode()  # names of files may have other bytes


def _html(report: Report) -> str:
    """Return the page, cut where its text alone would be too long, with pictures in the rest."""
    for cut in CUTS:
        refs = [ref for section in report.sections for ref in _refs(section, cut)]
        sources = used(refs, [section.pictures for section in report.sections])
        blank = Thumbnails(dict.fromkeys(sources, Thumbnail("", *[SIDES[0]] * 2)))
        size = len(_page(report, cut, blank).encode("utf-8", "replace"))
        if size <= MOST_TEXT:
            break
    return _page(report, cut, encode_all(sources, min(BUDGET, MOST_BYTES - size)))


def _page(report: Report, cut: Cut, thumbnails: Thumbnails) -> str:
    return draw(
        "report.html",
        report=report,
        sections=[(section, _shown_parts(section)) for section in report.sections],
        cut=cut,
        style=Markup("\n".join((TEMPLATES / f"{name}.css").read_text() for name in SHEETS)),
        date=date_and_time(report.made),
        thumbnails=thumbnails,
        has_note=_has_note(thumbnails),
        kind_of=lambda part: type(part).__name__,
        remarks=[part.strip() for part in report.remarks.split("\n\n") if part.strip()],
    )


def _has_note(thumbnails: Thumbnails) -> bool:
    return thumbnails.are_small or bool(thumbnails.left_out or thumbnails.missing)


def _shown_parts(section: Section) -> list[object]:
    """Return the parts that HTML shows."""
    return [part for part in section.parts if not (isinstance(part, Table) and not part.is_shown)]


def _refs(section: Section, cut: Cut) -> Iterator[str]:
    """Yield the keys of a section's pictures in the order in which they are shown."""

    def named(*shown: Shown) -> Iterator[str]:
        yield from (picture.ref for picture in shown if picture.ref)

    yield from named(*section.query)
    for part in section.parts:
        if isinstance(part, PictureColumns):
            for column in part.columns:
                yield from named(*column.pictures)
        elif isinstance(part, HeatMaps):
            yield from (heat.ref for _, maps in part.sides for heat in maps)
        elif isinstance(part, Cases):
            cases = part.cases[: cut.cases]
            yield from named(*(case.query for case in cases))
            for case in cases:
                for answer in case.answers:
                    yield from named(*answer.pictures)


def _csv(report: Report) -> str:
    """Return all tables as one: those columns of a row are filled that its table has."""
    tables = [(section, table) for section in report.sections for table in section.tables]
    keys = dict.fromkeys(key for _, table in tables for key in table.keys)
    keys |= dict.fromkeys(key for _, table in tables for row in table.rows for key in row)
    out = io.StringIO()
    writer = csv.DictWriter(out, ["section", "table", "text", *keys])
    writer.writeheader()
    about = {"title": report.heading, "made": report.made.isoformat(timespec="seconds")}
    about |= {"library": str(report.library), "remarks": report.remarks}
    for name, value in about.items():
        if value:
            text = spreadsheet_safe(value)
            writer.writerow({"section": "report", "table": name, "text": text})
    for section in report.sections:
        for text in section.said:
            text = spreadsheet_safe(text)
            writer.writerow({"section": section.key, "table": "sentences", "text": text})
        for table in section.tables:
            for row in table.rows:
                values = {name: spreadsheet_safe(value) for name, value in row.items()}
                writer.writerow({"section": section.key, "table": table.key, **values})
    return out.getvalue()
