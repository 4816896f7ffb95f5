"""The writes that replace Milvus Lite's own store the same rows."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from milvus_lite.adapter.grpc.translators import records
from milvus_lite.schema.arrow_builder import build_data_schema, build_wal_data_schema
from milvus_lite.schema.types import CollectionSchema, DataType, FieldSchema
from milvus_lite.storage import data_file
from milvus_lite.storage.memtable import MemTable
from pymilvus.grpc_gen import schema_pb2

from searcher.stores.collection import ONE_LIST
from searcher.stores.fields import Fields
from searcher.stores.private.lite_write_internals import FLOAT_VECTOR, replace_writes
from searcher.stores.private.milvus_lite_internals import Server
from searcher.stores.vectors import VectorStore
from searcher.types import Collection
from tests.vectors import unit

SCHEMA = CollectionSchema(
    [
        FieldSchema("id", DataType.INT64, is_primary=True),
        FieldSchema("v", DataType.FLOAT_VECTOR, dim=16),
        FieldSchema("label", DataType.VARCHAR, max_length=20),
    ]
)
ROWS = unit(300, 16)


@pytest.fixture(autouse=True)
def replaced() -> None:
    replace_writes()


def batch(ids: range, first: int) -> pa.RecordBatch:
    """Rows as a request brings them, with sequence numbers from `first`."""
    columns = {
        "_seq": range(first, first + len(ids)),
        "_partition": ["_default"] * len(ids),
        "id": ids,
        "v": [ROWS[i].tolist() for i in ids],
        "label": [f"{i % 3}" for i in ids],
    }
    return pa.RecordBatch.from_pydict(
        {name: list(values) for name, values in columns.items()},
        schema=build_wal_data_schema(SCHEMA),
    )


@pytest.mark.parametrize("parts", [[range(5)], [range(5), range(5, 9)], [range(9), range(3, 12)]])
def test_a_flush_has_the_same_table(parts: list[range], monkeypatch: pytest.MonkeyPatch) -> None:
    memtable = MemTable(SCHEMA)
    for number, ids in enumerate(parts):
        memtable.apply_insert(batch(ids, 100 * number))
    quick = memtable.flush()["_default"][0]
    monkeypatch.setattr(MemTable, "_build_data_table", MemTable._build_data_table.__wrapped__)
    slow = memtable.flush()["_default"][0]
    assert quick.schema.equals(build_data_schema(SCHEMA), check_metadata=True)
    assert quick.to_pylist() == slow.to_pylist()


def message(count: int, dim: int) -> Any:
    numbers = ROWS[:count, :dim].ravel().tolist()
    vectors = schema_pb2.VectorField(dim=dim, float_vector=schema_pb2.FloatArray(data=numbers))
    return schema_pb2.FieldData(field_name="v", type=FLOAT_VECTOR, vectors=vectors)


@pytest.mark.parametrize(("count", "dim"), [(1, 1), (1, 16), (2, 16), (200, 16), (300, 16)])
def test_a_request_has_the_same_vectors(count: int, dim: int) -> None:
    field = message(count, dim)
    rows = records._extract_vector_column(field, FLOAT_VECTOR, count)
    slow = records._extract_vector_column.__wrapped__(field, FLOAT_VECTOR, count)
    assert all(isinstance(row, np.ndarray) for row in rows)
    assert [row.tolist() for row in rows] == slow


@pytest.mark.parametrize("count", [1, 4])
def test_requests_of_another_form_are_refused_as_before(count: int) -> None:
    with pytest.raises(Exception, match="expected num_rows"):
        records._extract_vector_column(message(3, 16), FLOAT_VECTOR, count)


def test_files_are_read_as_before_and_no_larger(tmp_path: Path) -> None:
    table = pa.Table.from_batches([batch(range(300), 0)]).select(build_data_schema(SCHEMA).names)
    pq.write_table(table, tmp_path / "slow.parquet")
    name = data_file.write_data_file(table, str(tmp_path), 0, 299)
    assert data_file.read_data_file(str(tmp_path / name)).equals(table)
    assert (tmp_path / name).stat().st_size <= (tmp_path / "slow.parquet").stat().st_size


def test_stores_keep_what_was_written(tmp_path: Path) -> None:
    server = Server(tmp_path)
    collection = Collection("t_writes", 16)
    store = VectorStore(lambda: server.url, index=ONE_LIST)
    fields = {i: Fields(label=f"{i}") for i in range(300)}
    try:
        store.upsert(collection, range(300), ROWS, fields)
        store.upsert(collection, range(10), ROWS[10:20], fields)
        store.flush(collection)
        expected = np.concatenate([ROWS[10:20], ROWS[10:]])
        assert np.array_equal(store.fetch(collection, range(300)), expected)
        assert store.fields(collection, [7, 299]) == {i: fields[i] for i in (7, 299)}
    finally:
        store.close()
        server.stop()
