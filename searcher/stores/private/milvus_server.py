"""Milvus Lite, served from the supervisor's process, each of its collections tried by itself.

A collection that can't be used disables only its own model: it is put aside, and its pictures are
embedded again. `python -m searcher.stores.private.milvus_server FOLDER NAME` tries one collection
in a process of its own, which damage may bring down.
"""

import contextlib
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from searcher.stores.private.recovery import NOT_DAMAGE, discard, note, set_aside

if TYPE_CHECKING:
    from milvus_lite import MilvusLite

TRY_S = 300
LARGEST = 1.01
FOLDERS = ("collections", "databases", ".database-staging")
LISTS = ("aliases.json", "database_properties.json")


class PrivateMilvus:
    """The server of a folder, on a free loopback port."""

    def __init__(self, stores: Path) -> None:
        self._stores = stores
        self._folder = stores / "milvus"
        self._aside = stores / "milvus-damaged"
        self._in_use = stores / "milvus.open"  # there until all is closed in good order
        self._opening = stores / "milvus.opening"  # names the collection that is being opened
        self.url = ""

    def __enter__(self) -> "PrivateMilvus":
        if self._in_use.exists():
            # An index that a crash cut off keeps its collection from being loaded. Without any
            # they are made anew from the vectors.
            for index in self._folder.rglob("*.idx"):
                discard(index)
            discard(self._in_use)
        self._in_use.touch()
        self._serve()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
        discard(self._in_use)

    def reopen(self) -> None:
        """Serve anew, on another port: what was damaged meanwhile is put aside."""
        self._stop()
        self._serve()

    def _serve(self) -> None:
        self._clear_strays()
        self._put_deadly_aside()
        try:
            self._start()
        except Exception as error:
            if _is_no_damage(error):
                raise
            set_aside(self._folder, self._aside)
            note(self._stores, "collections")
            self._start()
        for name in self._db.list_collections():
            self._opening.write_text(name)
            try:
                open_collection(self._db, name)
            except Exception as error:
                if _is_no_damage(error):
                    raise
                print(f"{name} can't be used: {error}", file=sys.stderr)
                _close(self._db, name)
                self._put_aside(name)
        discard(self._opening)

    def _start(self) -> None:
        from milvus_lite.adapter.grpc.server import start_server_in_thread

        self._server, self._db, port = start_server_in_thread(str(self._folder), "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{port}"

    def _stop(self) -> None:
        self._server.stop(grace=2).wait()
        self._db.close()

    def _clear_strays(self) -> None:
        """Put aside what is in the way of Milvus Lite, which does not expect it."""
        if self._folder.exists() and not self._folder.is_dir():
            set_aside(self._folder, self._aside)
        for path in [self._folder / name for name in FOLDERS]:
            if path.exists() and not path.is_dir():
                set_aside(path, self._aside)
        if (self._folder / "LOCK").is_dir():
            set_aside(self._folder / "LOCK", self._aside)
        for path in [self._folder / name for name in LISTS]:
            if path.exists() and not _is_json(path):
                set_aside(path, self._aside)
        collections = self._folder / FOLDERS[0]
        for path in list(collections.iterdir()) if collections.is_dir() else []:
            if not path.is_dir():
                set_aside(path, self._aside)
            elif not (path / "schema.json").is_file() or _lacks_manifest(path):
                self._put_aside(path.name)

    def _put_deadly_aside(self) -> None:
        """Put the collection aside at which the process before died, if that happens again."""
        if not self._opening.is_file():
            discard(self._opening)
            return
        name = self._opening.read_text(errors="replace")
        discard(self._opening)
        path = self._folder / FOLDERS[0] / name
        if path.parent.name == FOLDERS[0] and path.is_dir():
            command = [sys.executable, "-m", __name__, str(self._folder), name]
            try:
                subprocess.run(command, timeout=TRY_S, check=True)
            except subprocess.SubprocessError:
                self._put_aside(name)

    def _put_aside(self, name: str) -> None:
        path = self._folder / FOLDERS[0] / name
        is_empty = not any(path.rglob("*.parquet")) and not any(path.rglob("*.arrow"))
        set_aside(path, self._aside)
        if not is_empty:  # a collection whose making was cut off has nothing to lose
            note(self._stores, "collection", name=name)


def open_collection(db: "MilvusLite", name: str) -> None:
    """Open a collection as a search does. Raises whatever Milvus Lite does."""
    collection = db.get_collection(name)
    dim = next(field.dim for field in collection.schema.fields if field.dim)
    # Before any index is made: of numbers that are not finite, or whose squares are not, faiss ends
    # the whole process. Vectors of unit length have none beyond 1.
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
        if _is_no_damage(error):
            raise
        # Damaged indexes are made again from the vectors.
        collection.release()
        for index in Path(collection._data_dir).rglob("*.idx"):
            discard(index)
        collection.load()
        collection.search([[0.0] * dim], top_k=1, metric_type="L2")


def _close(db: "MilvusLite", name: str) -> None:
    """Let a damaged collection go, so that a new one of its name can be made."""
    collection = db._collections.pop(("default", name), None)
    if collection is not None:
        with contextlib.suppress(Exception):
            collection.close()


def _is_no_damage(error: Exception) -> bool:
    from milvus_lite.exceptions import DataDirLockedError

    full = isinstance(error, OSError) and error.errno in NOT_DAMAGE
    return full or isinstance(error, DataDirLockedError)


def _is_json(path: Path) -> bool:
    try:
        return isinstance(json.loads(path.read_text("utf-8")), dict)
    except (OSError, ValueError):
        return False


def _lacks_manifest(path: Path) -> bool:
    """Without one Milvus Lite would take the collection for empty and delete its files."""
    has_one = any((path / name).is_file() for name in ("manifest.json", "manifest.json.prev"))
    return not has_one and any(path.rglob("*.parquet"))


if __name__ == "__main__":
    from milvus_lite import MilvusLite

    with MilvusLite(sys.argv[1]) as tried, contextlib.suppress(Exception):
        open_collection(tried, sys.argv[2])
