"""Read the pictures of a Parquet file, a few rows at a time."""

import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from searcher.datasets.columns import Columns
from searcher.errors import BadDataset
from searcher.images.pictures import MAX_BYTES
from searcher.images.sources import MAX_NAME, Source, printable
from searcher.messages.message import Message, message

BATCH = 4  # rows in memory
BUFFER = 2**20  # bytes; without it pyarrow reads a column of a row group at once
MAX_RATIO = 100  # pictures are compressed already; no real column of them shrinks as much


def read_schema(path: Path, name: str) -> pa.Schema:
    """Return the schema of a Parquet file.

    Raises:
        BadDataset: The file can't be read.
    """
    try:
        return pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise BadDataset("dataset.damaged", name=name) from error


def count_rows(path: Path) -> int:
    """Return the number of rows of a Parquet file, 0 if it can't be read."""
    try:
        return int(pq.read_metadata(path).num_rows)
    except (pa.ArrowException, OSError):
        return 0


def read_rows(path: Path, columns: Columns, name: str, title: str, first: int) -> Iterator[Source]:
    """Yield the pictures of a Parquet file as sources, with their labels.

    A row whose picture can't be used is yielded with the reason, and so is the rest of a file that
    is damaged.

    Args:
        path: The file.
        columns: The columns to read.
        name: The name of the file in the data set.
        title: What pictures without a name are called, followed by a number.
        first: The number of the first row.
    """
    number = first
    try:
        with pq.ParquetFile(path, buffer_size=BUFFER, pre_buffer=False) as file:
            for group in range(file.num_row_groups):
                if _is_bomb(file.metadata.row_group(group), columns.picture):
                    reason = message("file.too_large", name=name, mb=MAX_BYTES // 2**20)
                    yield Source(name, reason)
                    number += file.metadata.row_group(group).num_rows
                    continue
                for picture, label in _values(file, group, columns):
                    yield _source(picture, columns.text(label), f"{title}-{number:06d}")
                    number += 1
    except (pa.ArrowException, OSError, KeyError, ValueError, MemoryError):
        yield Source(name, message("dataset.damaged", name=name))


def _values(file: pq.ParquetFile, group: int, columns: Columns) -> Iterator[tuple[Any, Any]]:
    names = [columns.picture, *([columns.label] if columns.label else [])]
    for batch in file.iter_batches(BATCH, row_groups=[group], columns=names, use_threads=False):
        pictures = batch.column(columns.picture)
        labels = batch.column(columns.label) if columns.label else None
        for row in range(batch.num_rows):
            yield pictures[row].as_py(), labels[row].as_py() if labels is not None else None


def _source(picture: Any, label: str, title: str) -> Source:
    """Return the source of a row's picture."""
    values = picture if isinstance(picture, dict) else {}
    data, path = values.get("bytes") or b"", str(values.get("path") or "")
    name = printable(posixpath.basename(path.replace("\\", "/")))[-MAX_NAME:] or title
    refusal: Message | None = None
    if not data:
        # Nothing is fetched from the address that such a row may have.
        elsewhere = message("dataset.elsewhere", name=name)
        refusal = elsewhere if path else message("file.empty", name=name)
    elif len(data) > MAX_BYTES:
        refusal = message("file.too_large", name=name, mb=MAX_BYTES // 2**20)
    if refusal:
        return Source(name, refusal)
    return Source(name, title=name, folder=label, content=data, is_labelled=bool(label))


def _is_bomb(group: pq.RowGroupMetaData, column: str) -> bool:
    """Whether pictures of a row group would unpack to more than pictures can have."""
    for index in range(group.num_columns):
        chunk = group.column(index)
        if chunk.path_in_schema == f"{column}.bytes":
            size, packed = chunk.total_uncompressed_size, chunk.total_compressed_size
            is_dense = size > MAX_RATIO * max(packed, 1)
            return bool(size > MAX_BYTES and (is_dense or size > MAX_BYTES * group.num_rows))
    return False
