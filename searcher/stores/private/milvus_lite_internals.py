"""All that the private Milvus uses of Milvus Lite's private interfaces (milvus-lite 3.2).

Its public command, `milvus-lite server`, can't take their place. It opens a folder and serves it
until it is interrupted, and

- can't try one collection: vectors that are not finite, of which faiss makes an index when a
  collection is loaded, end the whole process, so they are looked for before;
- can't put a damaged collection aside while it serves the others: whoever has the folder open
  keeps the damaged one in memory, and nobody else may open it;
- does not say which free port it has taken, and closes nothing on SIGTERM.
"""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from searcher.stores.private.recovery import NOT_DAMAGE, discard

if TYPE_CHECKING:
    from milvus_lite import MilvusLite

LARGEST = 1.01  # vectors of unit length have no number beyond 1
GRACE_S = 2


class Server:
    """Milvus Lite, served from this process on a free loopback port."""

    def __init__(self, folder: Path) -> None:
        from milvus_lite.adapter.grpc.server import start_server_in_thread

        self._server: Any
        self._db: MilvusLite
        self._server, self._db, port = start_server_in_thread(str(folder), "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        """End what is under way, and close the files."""
        self._server.stop(grace=GRACE_S).wait()
        self._db.close()

    def collections(self) -> list[str]:
        """Return the names of the collections."""
        return list(self._db.list_collections())

    def try_collection(self, name: str) -> None:
        """Open a collection as a search does. Raises whatever Milvus Lite does."""
        open_collection(self._db, name)

    def close_collection(self, name: str) -> None:
        """Let a damaged collection go, so that a new one of its name can be made."""
        collection = self._db._collections.pop(("default", name), None)
        if collection is not None:
            with contextlib.suppress(Exception):
                collection.close()


def open_collection(db: "MilvusLite", name: str) -> None:
    """Open a collection as a search does. Raises whatever Milvus Lite does."""
    collection = db.get_collection(name)
    dim = next(field.dim for field in collection.schema.fields if field.dim)
    # Before any index is made: of numbers that are not finite, or whose squares are not, faiss ends
    # the whole process.
    collection.flush()
    for segment in collection._segment_cache.values():
        vectors = segment.vectors
        # False where one is NaN; the largest of all absolute values would copy them first.
        in_range = not vectors.size or -LARGEST <= vectors.min() <= vectors.max() <= LARGEST
        if vectors.shape[1:] != (dim,) or not in_range:
            raise ValueError(f"{segment.file_path} holds no unit vectors of {dim} numbers")
    try:
        collection.load()
        collection.search([[0.0] * dim], top_k=1, metric_type="L2")
    except Exception as error:
        if is_no_damage(error):
            raise
        # Damaged indexes are made again from the vectors.
        collection.release()
        for index in Path(collection._data_dir).rglob("*.idx"):
            discard(index)
        collection.load()
        collection.search([[0.0] * dim], top_k=1, metric_type="L2")


def is_no_damage(error: Exception) -> bool:
    """Whether the disk, or another process that has the folder, is why something failed."""
    from milvus_lite.exceptions import DataDirLockedError

    full = isinstance(error, OSError) and error.errno in NOT_DAMAGE
    return full or isinstance(error, DataDirLockedError)


def try_alone(folder: Path, name: str) -> None:
    """Open a collection in this process, which damage may bring down."""
    from milvus_lite import MilvusLite

    with MilvusLite(str(folder)) as db, contextlib.suppress(Exception):
        open_collection(db, name)
