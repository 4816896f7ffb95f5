"""Paths of pictures as they are kept: relative where they lie in the data folder."""

import os
from pathlib import Path

from searcher.images.pictures import thumbnail_name


class DataPaths:
    """Makes paths relative to the data folder and absolute again, so that it can be moved."""

    def __init__(self, data: Path) -> None:
        self._data = str(data)

    def shorten(self, path: str) -> str:
        """A path as it is kept: below the data folder relative to it, others as they are."""
        if not os.path.isabs(path):
            return path
        real = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        inside = self._data + os.sep
        shorter = [kept.removeprefix(inside) for kept in (path, real) if kept.startswith(inside)]
        return shorter[0] if shorter else path

    def resolve(self, picture_id: int, path: str) -> str:
        """The absolute path of what is kept; empty where it is not known where a picture lies.

        Earlier versions kept absolute paths, so an upload may be looked for where the data folder
        was before it was moved.
        """
        if path and not os.path.isabs(path):
            return os.path.join(self._data, path)
        upload = os.path.join("uploads", thumbnail_name(picture_id))
        if path.endswith(os.sep + upload):
            own = os.path.join(self._data, upload)
            return own if os.path.exists(own) else path
        return path
