"""Limits of visitors' uploads and additions: rate, size per visitor, total size."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from searcher.config.settings import Settings
from searcher.errors import DiskFull, NoRoom
from searcher.library.uploads import Upload
from searcher.ui.security.file_sizes import FileLimits
from searcher.ui.security.limits import Budget, RateLimit
from searcher.ui.security.upload_folder import UploadFolder

MB = 2**20
UPLOADS_PER_SEARCH = 2  # uploads per allowed search, as not every upload is searched with


class UploadLimits:
    """The upload limits of one app."""

    def __init__(self, settings: Settings) -> None:
        self.files = FileLimits.of(settings)
        self.folder = UploadFolder(settings.incoming, settings.max_uploads_mb * MB)
        self._rate = RateLimit(settings.rate_limit * UPLOADS_PER_SEARCH)
        self._visitor_mb = settings.visitor_uploads_mb
        self._budget = Budget(settings.visitor_uploads_mb * MB)
        self._added_mb = settings.max_added_mb
        self._added_folder = settings.uploads

    def begin(self, visitor: str, size: int) -> None:
        """Count an upload of `size` bytes, as declared by its Content-Length.

        Raises:
            TooManyCalls: If the visitor sends too many uploads.
            NoRoom: If the folder is full or the visitor's quota is used up.
            DiskFull: If the disk has not that much free space.
        """
        self._rate.charge(visitor)
        if size > self.folder.free_bytes():
            raise DiskFull("disk.full")
        if not self.folder.has_room(size):
            raise NoRoom("upload.no_room")
        self.spend(visitor, size)

    def spend(self, visitor: str, size: int) -> None:
        """Count `size` bytes before they are written. Raises NoRoom if the quota is used up."""
        self.spend_on_download(visitor, size)
        self.folder.grow(size)

    def spend_on_download(self, visitor: str, size: int) -> None:
        """Count bytes that are stored elsewhere. Raises NoRoom if the quota is used up."""
        if not self._budget.spend(visitor, size):
            raise NoRoom("upload.visitor_quota", mb=self._visitor_mb)

    @contextmanager
    def adding(self, uploads: Sequence[Upload]) -> Iterator[None]:
        """Protect uploads from deletion while they are added, in a with block.

        Raises:
            NoRoom: If the limit of added pictures is reached.
        """
        self._require_room(sum(upload.path.stat().st_size for upload in uploads))
        with self.folder.in_use([upload.path for upload in uploads]):
            yield

    def admit(self, visitor: str, size: int) -> None:
        """Count a file of `size` bytes that is downloaded for a visitor, as if it was uploaded.

        Raises:
            NoRoom: If the limit of added pictures is reached, or the visitor's quota is used up.
        """
        self._require_room(size)
        self.spend_on_download(visitor, size)

    def _require_room(self, size: int) -> None:
        if self._added_mb and _size(self._added_folder) + size > self._added_mb * MB:
            raise NoRoom("upload.added_quota", mb=self._added_mb)


def _size(folder: Path) -> int:
    """Return the size of a folder in bytes, including subfolders."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
