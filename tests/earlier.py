"""Libraries as version 1 of the data folder left them: no sidecars, no identity, whole paths."""

import shutil

from searcher.library import Library


def make_earlier(library: Library) -> None:
    """Take away what version 2 of the data folder added, and write paths as it did not."""
    records = list(library.records.all())
    for mark in library.vectors.marks():
        library.vectors.unmark(mark)
    library.records.note("library", {})
    for record in records:
        key = f"twinlens:image:{record.id}"
        library.records.connection.call(lambda c, k=key, p=record.path: c.hset(k, "path", p))
    (library.settings.data / "library.json").unlink()
    shutil.rmtree(library.settings.sidecars)


def stored_paths(library: Library) -> set[str]:
    """The paths as Redis has them."""
    keys = [f"twinlens:image:{i}" for i in library.records.ids()]
    return {library.records.connection.call(lambda c, k=key: c.hget(k, "path")) for key in keys}
