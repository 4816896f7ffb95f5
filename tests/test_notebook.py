"""The notebook in docs/ runs against an app."""

from pathlib import Path

import nbformat
import pytest
from gradio_client import Client
from nbclient import NotebookClient

from tests.servers import ROOT, App

NOTEBOOK = ROOT / "docs" / "twinlens.ipynb"
pytestmark = pytest.mark.slow  # so that only those import nbclient who run this


def test_the_notebook_runs(
    api_app: App, api_client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = tmp_path / "report.html"
    monkeypatch.setenv("TWINLENS_URL", api_app.url)
    monkeypatch.setenv("TWINLENS_REPORT", str(report))
    for variable in ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(variable, str(tmp_path))
    pictures = api_client.predict(api_name="/status")["pictures"]  # 12, and what others left
    book = nbformat.read(NOTEBOOK, as_version=4)
    resources = {"metadata": {"path": str(NOTEBOOK.parent)}}
    NotebookClient(book, timeout=120, resources=resources).execute()
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    printed = ["".join(output.get("text", "") for output in cell.outputs) for cell in code]
    _, status, picture, words, both, changes, measured, saved, failed = printed
    assert (
        f"{pictures} pictures" in status
        and "colour: " in status
        and "reads words and pictures" in status
    )
    assert len(picture.splitlines()) == 5
    assert words.startswith("colour [")
    assert "rank-biased overlap" in both and "both together [" in both
    assert "1 added, 0 known []" in changes and "['umbrellas.jpg']" in changes
    assert "'removed': 1" in changes
    assert "'map': " in measured and len(measured.splitlines()) > 2
    assert saved.endswith(" kB\n") and "<h1>From a notebook</h1>" in report.read_text()
    assert "no-such-model" in failed
    assert api_client.predict(api_name="/status")["pictures"] == pictures
