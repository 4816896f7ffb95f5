"""Milvus Lite, served by the supervisor's process, which tests every collection first.

A damaged collection disables only its own model: it is moved aside, and its pictures are embedded
again. `python -m searcher.stores.private.milvus_server FOLDER NAME` tests one collection in a
separate process, which damage may crash.
"""

import json
import subprocess
import sys
from pathlib import Path

from searcher.stores.collection_names import FULL
from searcher.stores.private.milvus_lite_internals import Server, is_no_damage, try_alone
from searcher.stores.private.recovery import discard, note, set_aside

TRY_S = 300
FOLDERS = ("collections", "databases", ".database-staging")
LISTS = ("aliases.json", "database_properties.json")


class PrivateMilvus:
    """The server of a folder, on a free loopback port."""

    def __init__(self, stores: Path) -> None:
        self._stores = stores
        self._folder = stores / "milvus"
        self._aside = stores / "milvus-damaged"
        self._in_use = stores / "milvus.open"  # exists until everything was closed properly
        self._opening = stores / "milvus.opening"  # contains the name of the collection in test

    def __enter__(self) -> "PrivateMilvus":
        if self._in_use.exists():
            # A collection with an index file truncated by a crash cannot be loaded. Missing
            # indexes are rebuilt from the vectors.
            for index in self._folder.rglob("*.idx"):
                discard(index)
            discard(self._in_use)
        self._in_use.touch()
        self._serve()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
        discard(self._in_use)

    @property
    def url(self) -> str:
        """The server's URL."""
        return self._server.url

    def reopen(self) -> None:
        """Restart on another port, testing all collections again."""
        self._server.stop()
        self._serve()

    def _serve(self) -> None:
        self._clear_obstacles()
        self._set_crashing_aside()
        try:
            self._server = Server(self._folder)
        except Exception as error:
            if is_no_damage(error):
                raise
            set_aside(self._folder, self._aside)
            note(self._stores, "collections")
            self._server = Server(self._folder)
        for name in self._server.collections():
            self._opening.write_text(name)
            try:
                self._server.try_collection(name)
            except Exception as error:
                if is_no_damage(error):
                    raise
                print(f"{name} can't be used: {error}", file=sys.stderr)
                self._server.close_collection(name)
                self._set_aside(name)
            if name.endswith(FULL):  # beside smaller vectors, which are searched
                self._server.close_collection(name)
        discard(self._opening)

    def _clear_obstacles(self) -> None:
        """Move aside files, folders and collections on which Milvus Lite would fail."""
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
                self._set_aside(path.name)

    def _set_crashing_aside(self) -> None:
        """Move the collection aside whose test ended the previous process, if it does so again."""
        if not self._opening.is_file():
            discard(self._opening)
            return
        name = self._opening.read_text(errors="replace")
        discard(self._opening)
        path = self._folder / FOLDERS[0] / name
        if path.parent.name == FOLDERS[0] and path.is_dir():
            command = [sys.executable, "-m", __name__, str(self._folder), name]
            try:
                status = subprocess.run(command, timeout=TRY_S, check=False).returncode
            except subprocess.TimeoutExpired:
                status = -1
            if status < 0:  # other failures, such as a limit of memory, tell nothing of it
                self._set_aside(name)

    def _set_aside(self, name: str) -> None:
        path = self._folder / FOLDERS[0] / name
        is_empty = not any(path.rglob("*.parquet")) and not any(path.rglob("*.arrow"))
        set_aside(path, self._aside)
        if not is_empty:  # nothing is lost with a collection whose creation was interrupted
            note(self._stores, "collection", name=name)


def _is_json(path: Path) -> bool:
    try:
        return isinstance(json.loads(path.read_text("utf-8")), dict)
    except (OSError, ValueError):
        return False


def _lacks_manifest(path: Path) -> bool:
    """Whether a collection has vectors but no manifest: Milvus Lite would delete its files."""
    has_manifest = any((path / name).is_file() for name in ("manifest.json", "manifest.json.prev"))
    return not has_manifest and any(path.rglob("*.parquet"))


if __name__ == "__main__":
    try_alone(Path(sys.argv[1]), sys.argv[2])
