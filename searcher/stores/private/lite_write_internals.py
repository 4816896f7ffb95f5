"""The writes of Milvus Lite (3.2), without its work for every number of a vector.

Its own code turns each number into an object of Python when a request comes, checks its type, makes
an Arrow array of them, does that again for a flush, and looks for equal numbers among them when it
writes the file, which makes that half as large again. The stored rows are the same.
"""

import functools
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

FLOAT_VECTOR = 101  # of the type of a field in Milvus' protocol
PACKED = 0x0A  # the tag of packed numbers in a message of them: field 1, of a length
BYTES = 4  # of a number


def replace_writes() -> None:
    """Let the collections of this process write so."""
    from milvus_lite.adapter.grpc.translators import records
    from milvus_lite.storage import data_file
    from milvus_lite.storage.memtable import MemTable

    if hasattr(records._extract_vector_column, "__wrapped__"):
        return
    read = records._extract_vector_column

    @functools.wraps(read)
    def read_vectors(field: Any, kind: int, count: int) -> list[Any]:
        rows = _rows_of(field.vectors, count) if kind == FLOAT_VECTOR else None
        return read(field, kind, count) if rows is None else list(rows)

    records._extract_vector_column = read_vectors
    MemTable._build_data_table = functools.wraps(MemTable._build_data_table)(_data_table)
    data_file.pq = _Parquet
    check_vectors_at_once()


def check_vectors_at_once() -> None:
    """Make writes of this process check the types of all numbers of a vector at once."""
    from milvus_lite.engine import collection

    if hasattr(collection.validate_record, "__wrapped__"):
        return
    check = collection.validate_record

    @functools.wraps(check)
    def validate(record: dict[str, Any], schema: Any, *args: Any, **options: Any) -> None:
        name = next((field.name for field in schema.fields if field.dim), "")
        vector: Any = record.get(name)
        is_array = isinstance(vector, np.ndarray)  # of float32, from `read_vectors`
        if not is_array and (type(vector) is not list or set(map(type, vector)) != {float}):
            check(record, schema, *args, **options)
            return
        record[name] = _Numbers(vector)
        try:
            check(record, schema, *args, **options)
        finally:
            record[name] = vector

    collection.validate_record = validate


class _Numbers(list[float]):
    """Numbers that are checked: a loop over them finds none, all else is as in a list."""

    def __iter__(self) -> Iterator[float]:
        return iter(())


class _Parquet:
    """What Milvus Lite uses of `pyarrow.parquet`."""

    read_table = staticmethod(pq.read_table)

    @staticmethod
    def write_table(table: pa.Table, path: str) -> None:
        """Write a table, with dictionaries for texts only: a vector's numbers do not recur."""
        texts = [field.name for field in table.schema if pa.types.is_string(field.type)]
        pq.write_table(table, path, use_dictionary=texts or False)


def _rows_of(vectors: Any, count: int) -> np.ndarray[Any, Any] | None:
    """Return the vectors of a message, float32 [N, D]; None if it is of another form."""
    if not vectors.HasField("float_vector") or vectors.dim <= 0 or count <= 0:
        return None
    message = vectors.float_vector.SerializeToString()
    size = BYTES * vectors.dim * count
    head = bytes([PACKED]) + _varint(size)
    if len(message) != len(head) + size or not message.startswith(head):
        return None
    return np.frombuffer(message, "<f4", offset=len(head)).reshape(count, vectors.dim)


def _varint(number: int) -> bytes:
    """Encode a whole number as Protocol Buffers do: 7 bits a byte, the lowest first."""
    parts = []
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


def _data_table(memtable: Any, rows: Sequence[tuple[int, int]]) -> pa.Table:
    """Return rows of a memtable, given by the numbers of a batch and of its row."""
    batches = memtable._insert_batches
    schema = memtable._data_schema
    firsts = [0, *accumulate(batch.num_rows for batch in batches)]
    places = np.array([firsts[batch] + row for batch, row in rows], np.int64)
    table = pa.Table.from_batches(batches).select(schema.names)
    if len(places) != table.num_rows or (np.diff(places) != 1).any():
        table = table.take(pa.array(places))
    return table.cast(schema)
