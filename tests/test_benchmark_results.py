"""Benchmarks: tables become JSON and charts, and two results are compared."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from benchmarks.charts import draw_charts
from benchmarks.compare import compare, main
from benchmarks.results import Results, describe_machine, installed_versions
from benchmarks.run import STOPPED, run_all
from benchmarks.tables import TABLES, Column, Table, table

HEADER = ["store", "vectors", "p50 ms", "recall@10", "MB"]


def results(*rounds: Sequence[Sequence[object]]) -> Results:
    tables = []
    for number, rows in enumerate(rounds, start=1):
        made = Table("search", [Column.read(heading) for heading in HEADER], round=number, keys=2)
        made.rows = [list(row) for row in rows]  # type: ignore[arg-type]
        tables.append(made)
    return Results("2026-11-27T10:00:00Z", {"cores": 2}, {"python": "3.11.7"}, tables=tables)


def test_a_table_is_printed_row_by_row_and_collected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(TABLES, str(tmp_path / "tables.jsonl"))

    def rows() -> Iterator[list[object]]:
        yield ["numpy", "1,000", 0.0625, 1.0, 12]
        assert "| numpy | 1,000 | 0.062 | 1.00 | 12 |" in capsys.readouterr().out
        yield ["Milvus Lite", "1,000", 11.046, None, 1234]

    table(HEADER, rows())
    assert "| Milvus Lite | 1,000 | 11.05 | – | 1234 |" in capsys.readouterr().out
    made = Table.from_document(json.loads((tmp_path / "tables.jsonl").read_text()))
    assert [(c.name, c.unit) for c in made.columns] == [
        *(("store", ""), ("vectors", ""), ("p50", "ms"), ("recall@10", ""), ("MB", ""))
    ]
    assert made.keys == 2, "the texts in front of the figures name the row"
    assert made.rows[1] == ["Milvus Lite", "1,000", 11.046, None, 1234]
    with pytest.raises(ValueError, match="1 cells in 5 columns"):
        table(HEADER, [["numpy"]])


def test_a_result_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = results([["numpy", "1,000", 0.06, 1.0, 12]])
    written.machine, written.versions = describe_machine(), installed_versions()
    written.write(tmp_path / "results.json")
    assert Results.read(tmp_path / "results.json") == written
    assert written.machine["cores"] and written.versions["onnxruntime"]
    (tmp_path / "other.json").write_text("[]")
    with pytest.raises(ValueError, match=r"other\.json is no result"):
        Results.read(tmp_path / "other.json")


def test_ratios_have_the_noise_of_repeated_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = results(
        [["lite", "1,000", 10.0, 1.0, "300 + 100"], ["gone", "1,000", 1.0, 1.0, "1"]],
        [["lite", "1,000", 11.0, 1.0, "300 + 100"]],
        [["lite", "1,000", 12.0, 1.0, "300 + 100"]],
    )
    new = results([["lite", "1,000", 5.5, 0.0, "300 + 300"], ["server", "1,000", 3.0, 1.0, None]])
    new.machine = {"cores": 16}
    lines = list(compare(old, new))
    assert "- machine, cores: 2 → 16" in lines
    assert "| store | vectors | p50 ms | recall@10 | MB |" in lines
    assert "| lite | 1,000 | 0.50 ±18% | 0.00 ±0% | 1.50 ±0% |" in lines
    assert "| server | 1,000 | new | new | new |" in lines
    assert "| gone | 1,000 | gone | gone | gone |" in lines
    again = results([["lite", "1,000", 11.5, 1.0, "300 + 100"]])
    assert "| lite | 1,000 | 1.05 ±18% ~ | 1.00 ±0% ~ | 1.00 ±0% ~ |" in list(compare(old, again))
    for name, result in (("old", old), ("new", new)):
        result.write(tmp_path / name)
    assert main([str(tmp_path / "old"), str(tmp_path / "new")]) == 0
    assert "## search: store" in capsys.readouterr().out
    assert main([str(tmp_path / "old"), str(tmp_path / "none")]) == 2
    assert "none" in capsys.readouterr().err


def test_every_table_with_figures_has_a_chart(tmp_path: Path) -> None:
    made = results(
        [["a < b", "1,000", 10.0, 1.0, "text"], ["c", "10,000", 40.0, 0.5, "text"]],
        [["a < b", "1,000", 20.0, 1.0, "text"], ["c", "10,000", 40.0, 0.5, "text"]],
    )
    words = Table("words", [Column("a"), Column("b")], [["only", "words"]])
    (path,) = draw_charts([*made.tables, words], tmp_path)
    assert path.name == "search-store.svg"
    svg = "{http://www.w3.org/2000/svg}"
    root = ET.parse(path).getroot()
    texts = [element.text for element in root.iter(f"{svg}text")]
    assert {"a < b · 1,000", "p50 ms", "recall@10", "15.00", "40.00"} <= set(texts)
    assert "MB" not in texts, "that column has no figures"
    widths = [float(element.attrib["width"]) for element in root.iter(f"{svg}rect")]
    assert widths[1] == max(widths) and widths[0] == pytest.approx(widths[1] * 15 / 40, abs=0.1)
    assert len(list(root.iter(f"{svg}path"))) == 1, "the range of the figure that varied"


@pytest.mark.slow
def test_benchmarks_run_until_the_minutes_are_over(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    tiny = ("evaluation", ["200", "--models", "1", "--dim", "8"])
    made = run_all([tiny, ("no_such_benchmark", [])], tmp_path, rounds=2, minutes=30)
    assert [(run.benchmark, run.round, run.status) for run in made.runs] == [
        *(("evaluation", 1, 0), ("no_such_benchmark", 1, 1)),
        *(("evaluation", 2, 0), ("no_such_benchmark", 2, 1)),
    ]
    assert [(t.benchmark, t.round, t.rows[0][:2]) for t in made.tables] == [
        *(("evaluation", 1, ["200", 1]), ("evaluation", 2, ["200", 1])),
    ]
    assert Results.read(tmp_path / "results.json") == made
    assert (tmp_path / "evaluation-pictures.svg").exists()
    assert "| pictures | models |" in capfd.readouterr().out
    late = run_all([tiny], tmp_path / "late", rounds=1, minutes=0.01)
    assert late.runs[0].status == STOPPED
