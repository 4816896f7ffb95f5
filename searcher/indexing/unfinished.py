"""Files of pictures, written where these are decoded, and put in place before their records.

So all cores share the slow part, making and filling two files a picture, and the order of writes
stays: until they are put in place they have names of their own. Those that a killed process leaves
are deleted as all unfinished files are.
"""

import contextlib
from collections.abc import Callable
from pathlib import Path

from searcher.errors import TwinlensError
from searcher.files import finish_part, part_path
from searcher.indexing.render_files import Files
from searcher.stores.record import Record
from searcher.stores.sidecars import Sidecars


class UnfinishedFiles:
    """The unfinished files of one run. Safe to use from several threads."""

    def __init__(self, sidecars: Sidecars, thumbnail_path: Callable[[int], Path]) -> None:
        """Write nothing yet.

        Args:
            sidecars: The sidecars.
            thumbnail_path: Returns the path of a picture's thumbnail, by id.
        """
        self._sidecars = sidecars
        self._thumbnail_path = thumbnail_path
        self._parts: set[Path] = set()

    def start(self, record: Record, is_new: bool) -> Files:
        """Return what is to be written of a picture.

        Args:
            record: Its record, in which what the pixels tell may be missing.
            is_new: Whether the library has no record of it.
        """
        thumbnail = self._thumbnail_path(record.id)
        files = Files(
            None if thumbnail.exists() else part_path(thumbnail),
            part_path(self._sidecars.path(record.id)) if is_new else None,
            self._sidecars.values_of(record) if is_new else None,
        )
        self._parts.update(filter(None, files[:2]))
        return files

    def finish(self, picture_id: int, files: Files) -> None:
        """Put the files of a picture in place, both or none; the sidecar restores the record.

        Raises:
            DiskFull, CannotWrite: A file can't be put in place.
        """
        sidecar = self._sidecars.path(picture_id)
        is_first = bool(files.sidecar) and not sidecar.exists()
        self._put(files.sidecar, sidecar)
        try:
            self._put(files.thumbnail, self._thumbnail_path(picture_id))
        except TwinlensError:
            if is_first:
                sidecar.unlink()
            raise

    def discard(self, files: Files) -> None:
        """Delete the files of a picture, as far as they were written."""
        for part in filter(None, files[:2]):
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            self._parts.discard(part)

    def close(self) -> None:
        """Delete all files that were not put in place."""
        for part in list(self._parts):
            self.discard(Files(part))

    def _put(self, part: Path | None, path: Path) -> None:
        if part:
            finish_part(part, path)
            self._parts.discard(part)
