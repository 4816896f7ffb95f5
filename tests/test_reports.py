"""Reports: the same figures in HTML, CSV and JSON, nothing that comes to life, and a limit."""

import csv
import io
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from searcher.evaluation.arena import Arena
from searcher.evaluation.arena_verdict import arena_verdict
from searcher.evaluation.measurements import Measurement, Measurements
from searcher.evaluation.shrink import measure as shrink
from searcher.evaluation.shrink_changes import find_changes
from searcher.images.pictures import Picture, identify
from searcher.library.core import Library
from searcher.library.labelling import set_labels
from searcher.presentation.arena_section import arena_section
from searcher.presentation.cases import CaseFinder
from searcher.presentation.comparison_section import comparison_section
from searcher.presentation.cost_report import cost_report
from searcher.presentation.disagreement_section import disagreement_section
from searcher.presentation.evaluation_section import evaluation_section
from searcher.presentation.reasons import find_reasons
from searcher.presentation.rendering import TEMPLATES
from searcher.presentation.report_files import CSV, HTML, JSON, SHEETS, write_report
from searcher.presentation.report_parts import (
    Case,
    Cases,
    Column,
    PictureColumn,
    PictureColumns,
    Row,
    Shown,
    Source,
    Table,
)
from searcher.presentation.reports import Report, Section
from searcher.presentation.steadiness import measure_robustness
from searcher.presentation.wording import use_language
from searcher.ui.theme import CSS as PAGE_SHEETS
from tests.pictures import folder
from tests.reports import report_of

MODELS = ("colour", "shape")
HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)</script>${7*7}{{7*7}}'
ALLOWED = {"href": ("#", "data:image/"), "src": ("data:image/",)}
Make = Callable[[Library, Measurement], Section]


@pytest.fixture
def measurement(library: Library, tmp_path: Path) -> Measurement:
    """Of two labels, one of which would be markup."""
    paths = folder(tmp_path / "in", {"a": 6, "b": 6})
    library.add([tmp_path / "in"])
    ids = [identify(path.read_bytes())[0] for path in paths]
    set_labels(library, dict.fromkeys(ids[:3], HOSTILE[:80]))
    return Measurements(library).take(MODELS)


def compared(library: Library, measurement: Measurement) -> Section:
    picture_id = int(measurement.neighbours.queries.ids[0])
    query = library.stored_query(picture_id)  # it goes by its own name
    comparison = library.compare(query, [*MODELS], 4)
    models = [library.registry.get(name) for name in MODELS]
    *_, reasons = find_reasons(library, query, comparison.fused[0].record.id, {"a": "colour"})
    robustness = measure_robustness(library, query, models, 4)
    return comparison_section(library, query, comparison, robustness=robustness, reasons=[reasons])


def evaluated(library: Library, measurement: Measurement) -> Section:
    assert measurement.evaluation
    found = CaseFinder(measurement).hardest("shape", "map", "", 5)
    return evaluation_section(
        library,
        measurement.evaluation,
        [("hardest", "Hardest", found)],
        suspicious=measurement.suspicious,
    )


def disputed(library: Library, measurement: Measurement) -> Section:
    return disagreement_section(library, measurement, MODELS)


def voted(library: Library, measurement: Measurement) -> Section:
    arena = Arena(library)
    for number in range(4):
        duel = arena.duel(f"v{number}", baselines=True)
        arena.vote(duel.key, f"v{number}", "left")
    titles = {model.name: HOSTILE for model in library.registry.ready()}
    return arena_section(arena_verdict(library), titles)


def priced(library: Library, measurement: Measurement) -> Section:
    document = shrink(library, "colour").document()
    changed = [find_changes(library, "colour", "first-114", 4)]
    return cost_report(library, {HOSTILE: document}, changed)


MAKERS: list[Make] = [compared, evaluated, disputed, voted, priced]


class Checker(HTMLParser):
    """Collects a document's text and what it could do."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text.append(data.strip())


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of a CSV file, without the empty columns of each."""
    table = csv.DictReader(io.StringIO(text))
    return [{name: value for name, value in row.items() if value} for row in table]


def plain(row: dict[str, Any]) -> dict[str, str]:
    """A row of JSON as CSV has it."""
    texts = {name: "" if value is None else str(value) for name, value in row.items()}
    return {name: text for name, text in texts.items() if text}


