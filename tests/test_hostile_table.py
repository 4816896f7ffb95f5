"""The hostile corpus, row by row, and the page that shows it; pictures: test_hostile.py."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest

from searcher.cli.main import main
from searcher.config.http_proxies import check_certificates, prepare_proxies
from searcher.config.settings import Settings
from searcher.datasets.coco import read_coco
from searcher.datasets.csv_labels import read_csv
from searcher.datasets.qrels import read_qrels
from searcher.datasets.row_keys import _lines
from searcher.errors import TwinlensError
from searcher.evaluation.query_choice import read_list
from searcher.export.preprocess import PRESETS
from searcher.export.processor_config import read_beside
from searcher.text_encoding import read_text
from tests.adopt_graphs import DIM, IMAGES, adopted, assert_right
from tests.hostile import arguments, graphs, settings, table, texts
from tests.hostile.row import ACCEPTED, Row

READERS: dict[str, Callable[[Path], Any]] = {
    "labels.csv": lambda path: read_csv(path, path.name),
    "labels.tsv": lambda path: read_csv(path, path.name),
    "coco.json": lambda path: read_coco(path, path.name),
    "judged.qrels": read_qrels,
    "judged.csv": read_qrels,
    "queries.txt": read_list,
    "ids.txt": lambda path: list(_lines(path)),
    "ids.csv": lambda path: list(_lines(path)),
    "preprocess_cfg.json": lambda path: read_beside(path.with_name("net.onnx")),
    "tokenizer.json": read_text,
    "people": lambda path: Settings.from_env({"AUTH": f"@{path}"}).auth,
}

KINDS: dict[str, type[np.generic]] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(uint8)": np.uint8,
    "tensor(int64)": np.int64,
}


def each(rows: tuple[Row, ...]) -> pytest.MarkDecorator:
    """A test for each row."""
    return pytest.mark.parametrize("row", [pytest.param(row, id=ascii(row.input)) for row in rows])


def refuses(row: Row, act: Callable[[], Any]) -> None:
    """The row's words are in one sentence."""
    with pytest.raises(TwinlensError, match=re.escape(row.happens)) as raised:
        act()
    sentence = str(raised.value)
    assert sentence.isprintable()
    assert len(sentence) < 300


@each(settings.ROWS)
def test_settings(row: Row) -> None:
    def act() -> None:
        Settings.from_env(row.value)
        prepare_proxies(dict(row.value))
        check_certificates(row.value)

    act() if row.happens == ACCEPTED else refuses(row, act)


@each(arguments.ROWS)
def test_arguments(row: Row, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(row.value) == 2
    error = capsys.readouterr().err
    assert row.happens in error
    assert "Traceback" not in error


@each(texts.ROWS)
def test_texts(row: Row, tmp_path: Path) -> None:
    name, data = row.value
    paths = [tmp_path / "plain" / name, tmp_path / "odd" / name]
    for path, content in zip(paths, (texts.PLAIN[name].encode(), data), strict=True):
        path.parent.mkdir()
        path.write_bytes(content)
    if row.happens == ACCEPTED:
        plain, odd = map(READERS[name], paths)
        assert plain == odd
        assert plain
    else:
        refuses(row, lambda: READERS[name](paths[1]))


@each(graphs.ROWS)
def test_graphs(row: Row, tmp_path: Path) -> None:
    make, same = row.value
    if row.happens != ACCEPTED:
        refuses(row, lambda: adopted(tmp_path, make(), preprocess=PRESETS["none"]))
        return
    embedder, _ = adopted(tmp_path, make(), preprocess=PRESETS["none"], size=IMAGES.shape[1:3])
    session = ort.InferenceSession(same().SerializeToString(), providers=["CPUExecutionProvider"])
    source, *_ = [value for value in session.get_inputs() if len(value.shape) in (0, 3, 4)]
    kind = KINDS[source.type]
    pixels = IMAGES if source.shape[-1:] == [3] else IMAGES.transpose(0, 3, 1, 2)
    (output, *_) = session.get_outputs()
    rows = []
    for picture in pixels.astype(kind):
        feed = picture if len(source.shape) == 3 else picture[None]
        rows.append(session.run([output.name], {source.name: feed})[0].reshape(-1, DIM)[0])
    assert_right(embedder, np.stack(rows).astype(np.float64))


def test_the_page_shows_the_table() -> None:
    assert table.PAGE.read_text("utf-8") == table.render()
