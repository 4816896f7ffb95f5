"""A snapshot of the library that the page shows without asking the stores."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from searcher.library.jobs import JobState
from searcher.library.speeds import Speed
from searcher.messages.message import Message
from searcher.models.registry import Model

INDEXING = ("job.indexing", "job.indexing_samples")
ADDING = (*INDEXING, "job.adding", "job.adding_dataset")


@dataclass(frozen=True)
class Status:
    """State, progress and problems; made by the worker, read by any thread."""

    opened: bool = False
    working: Message | None = None  # the current work, None when idle
    pictures: int = 0
    models: tuple[Model, ...] = ()
    coverage: tuple[tuple[str, int], ...] = ()
    sources: tuple[tuple[str, int], ...] = ()  # the number of pictures by source
    speeds: tuple[tuple[str, Speed], ...] = ()  # by model
    problems: tuple[Message, ...] = ()
    model_problems: frozenset[Message] = frozenset()  # those of them that concern some models only
    can_retry: bool = False
    can_resume: bool = False  # whether a visitor has stopped work that goes on once somebody asks
    example: int = 0  # the picture of the example that is compared, if there is one
    jobs: tuple[JobState, ...] = ()  # also of other processes
    stopped: tuple[int, ...] = ()  # the ids of the latest jobs that were stopped, and have ended
    shards: tuple[Message, ...] = ()  # the progress of runs that other processes share

    @property
    def version(self) -> str:
        """A digest of 16 hex digits, equal for equal statuses in any process."""
        return hashlib.blake2b(repr(self).encode(), digest_size=8).hexdigest()

    @property
    def ready(self) -> list[Model]:
        """The models that are ready for searches."""
        return [model for model in self.models if model.ready]

    @property
    def is_empty(self) -> bool:
        """Whether the library is open and has no picture."""
        return self.opened and not self.pictures

    @property
    def general_problems(self) -> list[Message]:
        """The problems that concern the whole library."""
        return [problem for problem in self.problems if problem not in self.model_problems]

    @property
    def complete(self) -> bool:
        """Whether every network has embedded every picture."""
        models = [model for model in self.ready if model.embeds]
        is_covered = all(self.covered(model.name) >= self.pictures for model in models)
        return self.opened and self.pictures > 0 and is_covered

    @property
    def lacks_vectors(self) -> bool:
        """Whether a network has not embedded every picture."""
        return self.opened and self.pictures > 0 and bool(self.ready) and not self.complete

    @property
    def is_indexing(self) -> bool:
        """Whether the library embeds pictures just now."""
        return any(job.what.code in INDEXING for job in self.jobs)

    @property
    def is_adding(self) -> bool:
        """Whether pictures are being added or embedded just now."""
        return any(job.what.code in ADDING for job in self.jobs)

    @property
    def is_done(self) -> bool:
        """Whether the library is complete, and nobody adds pictures, a few at a time."""
        return self.complete and not self.is_adding

    @property
    def has_words(self) -> bool:
        """Whether a model understands words."""
        return any(model.words for model in self.ready)

    def is_partial(self, names: Iterable[str]) -> bool:
        """Whether one of some models may find more pictures soon."""
        embedding = {model.name for model in self.ready if model.embeds}
        lacking = (self.covered(name) < self.pictures for name in embedding.intersection(names))
        return self.is_adding or any(lacking)

    def covered(self, name: str) -> int:
        """Return the number of pictures that a model has vectors of."""
        return dict(self.coverage).get(name, 0)
