"""Collections of vectors in Milvus: schema, indexes, consistency."""

from typing import Any, NamedTuple

from pymilvus import DataType, MilvusClient

from searcher.types import Collection

TIMEOUT_S = 30

# A process reads its own writes. The server's default, Bounded, missed 20 of 20 pictures that
# were searched right after they were added; Strong waits some 200 ms for each call (standalone
# Milvus 2.3.5, 1,000 vectors), Session 4 ms, and 200 ms once after a write.
CONSISTENCY = "Session"


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
        client.create_collection(
            collection.name, schema=schema, consistency_level=CONSISTENCY, timeout=TIMEOUT_S
        )
    if not client.list_indexes(collection.name, timeout=TIMEOUT_S):
        parameters = MilvusClient.prepare_index_params()
        parameters.add_index("embedding", metric_type="L2", **index.build)
        client.create_index(collection.name, parameters, timeout=TIMEOUT_S)
