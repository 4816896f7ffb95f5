"""Data sets as the Hub has them: Parquet files with the features that `datasets` writes."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.pictures import encode, paint

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
