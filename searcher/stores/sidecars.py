"""Sidecars: a copy of every record as a file, from which Redis can be rebuilt."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from searcher.files import picture_ids, write_whole
from searcher.stores.paths import DataPaths
from searcher.stores.record import Record, Values, sidecar_bytes

SUFFIX = ".json"


class Sidecars:
    """JSON files, one per picture, in 256 subfolders of a folder. Damaged ones count as missing."""

    def __init__(self, folder: Path, paths: DataPaths) -> None:
        self._folder = folder
        self._paths = paths

    def path(self, picture_id: int) -> Path:
        """Return the path of a picture's sidecar."""
        return self._folder / f"{picture_id % 256:02x}" / f"{picture_id}{SUFFIX}"

    def ids(self) -> Iterator[int]:
        """Yield the ids of all pictures with a sidecar."""
        return picture_ids(self._folder, SUFFIX)

    def write(self, record: Record) -> None:
        """Write a record, unless the file has it already. Raises DiskFull, CannotWrite."""
        self._write(record.id, self.values_of(record))

    def values_of(self, record: Record) -> Values:
        """Return what the sidecar of a record has."""
        return {"id": record.id, **self._paths.shortened(record).to_hash()}

    def announce(self, picture_id: int, name: str, label: str, added: float) -> None:
        """Write what cannot be read from an upload's file, before that file is written.

        Until `write` replaces it, `read` returns None.

        Args:
            picture_id: The picture's id.
            name: The file name that the visitor's browser sent.
            label: The picture's label.
            added: Seconds since 1970.

        Raises:
            DiskFull: The disk is full.
            CannotWrite: The data folder cannot be written.
        """
        if self.read(picture_id) is None:
            values = {"id": picture_id, "name": name, "label": label, "added": added}
            self._write(picture_id, values)

    def read(self, picture_id: int) -> Record | None:
        """Return a picture's record, None if the sidecar is missing, damaged or incomplete."""
        values = {name: str(value) for name, value in self.values(picture_id).items()}
        record = Record.from_hash(picture_id, values)
        return record and self._paths.resolved(record)

    def values(self, picture_id: int) -> dict[str, Any]:
        """Return a sidecar's values, possibly an incomplete record; empty where there is none."""
        try:
            values = json.loads(self.path(picture_id).read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        is_valid = isinstance(values, dict) and values.get("id") == picture_id
        return values if is_valid else {}

    def _write(self, picture_id: int, values: dict[str, Any]) -> None:
        path = self.path(picture_id)
        data = sidecar_bytes(values)
        try:
            if path.read_bytes() == data:
                return
        except OSError:
            pass  # it does not exist or cannot be read
        write_whole(path, data)
