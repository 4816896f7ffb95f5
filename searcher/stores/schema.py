"""What a collection of vectors is in Milvus, and what its searches promise."""

from typing import Any, NamedTuple

from pymilvus import DataType, MilvusClient

TIMEOUT_S = 30

# What this process wrote is found at once. The server's default, Bounded, missed 20 of 20
# pictures that were searched right after they were added; Strong waits some 200 ms for each call
# (standalone Milvus 2.3.5, 1,000 vectors), Session 4 ms, and 200 ms once after a write.
CONSISTENCY = "Session"


# FLAT compares with every vector. HNSW does not: at 50,000 x 512 on a server it takes 3 ms instead
# of 23 and finds 0.99 of the nearest 10; segments of fewer than 1,024 vectors are searched exactly
# all the same. Milvus Lite gains nothing by it and may lose rows.
FLAT: dict[str, Any] = {"index_type": "FLAT"}
HNSW: dict[str, Any] = {"index_type": "HNSW", "params": {"M": 16, "efConstruction": 200}}
EF = 256  # candidates of a search


class Collection(NamedTuple):
    """The name of one model file's collection, and the length of its vectors."""

    name: str
    dim: int


def create(client: MilvusClient, collection: Collection, exact: bool) -> None:
    """Make a collection, searched exactly or by HNSW once it is large."""
    schema = MilvusClient.create_schema(auto_id=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("embedding", DataType.FLOAT_VECTOR, dim=collection.dim)
    index = MilvusClient.prepare_index_params()
    index.add_index("embedding", metric_type="L2", **FLAT if exact else HNSW)
    client.create_collection(
        collection.name,
        schema=schema,
        index_params=index,
        consistency_level=CONSISTENCY,
        timeout=TIMEOUT_S,
    )
