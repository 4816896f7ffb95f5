"""What outlives a restart where the disk doesn't: votes in KEPT_DIR, and models of the Hub.

On Hugging Face Spaces the disk is emptied with each restart. KEPT_DIR may be a mounted bucket: its
files are written whole and closed, never appended to, and no store lives there.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from searcher.config.settings import Settings
from searcher.errors import BadBackup, TwinlensError
from searcher.export.export_process import downloading
from searcher.export.hub_models import link_hub_models, reference
from searcher.files import write_whole
from searcher.library.core import Library
from searcher.library.current_work import CurrentWork
from searcher.library.jobs import MEGABYTES, JobStopped
from searcher.messages.message import Message, message
from searcher.stores.ballots import BallotStore
from searcher.stores.pairing import Vote

Show = Callable[[str, int, int], None]
VOTES_FILE = "votes.jsonl"  # one vote a line, as `Vote.stored`
RETRY_S = 300.0  # after a failure at the Hub


class Lasting:
    """Keeps votes, and fetches models. Belongs to the worker."""

    def __init__(self, library: Library) -> None:
        self._votes = KeptVotes(BallotStore(library.records.connection), library.settings.kept)
        self._models = HubModels(library.settings)

    def keep_votes(self) -> None:
        """Keep the votes; see `KeptVotes.update`, also for what it raises."""
        self._votes.update()

    def fetch_models(self, work: CurrentWork, is_stopped: Callable[[], bool]) -> list[Message]:
        """Fetch the models that are missing, and return the problems; see `HubModels.update`.

        Args:
            work: Shows each download.
            is_stopped: Asked now and then whether to fetch no more.
        """

        def show(name: str, done: int, total: int) -> None:
            stage = downloading(done, total)
            work.show(message("work.installing", title=name, stage=stage), MEGABYTES)
            if is_stopped():
                raise JobStopped

        with suppress(JobStopped):
            return self._models.update(show)
        return []


class KeptVotes:
    """Writes the votes to a folder when they have changed, and reads them into new stores."""

    def __init__(self, ballots: BallotStore, folder: Path | None) -> None:
        self._ballots = ballots
        self._path = folder / VOTES_FILE if folder else None
        self._state: object = None  # what identifies the votes that were written
        self._written: set[str] = set()  # the lines of the file

    def update(self) -> None:
        """Count the votes of the file, if the stores never had them, and write it anew.

        A file with votes that neither the stores have nor this process has written, such as another
        library's, is copied before.

        Raises:
            BadBackup: The file can't be read; it is left as it is.
            DiskFull, CannotWrite: It can't be written.
            StoreUnavailable: Redis does not answer.
        """
        if self._path is None:
            return
        # Undoing a vote and giving another changes the latest, not the number.
        state = self._ballots.total(), list(self._ballots.votes(latest=1))
        if state == self._state:
            return
        found = _read(self._path)
        if self._state is None:
            self._ballots.restore(found)
        lines = [vote.stored() for vote in self._ballots.votes()]
        if {vote.stored() for vote in found} - self._written - set(lines):
            copy = self._path.with_name(f"votes-{time.time_ns()}.jsonl")
            write_whole(copy, self._path.read_bytes())
        write_whole(self._path, "".join(f"{line}\n" for line in lines).encode())
        self._state, self._written = state, set(lines)


def _read(path: Path) -> list[Vote]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return [Vote.of_stored(line) for line in lines]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError) as error:
        raise BadBackup("kept.votes", name=path.name) from error


class HubModels:
    """Fetches the models of HUB_MODELS once, and after a failure again."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.models_dir
        self._missing = list(settings.hub_models)
        self._problems: list[Message] = []
        self._next_try = 0.0  # of the monotonic clock

    def update(self, show: Show = lambda name, done, total: None) -> list[Message]:
        """Link what is missing, and return why something still is.

        Args:
            show: Called with a repository, the bytes downloaded and those in total. What it raises
                ends the download, and goes on.
        """
        if self._missing and time.monotonic() >= self._next_try:
            self._problems, failed = [], []
            for name in self._missing:
                try:
                    link_hub_models(reference(name), self._folder, partial(show, name))
                except TwinlensError as error:
                    failed.append(name)
                    self._problems.append(error.message)
            self._missing, self._next_try = failed, time.monotonic() + RETRY_S
        return self._problems
