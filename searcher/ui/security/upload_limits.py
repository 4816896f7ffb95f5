"""What visitors may upload and add: how often, how much each, and how much in all."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from searcher.config.settings import Settings
from searcher.errors import NoRoom
from searcher.library.uploads import Upload
from searcher.ui.security.limits import Budget, RateLimit
from searcher.ui.security.upload_folder import UploadFolder

MB = 2**20
UPLOADS_PER_SEARCH = (
    2  # uploads that a visitor may send for each search: some are thought better of
)


class UploadLimits:
    """The limits of one app."""

    def __init__(self, settings: Settings) -> None:
        self.folder = UploadFolder(settings.incoming, settings.max_uploads_mb * MB)
        self._rate = RateLimit(settings.rate_limit * UPLOADS_PER_SEARCH)
        self._visitor_mb = settings.visitor_uploads_mb
        self._budget = Budget(settings.visitor_uploads_mb * MB)
        self._added_mb = settings.max_added_mb
        self._added_folder = settings.uploads

    def begin(self, visitor: str, size: int) -> None:
        """Count an upload of that many bytes, as it says. Raises TooManyCalls, NoRoom."""
        self._rate.charge(visitor)
        if not self.folder.has_room(size):
            raise NoRoom("upload.no_room")
        self.spend(visitor, size)

    def spend(self, visitor: str, size: int) -> None:
        """Count bytes, before they come. Raises NoRoom."""
        if not self._budget.spend(visitor, size):
            raise NoRoom("upload.visitor_quota", mb=self._visitor_mb)
        self.folder.grow(size)

    @contextmanager
    def adding(self, uploads: Sequence[Upload]) -> Iterator[None]:
        """Let uploads be added: they stay while they are. Raises NoRoom."""
        if self._added_mb:
            size = _size(self._added_folder) + sum(upload.path.stat().st_size for upload in uploads)
            if size > self._added_mb * MB:
                raise NoRoom("upload.added_quota", mb=self._added_mb)
        with self.folder.in_use([upload.path for upload in uploads]):
            yield


def _size(folder: Path) -> int:
    """How many bytes the files of a folder have, at any depth."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
