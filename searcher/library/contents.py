"""Whether files still have the content of their records; few files are read to find out."""

from collections.abc import Collection
from pathlib import Path

from searcher.errors import BadImage
from searcher.images.pictures import identify
from searcher.images.presence import Presence, presence_of
from searcher.images.sources import Source
from searcher.images.stamps import is_unchanged, stamp_of
from searcher.library.core import Library
from searcher.stores.paths import UPLOAD
from searcher.stores.records import Record


class Contents:
    """The files of some records, with what was known of them when they were indexed."""

    def __init__(self, library: Library, records: Collection[Record], deep: bool = False) -> None:
        """Read what is known of the files.

        Args:
            library: The library.
            records: The records.
            deep: Whether to read the files that an earlier version has indexed, too, instead of
                comparing their sizes.
        """
        self._source = library.records.source
        self._deep = deep
        paths = [path for record in records for path in record.paths]
        self._entries = dict(zip(paths, library.records.at_paths(paths), strict=True))

    def presence(self, record: Record, path: str, root: Path = Path("/")) -> Presence:
        """Return whether a picture's file exists, with the picture's content.

        Args:
            record: The picture.
            path: One of its paths.
            root: A folder above it; folders above `root` are not examined.
        """
        presence = presence_of(path, root)
        return Presence(False) if presence.exists and self.is_other(record, path) else presence

    def is_other(self, record: Record, path: str) -> bool:
        """Whether an existing file has another content than the picture.

        False for uploads, in whose place another content is damage, and for files that can't be
        read.
        """
        if self._source(path) == UPLOAD:
            return False
        entry, stamp = self._entries[path], stamp_of(path)
        if entry.ids == (record.id,) and is_unchanged(entry.stamp, stamp):
            return False
        is_known = bool(entry.stamp) or len(entry.ids) > 1 or self._deep
        if not is_known and stamp and stamp.size == record.bytes:
            return False
        try:
            return identify(Source(path).read())[0] != record.id and stamp_of(path) == stamp
        except BadImage:
            return False
