"""What a collection of vectors is in Milvus, and what its searches promise."""

from typing import NamedTuple

from pymilvus import DataType, MilvusClient

TIMEOUT_S = 30

# What this process wrote is found at once. The server's default, Bounded, missed 20 of 20
# pictures that were searched right after they were added; Strong waits some 200 ms for each call
# (standalone Milvus 2.3.5, 1,000 vectors), Session 4 ms, and 200 ms once after a write.
CONSISTENCY = "Session"


class Collection(NamedTuple):
    """The name of one model file's collection, and the length of its vectors."""

    name: str
    dim: int


def create(client: MilvusClient, collection: Collection) -> None:
    """Make a collection, searched exactly."""
    schema = MilvusClient.create_schema(auto_id=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("embedding", DataType.FLOAT_VECTOR, dim=collection.dim)
    index = MilvusClient.prepare_index_params()
    # FLAT is exact, and no slower than the others at a demo's size.
    index.add_index("embedding", index_type="FLAT", metric_type="L2")
    client.create_collection(
        collection.name,
        schema=schema,
        index_params=index,
        consistency_level=CONSISTENCY,
        timeout=TIMEOUT_S,
    )
