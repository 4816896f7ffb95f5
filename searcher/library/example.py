"""The comparison that the page opens on: an example, searched for once by the worker."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from searcher.config.constants import DEFAULT_RESULTS
from searcher.errors import ModelNotReady, NotFound
from searcher.images.pictures import SUFFIXES, identify
from searcher.library.core import Library
from searcher.library.query_label import example_labels
from searcher.library.status import Status
from searcher.metrics.ranking import overlap
from searcher.models.order import best_models
from searcher.search.results import CompactRanking, Ranking

MODELS = 2


@dataclass(frozen=True)
class Example:
    """A picture of the library as a query, and the rankings of the best models."""

    picture_id: int
    rankings: tuple[CompactRanking, ...]

    @property
    def models(self) -> list[str]:
        """The models' names."""
        return [ranking.model for ranking in self.rankings]


class Examples:
    """Keeps an example up to date. Belongs to the worker; `current` may be read by any thread."""

    def __init__(self, library: Library) -> None:
        self.current: Example | None = None
        self._library = library
        self._made_for: object = None

    def update(self, status: Status) -> None:
        """Search again if pictures, models or their coverage have changed.

        Raises:
            StoreUnavailable: A store does not answer.
        """
        digests = [(model.name, model.digest) for model in status.ready]
        key = status.pictures, status.coverage, digests
        if key == self._made_for:
            return
        self.current = None  # of a library that is no more
        self.current = self._choose(status)
        self._made_for = key

    def _choose(self, status: Status) -> Example | None:
        """Return the example on which the best models differ most."""
        models = [model.name for model in best_models(status.ready, MODELS, status.covered)]
        if len(models) < MODELS:
            return None
        ids = sample_queries(self._library.settings.samples_dir)
        records = self._library.records.get(ids)
        found: list[tuple[int, list[Ranking]]] = []
        for picture_id in (i for i, record in zip(ids, records, strict=True) if record):
            query = self._library.stored_query(picture_id)
            try:
                found.append((picture_id, self._library.rank(query, models, DEFAULT_RESULTS)))
            except (ModelNotReady, NotFound):
                continue  # a model has no vector of it, or it was removed just now
        if not found:
            return None
        picture_id, rankings = min(found, key=lambda entry: _agreement(entry[1]))
        return Example(picture_id, tuple(ranking.compact() for ranking in rankings))


def sample_queries(samples: Path) -> list[int]:
    """Return the ids of the first sample pictures of the kinds that are among the examples."""
    ids = []
    for label in sorted(set(example_labels(samples).values())):
        folder = samples / label
        paths = sorted(folder.iterdir()) if folder.is_dir() else []
        first = next((path for path in paths if path.suffix.lower() in SUFFIXES), None)
        if first is not None:
            with suppress(OSError):
                ids.append(identify(first.read_bytes())[0])
    return ids


def _agreement(rankings: list[Ranking]) -> float:
    first, second = rankings
    return overlap(first.ids, second.ids)
