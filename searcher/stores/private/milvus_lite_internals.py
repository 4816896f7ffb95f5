"""All uses of Milvus Lite's private interfaces (milvus-lite 3.2).

Its public command, `milvus-lite server`, opens a folder and serves it until it is interrupted. It
is not sufficient, because it

- cannot test a single collection: when one is loaded, faiss indexes its vectors, and ends the
  whole process if they are not finite, so this must be checked before;
- cannot move a damaged collection aside while it serves the others: the process that has the
  folder open keeps the damaged one in memory, and no other process may open the folder;
- does not report the free port that it chose, and does not close its files on SIGTERM;
- reads all columns of each row that it returns, the vector as Python numbers: 40 us a row where the
  id alone takes 4;
- makes an object of Python of every number of a vector that is written.
"""

import contextlib
import errno
import functools
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from searcher.stores.private.lite_search_internals import replace_search
from searcher.stores.private.lite_write_internals import replace_writes
from searcher.stores.private.recovery import NOT_DAMAGE, discard

if TYPE_CHECKING:
    from milvus_lite import MilvusLite

LARGEST = 1.01  # unit vectors have no component beyond 1, up to rounding
MOST = 16_384  # hits of a search; a damaged index may have wrong numbers for any of them
GRACE_S = 2


class Server:
    """Milvus Lite, served by this process on a free loopback port."""

    def __init__(self, folder: Path) -> None:
        from milvus_lite.adapter.grpc.server import start_server_in_thread

        _read_requested_columns()
        replace_search()
        replace_writes()
        self._server: Any
        self._db: MilvusLite
        self._server, self._db, port = start_server_in_thread(str(folder), "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        """Finish requests in progress, and close the files."""
        self._server.stop(grace=GRACE_S).wait()
        self._db.close()

    def collections(self) -> list[str]:
        """Return the names of the collections."""
        return list(self._db.list_collections())

    def try_collection(self, name: str) -> None:
        """Open a collection as a search does. Raises any exception of Milvus Lite."""
        open_collection(self._db, name)

    def close_collection(self, name: str) -> None:
        """Close a collection: a damaged one can be created anew, others open when they are used."""
        collection = self._db._collections.pop(("default", name), None)
        if collection is not None:
            with contextlib.suppress(Exception):
                collection.close()


def open_collection(db: "MilvusLite", name: str) -> None:
    """Open a collection as a search does, and rebuild its indexes if they are damaged.

    Args:
        db: The database.
        name: The collection's name.

    Raises:
        ValueError: Its vectors are no unit vectors of its dimension.
        Exception: Any exception of Milvus Lite.
    """
    collection = db.get_collection(name)
    dim = next(field.dim for field in collection.schema.fields if field.dim)
    # Before any index is built: components whose squares are not finite make faiss end the process.
    collection.flush()
    for segment in collection._segment_cache.values():
        vectors = segment.vectors
        # False if any is NaN. np.abs(vectors).max() would copy all vectors.
        in_range = not vectors.size or -LARGEST <= vectors.min() <= vectors.max() <= LARGEST
        if vectors.shape[1:] != (dim,) or not in_range:
            raise ValueError(f"{segment.file_path} holds no unit vectors of {dim} numbers")
    try:
        collection.load()
        _search_all(collection, dim)
    except Exception as error:
        if is_no_damage(error):
            raise
        # Rebuild damaged indexes from the vectors.
        collection.release()
        for index in Path(collection._data_dir).rglob("*.idx"):
            discard(index)
        collection.load()
        _search_all(collection, dim)


def _search_all(collection: Any, dim: int) -> None:
    """Search for as many vectors as there can be hits, and read their ids."""
    key = [collection._pk_name]
    collection.search([[0.0] * dim], top_k=MOST, metric_type="L2", output_fields=key)


def _read_requested_columns() -> None:
    """Make queries and searches of this process read only the columns that they return.

    Where a request needs others, such as one that groups its hits, all are read as before.
    """
    from milvus_lite.engine.collection import Collection
    from milvus_lite.storage.segment import Segment

    if hasattr(Segment.row_to_dict, "__wrapped__"):
        return
    request = threading.local()
    read_all = Segment.row_to_dict

    @functools.wraps(read_all)
    def read_row(segment: Segment, row: int) -> dict[str, Any]:
        columns: Sequence[str] | None = getattr(request, "columns", None)
        if columns is None:
            return dict(read_all(segment, row))
        table = segment.table
        return {name: table.column(name)[row].as_py() for name in columns}

    def limited(method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def call(collection: Any, *args: Any, **options: Any) -> Any:
            fields = set(options.get("output_fields") or ())
            names = {field.name for field in collection.schema.fields}
            needs_others = options.get("group_by_field") or options.get("ranker")
            if method.__name__ == "get":  # the others compare whole columns
                needs_others = options.get("expr")
            if fields and fields <= names and not needs_others:
                request.columns = tuple(fields | {collection._pk_name})
            try:
                return method(collection, *args, **options)
            finally:
                request.columns = None

        return call

    Segment.row_to_dict = read_row
    for name in ("get", "query", "search"):
        setattr(Collection, name, limited(getattr(Collection, name)))


def is_no_damage(error: Exception) -> bool:
    """Whether an error comes from the disk, a limit, or a process that has the folder open.

    Arrow and Python raise errors without a number where no thread can be started.
    """
    from milvus_lite.exceptions import DataDirLockedError

    if isinstance(error, OSError) and error.errno in NOT_DAMAGE:
        return True
    is_of_limit = any(text in str(error) for text in (os.strerror(errno.EAGAIN), "new thread"))
    return is_of_limit or isinstance(error, MemoryError | DataDirLockedError)


def try_alone(folder: Path, name: str) -> None:
    """Open a collection in this process, which damage may crash."""
    from milvus_lite import MilvusLite

    with MilvusLite(str(folder)) as db, contextlib.suppress(Exception):
        open_collection(db, name)