def require_same_figures(section: Section, secret: str) -> None:
    """Fail unless all formats have a section's figures, and the page can do nothing.

    Args:
        section: The section.
        secret: What must not be in it.
    """
    report = report_of(section, title=HOSTILE, remarks=f"=1+1\n\n{HOSTILE}")
    texts = {form: write_report(report, form) for form in (HTML, CSV, JSON)}
    (document,) = json.loads(texts[JSON])["sections"]
    assert document["sentences"]
    rows = rows_of(texts[CSV])
    assert {"section": "report", "table": "remarks", "text": f"'{report.remarks}"} in rows
    for key, expected in document["tables"].items():
        found = [row for row in rows if (row["section"], row["table"]) == (section.key, key)]
        assert expected
        for had, values in zip(found, expected, strict=True):
            assert had == {"section": section.key, "table": key} | plain(values)
    page = Checker(texts[HTML])
    cells = page.text
    for table in section.tables:
        for row in table.rows if table.is_shown else []:
            for column in table.columns:
                assert column.text(row.get(column.key)) in cells, (table.key, column.key)
    # Nothing comes to life, is loaded, or tells where the library is.
    assert not page.tags & {"script", "iframe", "object", "embed", "form", "base"}
    for name, value in page.attributes:
        assert not name.startswith("on")
        assert name not in ALLOWED or value.startswith(ALLOWED[name])
    for text in texts.values():
        assert secret not in text
    assert HOSTILE in cells


def test_all_formats_have_the_figures_of_the_documents(
    library: Library, measurement: Measurement, tmp_path: Path
) -> None:
    for make in MAKERS:
        require_same_figures(make(library, measurement), str(tmp_path))
    (asked,) = compared(library, measurement).query
    assert asked.name == measurement.neighbours.queries.names[0]
    assert measurement.evaluation
    expected = measurement.evaluation.document()
    (quality, *_) = (t for t in evaluated(library, measurement).tables if t.key == "quality")
    for row in quality.rows:
        for name, values in expected["models"].items():
            measure = str(row["measure"])
            assert row[name] == values[measure]
            assert [row[f"{name} low"], row[f"{name} high"]] == values["ci95"][measure]
        assert row["at most"] == expected["ceilings"][row["measure"]]
    assert len(quality.rows) == len(expected["ceilings"])


@pytest.mark.parametrize("path", [*(TEMPLATES / f"{name}.css" for name in SHEETS), *PAGE_SHEETS])
def test_each_style_sheet_is_whole(path: Path) -> None:
    """Otherwise its last selector would become one of the sheet that follows."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL).strip()
    assert text.endswith("}")
    assert text.count("{") == text.count("}")


def test_a_report_is_in_one_language(library: Library, measurement: Measurement) -> None:
    with use_language("es"):
        sections = [make(library, measurement) for make in MAKERS]
        html = write_report(report_of(*sections), HTML)
    assert '<html lang="es">' in html
    for words in ("Qué prefiere la gente", "Calidad de los modelos", "Lo que cuesta", "Por qué"):
        assert words in html
    assert "Quality of" not in html
    assert html.count('<section class="part"') == len(MAKERS)
    # Each picture is in it once, however often it is shown.
    assert html.count("<symbol ") == 13 == html.count("data:image/webp")  # 12 and the query


def test_what_no_file_can_have_is_left_out() -> None:
    rows: list[Row] = [{"name": "caf\udce9.jpg"}]  # a file's name that is no UTF-8
    table = Table("t", "T", [Column("name", "Name")], rows)
    report: Report = report_of(Section("s", "S", ["x"], [table]), title="a\ud800\x00b\x07")
    assert json.loads(write_report(report, JSON))["title"] == "a?b"
    for form in (HTML, CSV, JSON):
        assert "caf?.jpg" in write_report(report, form)


def test_however_much_there_is_a_page_stays_below_its_limit() -> None:
    name = '"' * 255  # each is escaped by five characters
    near = PictureColumn("a", name, [], [Shown(f"p{number}", name, name) for number in range(6)])
    cases = Cases("Hardest", "", [Case(Shown("p0", name, name), [near, near])] * 500)
    rows: list[Row] = [{"label": name, "colour": 0.5, "shape": None}] * 9000
    table = Table("labels", "Labels", [Column(key, key) for key in rows[0]], rows)
    pictures = {f"p{number}": noisy(number) for number in range(300)}
    columns = PictureColumns([PictureColumn("b", "B", [], [Shown(ref, "x") for ref in pictures])])
    section = Section("s", "S", ["x"], [cases, table, columns], pictures=pictures)
    report = report_of(section, remarks=name * 39)
    html = write_report(report, HTML)
    assert 3_000_000 < len(html.encode()) < 5_000_000
    assert "more are in the CSV and JSON files only" in html
    assert "so that the file stays below 5 MB" in html
    (document,) = json.loads(write_report(report, JSON))["sections"]
    assert len(document["tables"]["labels"]) == 9000


def noisy(seed: int) -> Source:
    """Return how a picture is decoded that no format can make small."""

    def decode() -> Picture:
        pixels = np.random.default_rng(seed).integers(0, 256, (120, 160, 3), np.uint8)
        return Picture(Image.fromarray(pixels), 160, 120)

    return decode
