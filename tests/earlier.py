"""Libraries in version 1 of the data format: no sidecars, no identity, absolute paths."""

import shutil
from functools import partial

import redis

from searcher.library.core import Library


def make_earlier(library: Library) -> None:
    """Turn a library into version 1: remove sidecars and identity, and make paths absolute."""
    records = list(library.records.all())
    for mark in library.vectors.marks():
        library.vectors.unmark(mark)
    library.records.note("library", {})
    for record in records:
        key = f"twinlens:image:{record.id}"
        library.records.connection.call(partial(_set_path, key, record.path))
    (library.settings.data / "library.json").unlink()
    shutil.rmtree(library.settings.sidecars)


def stored_paths(library: Library) -> set[str]:
    """The paths as Redis has them."""
    keys = [f"twinlens:image:{i}" for i in library.records.ids()]
    return {library.records.connection.call(partial(_path, key)) for key in keys}


def _set_path(key: str, path: str, client: redis.Redis) -> None:
    client.hset(key, "path", path)


def _path(key: str, client: redis.Redis) -> str:
    return str(client.hget(key, "path"))
