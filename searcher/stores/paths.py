"""Stored paths of pictures: relative for those in the data folder, which can be moved."""

import os
from collections.abc import Iterable
from pathlib import Path

from searcher.images.pictures import thumbnail_name
from searcher.images.signatures import ARCHIVE_ENDING
from searcher.stores.record import Record

UPLOAD, SAMPLE, ARCHIVE, FOLDER, UNKNOWN = "upload", "sample", "archive", "folder", "unknown"


class DataPaths:
    """Converts between absolute paths and stored ones, and tells where pictures are from."""

    def __init__(self, data: Path, samples: Path | None = None) -> None:
        """Convert paths of a data folder; `samples` is the folder of the sample pictures."""
        self._data = str(data)
        self._samples = str(samples) if samples else ""

    def shorten(self, path: str) -> str:
        """Return the stored form of a path: relative to the data folder if it is in there."""
        return self.shorten_all([path])[0]

    def shorten_all(self, paths: Iterable[str]) -> list[str]:
        """Return the stored forms of paths; links of a folder are resolved once for all its files.

        Resolving takes 20 us, and all else 1.
        """
        inside = self._data + os.sep
        reals: dict[str, str] = {}
        shortened = []
        for path in paths:
            folder, name = os.path.split(path)
            if os.path.isabs(path) and not path.startswith(inside):
                if folder not in reals:
                    reals[folder] = os.path.join(os.path.realpath(folder), "")
                real = reals[folder] + name
                path = real if real.startswith(inside) else path
            shortened.append(path.removeprefix(inside))
        return shortened

    def resolve(self, picture_id: int, path: str) -> str:
        """Return the absolute form of a stored path.

        Earlier versions stored absolute paths. Those of uploads may name a former location of the
        data folder, and become paths in the present one if the file is there.

        Args:
            picture_id: The picture's id.
            path: The stored path, empty if the picture's location is unknown.

        Returns:
            An absolute path, or an empty string.
        """
        if path and not os.path.isabs(path):
            return os.path.join(self._data, path)
        upload = os.path.join("uploads", thumbnail_name(picture_id))
        if path.endswith(os.sep + upload):
            present = os.path.join(self._data, upload)
            return present if os.path.exists(present) else path
        return path

    def shortened(self, record: Record) -> Record:
        """Return a record with the stored forms of its paths."""
        return record.at([self.shorten(path) for path in record.paths])

    def resolved(self, record: Record) -> Record:
        """Return a record with the absolute forms of its stored paths."""
        return record.at([self.resolve(record.id, path) for path in record.paths])

    def source(self, path: str) -> str:
        """Return where a picture is from, by the path in its record.

        Args:
            path: The absolute path, empty if the picture's location is unknown.

        Returns:
            `upload` for pictures that the page, the API or a data set has brought, which the data
            folder has; `sample` for the sample pictures; `archive` for members of archives;
            `folder` for other files; `unknown` without a path.
        """
        return self.source_in(os.path.dirname(path))

    def source_in(self, folder: str) -> str:
        """Return where pictures are from by the folder in their paths, absolute or stored."""
        if not folder:
            return UNKNOWN
        # Strings: each query asks for all of its hits, and a Path takes six times as long.
        path = os.path.join(self._data, folder)
        if _is_within(path, os.path.join(self._data, "uploads")):
            return UPLOAD
        if self._samples and _is_within(path, self._samples):
            return SAMPLE
        is_archived = any(ARCHIVE_ENDING.search(part) for part in path.split(os.sep))
        return ARCHIVE if is_archived else FOLDER


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + os.sep)
