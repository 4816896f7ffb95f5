"""Stored paths of pictures: relative for those in the data folder, which can be moved."""

import os
from pathlib import Path

from searcher.images.pictures import thumbnail_name


class DataPaths:
    """Converts between absolute paths and stored ones."""

    def __init__(self, data: Path) -> None:
        self._data = str(data)

    def shorten(self, path: str) -> str:
        """Return the stored form of a path: relative to the data folder if it is in there."""
        if not os.path.isabs(path):
            return path
        real = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        inside = self._data + os.sep
        relative = [form.removeprefix(inside) for form in (path, real) if form.startswith(inside)]
        return relative[0] if relative else path

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
