"""What a collection of vectors is in Milvus, and what its searches promise."""

from typing import Any, NamedTuple

from pymilvus import DataType, MilvusClient

from searcher.types import Collection

TIMEOUT_S = 30

# What this process wrote is found at once. The server's default, Bounded, missed 20 of 20
# pictures that were searched right after they were added; Strong waits some 200 ms for each call
# (standalone Milvus 2.3.5, 1,000 vectors), Session 4 ms, and 200 ms once after a write.
CONSISTENCY = "Session"


class Index(NamedTuple):
    """How Milvus finds the nearest: what its index is made with, and what a search asks of it."""

    made: dict[str, Any]
    asked: dict[str, int]


# Both are exact: they compare with every vector. Milvus Lite does so ten times as fast in faiss
# (IVF_FLAT) as in numpy (FLAT): 10 ms instead of 60 at 10,000 x 2048. In one list nothing is left
# out, nor in 128, its default, when 128 are looked through. It takes the number from `params` as
# the server does, but pymilvus unpacks that, so it is wrapped twice.
FLAT = Index({"index_type": "FLAT"}, {})
ONE_LIST = Index({"index_type": "IVF_FLAT", "params": {"params": {"nlist": 1}}}, {"nprobe": 128})
# Compares with some only: at 50,000 x 512 on a server it takes 3 ms instead of 23 and finds 0.99 of
# the nearest 10; segments of fewer than 1,024 vectors are searched exactly all the same. Milvus
# Lite may lose rows with it. `ef` is how many candidates a search keeps.
HNSW = Index({"index_type": "HNSW", "params": {"M": 16, "efConstruction": 200}}, {"ef": 256})


def create(client: MilvusClient, collection: Collection, index: Index) -> None:
    """Make a collection and its index, or what a process that was killed at it left undone."""
    if not client.has_collection(collection.name, timeout=TIMEOUT_S):
        schema = MilvusClient.create_schema(auto_id=False)
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("embedding", DataType.FLOAT_VECTOR, dim=collection.dim)
        client.create_collection(
            collection.name, schema=schema, consistency_level=CONSISTENCY, timeout=TIMEOUT_S
        )
    if not client.list_indexes(collection.name, timeout=TIMEOUT_S):
        parameters = MilvusClient.prepare_index_params()
        parameters.add_index("embedding", metric_type="L2", **index.made)
        client.create_index(collection.name, parameters, timeout=TIMEOUT_S)
