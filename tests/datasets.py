"""Data sets as the Hub has them: Parquet files with the features that `datasets` writes."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from searcher.datasets.dataset_address import Selection, parse_reference
from searcher.datasets.hub_dataset import HubDataset
from searcher.errors import BadDataset
from searcher.images.sources import Source
from tests import hub_server
from tests.hub_repository import Repository
from tests.hub_server import HubServer
from tests.pictures import encode, paint

ADDRESS = "hf:datasets/zoo/animals"
CLASSES = ("bear", "cat", "zebra")


def image_row(seed: int, **columns: Any) -> dict[str, Any]:
    """A row with a painted picture and other columns."""
    return {"image": {"bytes": encode(paint(seed)), "path": f"picture-{seed}.jpg"}, **columns}


def labelled_rows(first: int, count: int) -> list[dict[str, Any]]:
    """Rows with a class each, in turn."""
    return [image_row(first + n, label=n % len(CLASSES)) for n in range(count)]


def write_parquet(
    path: Path,
    rows: Sequence[dict[str, Any]],
    features: dict[str, Any] | None = None,
    **options: Any,
) -> Path:
    """Write rows; `image` is a picture and `label` a class unless `features` say otherwise."""
    table = pa.Table.from_pylist(list(rows))
    kinds = {"image": {"_type": "Image"}, "label": {"names": [*CLASSES], "_type": "ClassLabel"}}
    declared = {n: f for n, f in kinds.items() if n in table.column_names} | (features or {})
    metadata = {"huggingface": json.dumps({"info": {"features": declared}})}
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table.replace_schema_metadata(metadata), path, **options)
    return path


@pytest.fixture
def zoo(stand_in_hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HubServer:
    """A server with the empty data set `zoo/animals`, and an empty cache."""
    (tmp_path / "zoo").mkdir()
    (tmp_path / "zoo" / "README.md").write_text("# animals")
    stand_in_hub.reset({"datasets/zoo/animals": Repository(tmp_path / "zoo")})
    hub_server.use(stand_in_hub, tmp_path, monkeypatch)
    return stand_in_hub


@pytest.fixture
def shards(zoo: HubServer, tmp_path: Path) -> list[str]:
    """Two files of the split `train` and one of `test`."""
    names = [f"data/train-0000{n}-of-00002.parquet" for n in range(2)]
    for n, name in enumerate(names):
        write_parquet(tmp_path / "zoo" / name, labelled_rows(10 * n, 5))
    write_parquet(tmp_path / "zoo" / "data/test-00000-of-00001.parquet", labelled_rows(40, 2))
    return names


def read(address: str = ADDRESS, **selection: Any) -> list[Source]:
    return list(HubDataset(parse_reference(address), Selection(**selection)).sources())


def refusal(address: str = ADDRESS, **selection: Any) -> str:
    with pytest.raises(BadDataset) as caught:
        HubDataset(parse_reference(address), Selection(**selection)).columns  # noqa: B018
    return str(caught.value)
