"""The hostile corpus as one table, which docs/hostile-inputs.md shows.

To add a case, add a `Row` to the tuple ROWS of its kind: the tests of test_hostile.py run every
row. A new kind is a module with ROWS, a section here, and a test there. After a change run

    python -m tests.hostile.table

which writes the page anew; a test fails until that is done.

| kind | value of a row | what the test does with it |
|---|---|---|
| pictures | bytes of a file | writes it into one folder with all others, and indexes that twice |
| settings | variables by name | reads the settings and proxies from them |
| arguments | words of the command line | runs the command |
| texts | kind of file, its name, bytes | reads it as labels, judgements, list or tokenizer |
| graphs | functions that make an ONNX graph | adopts it, and compares its vectors |
"""

from pathlib import Path

from searcher.config.folders import ROOT
from tests.hostile import arguments, graphs, pictures, settings, texts
from tests.hostile.row import Row

PAGE = ROOT / "docs" / "hostile-inputs.md"
HEAD = """# Hostile inputs

What reaches a program from other programs, terminals and disks is not always as one expects it.
Each input below is tried by the tests (`tests/hostile/`), which this page is written from. Nothing
here may end in a traceback: what can be used is used, and anything else gets one sentence, of which
the table has some words.
"""
ESCAPES = {"|": r"\|", "<": "&lt;", "*": r"\*", "\n": "␊", "\t": "␉", "\u200b": "␣"}
SECTIONS: dict[str, tuple[Row, ...]] = {
    "Pictures in a folder": pictures.ROWS,
    "Settings": settings.ROWS,
    "Arguments of the command line": arguments.ROWS,
    "Text files": texts.ROWS,
    "ONNX graphs for `adopt`": graphs.ROWS,
}


def render() -> str:
    """The page with the whole table."""
    parts = [HEAD]
    for title, rows in SECTIONS.items():
        lines = [f"## {title}", "", "| input | what happens | why |", "|---|---|---|"]
        lines += [
            f"| {_cell(row.input)} | {_cell(row.happens)} | {_cell(row.why)} |" for row in rows
        ]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _cell(text: str) -> str:
    text = text if len(text) < 120 else f"{text[:60]}…"
    return (
        text.encode("utf-8", "replace")
        .decode()
        .translate({ord("|"): r"\|", ord("<"): "&lt;", ord("\n"): "␊", ord("\t"): "␉"})
    )


if __name__ == "__main__":
    Path(PAGE).write_text(render(), "utf-8")
