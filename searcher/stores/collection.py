"""Collections of vectors in Milvus: schema, indexes, consistency, rows.

See `collection_names` for their names.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from pymilvus import DataType, MilvusClient

from searcher.stores.collection_names import COPY, FULL, SHRUNKEN
from searcher.stores.fields import MAX_TEXT_BYTES, Fields
from searcher.types import Collection

TIMEOUT_S = 30

# A process reads its own writes. The server's default, Bounded, missed 20 of 20 pictures that
# were searched right after they were added; Strong waits some 200 ms for each call (standalone
# Milvus 2.3.5, 1,000 vectors), Session 4 ms, and 200 ms once after a write.
CONSISTENCY = "Session"

PAGE = 1000  # rows per call
PAGE_OF_IDS = 10_000  # ids per call; a server allows 16,384
PAGE_OF_LITE = 200_000  # ids per call of Milvus Lite, whose limit is memory: 80 MB
LITE = "milvus_lite"  # the beginning of its version
SCALARS: dict[type, tuple[DataType, dict[str, int]]] = {
    str: (DataType.VARCHAR, {"max_length": MAX_TEXT_BYTES}),
    float: (DataType.DOUBLE, {}),
    int: (DataType.INT64, {}),
}


class Index(NamedTuple):
    """The parameters that a Milvus index is built with, and those of each search in it."""

    build: dict[str, Any]
    search: dict[str, int]


# Both are exact: they compare with every vector. Milvus Lite does so ten times as fast in faiss
# (IVF_FLAT) as in numpy (FLAT): 10 ms instead of 60 at 10,000 x 2048. A search of the single list,
# or of all 128 that Milvus Lite makes by default, misses no vector. Milvus Lite reads `nlist` from
# `params` as the server does, but pymilvus unpacks one level, so there are two.
FLAT = Index({"index_type": "FLAT"}, {})
ONE_LIST = Index({"index_type": "IVF_FLAT", "params": {"params": {"nlist": 1}}}, {"nprobe": 128})
# Approximate: at 50,000 x 512 on a server a search takes 3 ms instead of 23 and finds 0.99 of the
# nearest 10. Segments of fewer than 1,024 vectors are still searched exactly. Milvus Lite may lose
# rows with it. `ef` is the number of candidates of a search.
HNSW = Index({"index_type": "HNSW", "params": {"M": 16, "efConstruction": 200}}, {"ef": 256})
# Exact for vectors of a byte a number: a single list. Milvus 2.3 has no HNSW of bytes.
EXACT_INT8 = Index({"index_type": "IVF_SQ8", "params": {"nlist": 1}}, {"nprobe": 1})


def create(client: MilvusClient, collection: Collection, index: Index) -> None:
    """Create a collection and its index, or complete one whose creation was interrupted.

    Args:
        client: A client of the server.
        collection: Its name and dimension.
        index: The index of a new collection.

    Raises:
        MilvusException: The server does not answer, or refuses the request.
    """
    if not client.has_collection(collection.name, timeout=TIMEOUT_S):
        schema = MilvusClient.create_schema(auto_id=False)
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("embedding", DataType.FLOAT_VECTOR, dim=collection.dim)
        for field, kind in Fields.__annotations__.items():
            type_, options = SCALARS[kind]
            schema.add_field(field, type_, **options)
        client.create_collection(
            collection.name, schema=schema, consistency_level=CONSISTENCY, timeout=TIMEOUT_S
        )
    if not client.list_indexes(collection.name, timeout=TIMEOUT_S):
        parameters = MilvusClient.prepare_index_params()
        parameters.add_index("embedding", metric_type="L2", **index.build)
        client.create_index(collection.name, parameters, timeout=TIMEOUT_S)


def find(client: MilvusClient, name: str) -> str:
    """Return the name that Milvus has of a model's collection; "" if there is none."""

    def first(*names: str) -> str:
        return next((n for n in names if client.has_collection(n, timeout=TIMEOUT_S)), "")

    if full := first(name + FULL):
        return first(*(name + ending for ending in SHRUNKEN)) or full
    return first(name, name + COPY)  # in this order: a copy is complete before the other one goes


def has_fields(client: MilvusClient, name: str) -> bool:
    """Whether a collection has the fields to filter by. Raises MilvusException."""
    described = client.describe_collection(name, timeout=TIMEOUT_S)
    return {field["name"] for field in described["fields"]}.issuperset(Fields._fields)


def read(
    client: MilvusClient,
    name: str,
    ids: Sequence[int],
    fields: Sequence[str],
    consistency: str = CONSISTENCY,
) -> list[dict[str, Any]]:
    """Return some fields of the rows of `ids`, up to PAGE. Raises MilvusException."""
    rows: list[dict[str, Any]] = client.get(
        name,
        ids=list(ids),
        output_fields=list(fields),
        consistency_level=consistency,
        timeout=TIMEOUT_S,
    )
    return rows


def read_ids(client: MilvusClient, name: str) -> list[int]:
    """Return the ids of all rows; see `parts_of_ids`."""
    return [i for part in parts_of_ids(client, name) for i in part]


def parts_of_ids(client: MilvusClient, name: str) -> Iterator[list[int]]:
    """Yield the ids of all rows in parts, those that other processes wrote included.

    Raises:
        MilvusException: The server does not answer, or refuses the request.
    """
    if client.get_server_version(timeout=TIMEOUT_S).startswith(LITE):
        yield from _parts_of_lite(client, name)
        return
    iterator = client.query_iterator(
        name,
        batch_size=PAGE_OF_IDS,
        output_fields=["id"],
        consistency_level="Strong",
        timeout=TIMEOUT_S,
    )
    while rows := iterator.next():
        yield [int(row["id"]) for row in rows]
    iterator.close()


def _parts_of_lite(client: MilvusClient, name: str) -> Iterator[list[int]]:
    """Yield all ids of a collection of Milvus Lite, which examines all rows for each request.

    Ids are hashes, so that ranges of the same length have about as many of them.
    """
    count = count_rows(client, name)
    parts = max(1, math.ceil(count / PAGE_OF_LITE))
    bounds = [2**63 * part // parts for part in range(parts)] + [2**63 - 1]
    for first, last in itertools.pairwise(bounds):
        where = f"id >= {first} and id < {last}" if parts > 1 else "id >= 0"
        rows = client.query(name, filter=where, output_fields=["id"], timeout=TIMEOUT_S)
        yield [int(row["id"]) for row in rows]


def count_rows(client: MilvusClient, name: str) -> int:
    """Return the number of rows. Raises MilvusException."""
    rows = client.query(
        name, output_fields=["count(*)"], consistency_level=CONSISTENCY, timeout=TIMEOUT_S
    )
    return int(rows[0]["count(*)"])


def pages(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Split ids into parts for one call each."""
    return (ids[start : start + PAGE] for start in range(0, len(ids), PAGE))
