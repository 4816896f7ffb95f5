"""Vectors in a column of a Parquet file."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from searcher.datasets.csv_labels import PATHS
from searcher.datasets.vector_rows import (
    EMPTY,
    KINDS,
    WIDTH,
    Rows,
    check_shape,
    rows_at_a_time,
)
from searcher.errors import BadVectors

VECTORS = ("embedding", "embeddings", "vector", "vectors", "emb", "features")  # preferred names
KEYS = ("id", "ids", "picture_id", *sorted(PATHS))
BUFFER = 2**20  # bytes; without it pyarrow reads a column of a row group at once
PROBE = 100  # rows that say how long vectors are, if the file's schema does not
# No real vectors shrink as much.
MAX_RATIO, BOMB_BYTES = 100, 2**30
DAMAGE = (pa.ArrowException, OSError, ValueError, KeyError, MemoryError)


class ColumnTable:
    """The vectors of a Parquet file: a VectorTable."""

    def __init__(self, path: Path, name: str, vectors: str = "", keys: str = "") -> None:
        """Open a file.

        Args:
            path: The file.
            name: Its name.
            vectors: The column of vectors; "" for the likeliest.
            keys: The column of keys; "" for the likeliest, if there is one.

        Raises:
            BadVectors: It can't be read, or has no such column.
        """
        self.name = name
        self._path = path
        try:
            with self._opened() as file:
                schema = file.schema_arrow
                self._vectors = _choose(name, schema, vectors, VECTORS, _has_vectors)
                self._keys = _find(schema, keys, KEYS, _has_keys)
                if keys and not self._keys:
                    self._keys = _choose(name, schema, keys, KEYS, _has_keys)
                groups = range(file.metadata.num_row_groups)
                if any(self._is_bomb(file.metadata.row_group(number)) for number in groups):
                    raise BadVectors("vectors.not_parquet", name=name)
                kind = schema.field(self._vectors).type
                self._dtype = np.dtype(kind.value_type.to_pandas_dtype())
                fixed = pa.types.is_fixed_size_list(kind)
                self.dim = int(kind.list_size) if fixed else self._usual_length(file)
        except DAMAGE as error:
            raise BadVectors("vectors.not_parquet", name=name) from error
        check_shape(name, self._dtype, (0, self.dim))

    @property
    def has_keys(self) -> bool:
        """Whether it has a column of keys."""
        return bool(self._keys)

    def batches(self) -> Iterator[Rows]:
        """Yield all rows."""
        names = [self._vectors, *([self._keys] if self._keys else [])]
        step = rows_at_a_time(self.dim, self._dtype.itemsize)
        first = 1
        try:
            with self._opened() as file:
                for batch in file.iter_batches(step, columns=names, use_threads=False):
                    keys = batch.column(self._keys).to_pylist() if self._keys else None
                    texts = [_text(key) for key in keys] if keys is not None else None
                    yield self._rows(first, batch.column(self._vectors), texts)
                    first += batch.num_rows
        except DAMAGE as error:
            raise BadVectors("vectors.not_parquet", name=self.name) from error

    def _rows(self, first: int, column: pa.Array, keys: list[str] | None) -> Rows:
        lengths = _lengths(column)
        fits = lengths == self.dim
        flat = column.filter(pa.array(fits)).flatten().to_numpy(zero_copy_only=False)
        vectors = np.zeros((len(lengths), self.dim), flat.dtype)
        vectors[fits] = flat.reshape(-1, self.dim)
        faults = {int(row): WIDTH for row in np.flatnonzero(~fits)}
        faults |= {int(row): EMPTY for row in np.flatnonzero(lengths <= 0)}
        return Rows(first, vectors, keys, faults)

    def _usual_length(self, file: pq.ParquetFile) -> int:
        """Return the length that most vectors have among the first rows."""
        columns = file.iter_batches(PROBE, columns=[self._vectors], use_threads=False)
        lengths = _lengths(next(columns).column(0)) if file.metadata.num_rows else np.empty(0)
        values, counts = np.unique(lengths[lengths > 0], return_counts=True)
        if not len(values):
            raise BadVectors("vectors.none", name=self.name)
        return int(values[counts.argmax()])

    def _opened(self) -> pq.ParquetFile:
        return pq.ParquetFile(self._path, buffer_size=BUFFER, pre_buffer=False)

    def _is_bomb(self, group: pq.RowGroupMetaData) -> bool:
        for chunk in map(group.column, range(group.num_columns)):
            if chunk.path_in_schema.split(".")[0] in (self._vectors, self._keys):
                size, packed = chunk.total_uncompressed_size, chunk.total_compressed_size
                if size > BOMB_BYTES and size > MAX_RATIO * max(packed, 1):
                    return True
        return False


def _lengths(column: pa.Array) -> "np.typing.NDArray[np.int64]":
    """Return the lengths of lists, -1 for missing ones."""
    return np.asarray(pc.fill_null(pc.list_value_length(column), -1), np.int64)


def _text(key: object) -> str:
    return "" if key is None else str(key)


def _has_vectors(kind: pa.DataType) -> bool:
    types = pa.types
    tests = (types.is_fixed_size_list, types.is_list, types.is_large_list)
    if not any(test(kind) for test in tests):
        return False
    value = kind.value_type
    is_number = types.is_floating(value) or types.is_int8(value)
    return is_number and np.dtype(value.to_pandas_dtype()) in KINDS


def _has_keys(kind: pa.DataType) -> bool:
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_integer)
    return any(test(value) for test in tests)


def _find(
    schema: pa.Schema, name: str, preferred: tuple[str, ...], fits: Callable[[pa.DataType], bool]
) -> str:
    """Return the column that was asked for, or the likeliest one; "" if there is none."""
    fitting = [field.name for field in schema if fits(field.type)]
    if name:
        return name if name in fitting else ""
    likely = next((n for n in preferred if n in fitting), "")
    return likely or (fitting[0] if len(fitting) == 1 else "")


def _choose(
    file: str,
    schema: pa.Schema,
    name: str,
    preferred: tuple[str, ...],
    fits: Callable[[pa.DataType], bool],
) -> str:
    chosen = _find(schema, name, preferred, fits)
    if not chosen:
        names = ", ".join(schema.names)[:200]
        raise BadVectors("vectors.no_column", name=file, text=name or "–", names=names or "–")
    return chosen
