"""Measurements that are kept, so that the pictures behind a number can be shown at once."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from searcher.errors import NotEnoughLabels
from searcher.evaluation.evaluate import DEFAULT_K, LEAVE_ONE_OUT, measure
from searcher.evaluation.evaluation_results import MAIN_MEASURE, Evaluation
from searcher.evaluation.measured import remember
from searcher.evaluation.neighbours import Neighbours, find_neighbours
from searcher.evaluation.plan import Plan, make_task
from searcher.evaluation.stopping import Progress, Stop, asking
from searcher.evaluation.suspicious_labels import SuspiciousLabel, suspicious_labels
from searcher.evaluation.task import PictureTable, covered, measurable
from searcher.library.core import Library
from searcher.models.registry import Model
from searcher.stores.records import Record

KEPT = 2  # measurements: of 50,000 pictures and five models each takes 60 MB


@dataclass(frozen=True)
class Measurement:
    """What was measured: the neighbours of each picture, and the quality if labels are shared.

    `key` names the models, the plan, and the library's pictures and labels at that time.
    """

    key: str
    models: list[Model]
    neighbours: Neighbours
    evaluation: Evaluation | None

    @cached_property
    def suspicious(self) -> list[SuspiciousLabel]:
        """The labels that every model speaks against."""
        return suspicious_labels(self.neighbours)


class Measurements:
    """Measures models, and keeps the latest measurements. Safe to use from several threads."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._kept: OrderedDict[str, Measurement] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: str) -> Measurement | None:
        """Return a measurement that is still kept."""
        with self._lock:
            return self._kept.get(key)

    def take(
        self,
        names: Sequence[str] = (),
        k: int = DEFAULT_K,
        progress: Progress = lambda share: None,
        is_stopped: Stop = lambda: False,
        plan: Plan = LEAVE_ONE_OUT,
    ) -> Measurement:
        """Measure models, unless nothing has changed since; see `evaluate`.

        Where no two pictures of the library share a label, the neighbours of two models or more
        are kept.

        Raises:
            ModelNotReady: A name is not that of a ready model.
            NotEnoughLabels: No query has a relevant picture, and there is just one model, or a
                plan.
            BadLabels: The plan's file of labels names no picture.
            InvalidRequest: There are no queries, or no gallery.
            EvaluationStopped: `is_stopped` has become true.
            StoreUnavailable: Redis or Milvus does not answer.
        """
        library = self._library
        with library.priority.query():
            models = [library.registry.get(name) for name in dict.fromkeys(names)] or measurable(
                library
            )
            records = covered(library, models)
            speeds = [library.speeds.get(model) is not None for model in models]
            key = _key(models, speeds, k, plan, records)
            found = self.find(key) or _take(
                library, key, models, records, k, progress, is_stopped, plan
            )
        with self._lock:
            self._kept[key] = found
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found


def _take(
    library: Library,
    key: str,
    models: list[Model],
    records: list[Record],
    k: int,
    progress: Progress,
    is_stopped: Stop,
    plan: Plan,
) -> Measurement:
    ask = asking(is_stopped)
    try:
        task = make_task(library, models, plan, lambda: ask(0), records)
    except NotEnoughLabels:
        if len(models) < 2 or not plan.is_default:
            raise
        pictures = PictureTable.of(records)
        neighbours = find_neighbours(library, models, pictures, progress, is_stopped)
        return Measurement(key, models, neighbours, None)
    evaluation = measure(library, models, task, k, progress, is_stopped)
    if plan.is_default:
        remember(library, {q.model.name: q.means[MAIN_MEASURE] for q in evaluation.models})
    return Measurement(key, models, Neighbours.of(evaluation), evaluation)


def _key(
    models: Sequence[Model], speeds: Sequence[bool], k: int, plan: Plan, records: Sequence[Record]
) -> str:
    """Return a digest of what a measurement depends on."""
    digest = hashlib.blake2b(digest_size=16)
    settings = [k, *zip([(m.name, m.digest) for m in models], speeds, strict=True)]
    digest.update(repr(settings).encode())
    is_default = plan.is_default
    if not is_default:
        digest.update(repr(plan).encode())
    for record in records:
        # Files of judgements and labels may name pictures by their paths.
        names = () if is_default else (record.name, record.path)
        digest.update(repr((record.id, record.label, *names)).encode())
    return digest.hexdigest()
