"""Sidecars: every record once more as a file, so that records can be made again from the folder."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from searcher.files import picture_ids, write_whole
from searcher.stores.paths import DataPaths
from searcher.stores.records import Record

SUFFIX = ".json"


class Sidecars:
    """A folder with one JSON file a picture, in 256 folders. A damaged one counts as missing."""

    def __init__(self, folder: Path, paths: DataPaths) -> None:
        self._folder = folder
        self._paths = paths

    def path(self, picture_id: int) -> Path:
        """Where a picture's sidecar is."""
        return self._folder / f"{picture_id % 256:02x}" / f"{picture_id}{SUFFIX}"

    def ids(self) -> Iterator[int]:
        """The ids of all pictures that have one."""
        return picture_ids(self._folder, SUFFIX)

    def write(self, record: Record) -> None:
        """Write a record, unless it is there as it is. Raises DiskFull, CannotWrite."""
        values = record.to_hash() | {"path": self._paths.shorten(record.path)}
        self._write(record.id, values)

    def announce(self, picture_id: int, name: str, label: str, added: float) -> None:
        """Write what an upload's own file can't tell, before that is there.

        It does not count as a sidecar before the record replaces it. Raises DiskFull, CannotWrite.
        """
        if self.read(picture_id) is None:
            self._write(picture_id, {"name": name, "label": label, "added": added})

    def read(self, picture_id: int) -> Record | None:
        """The record that is kept of a picture, None where it is missing, damaged or incomplete."""
        values = {name: str(value) for name, value in self.values(picture_id).items()}
        if "path" in values:
            values["path"] = self._paths.resolve(picture_id, values["path"])
        return Record.from_hash(picture_id, values)

    def values(self, picture_id: int) -> dict[str, Any]:
        """All that is kept of a picture, perhaps not a whole record."""
        try:
            values = json.loads(self.path(picture_id).read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        is_own = isinstance(values, dict) and values.get("id") == picture_id
        return values if is_own else {}

    def _write(self, picture_id: int, values: dict[str, Any]) -> None:
        path = self.path(picture_id)
        data = json.dumps({"id": picture_id, **values}, indent=1).encode()
        try:
            if path.read_bytes() == data:
                return
        except OSError:
            pass  # none yet, or none that can be read
        write_whole(path, data)
