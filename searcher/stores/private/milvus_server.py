"""Milvus Lite, served from the supervisor's process, each of its collections tried by itself.

A collection that can't be used disables only its own model: it is put aside, and its pictures are
embedded again. `python -m searcher.stores.private.milvus_server FOLDER NAME` tries one collection
in a process of its own, which damage may bring down.
"""

import json
import subprocess
import sys
from pathlib import Path

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
        self._in_use = stores / "milvus.open"  # there until all is closed in good order
        self._opening = stores / "milvus.opening"  # names the collection that is being opened

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
        self._server.stop()
        discard(self._in_use)

    @property
    def url(self) -> str:
        """Where it listens."""
        return self._server.url

    def reopen(self) -> None:
        """Serve anew, on another port: what was damaged meanwhile is put aside."""
        self._server.stop()
        self._serve()

    def _serve(self) -> None:
        self._clear_strays()
        self._put_deadly_aside()
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
                self._put_aside(name)
        discard(self._opening)

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
    try_alone(Path(sys.argv[1]), sys.argv[2])
