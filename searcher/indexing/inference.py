"""Inference of an indexing run: small batches, which yield to searches."""

import time
from collections import defaultdict, deque

import numpy as np

from searcher.indexing.batch_sizes import batch_size, short_size
from searcher.indexing.lanes import Lanes
from searcher.indexing.prepare import Prepared
from searcher.indexing.priority import PriorityGate
from searcher.indexing.report import Stop
from searcher.models.embedder import Embedder
from searcher.models.registry import Model
from searcher.types import FloatArray


class Stopped(Exception):
    """The run is to end before the chunk is embedded."""


class Inference:
    """Embeds prepared pictures in batches. For one thread."""

    def __init__(self, priority: PriorityGate, seconds: dict[str, float], stop: Stop) -> None:
        """Embed nothing yet.

        Args:
            priority: Lets searches go first.
            seconds: The seconds of inference by model, which every batch adds to.
            stop: Asked before each batch whether to end early.
        """
        self._priority = priority
        self._stop = stop
        self._seconds = seconds
        # Seconds a picture by size of the batch, of each model's latest batches.
        self._paces: defaultdict[str, dict[int, float]] = defaultdict(dict)
        self._latest: dict[str, float] = {}  # seconds a picture, of each model's latest batch
        self._lanes: dict[str, Lanes] = {}
        self._ended = time.monotonic()  # when the latest pictures were embedded

    @property
    def idle_s(self) -> float:
        """Seconds since the latest pictures were embedded."""
        return time.monotonic() - self._ended

    def close(self) -> None:
        """Release what was opened for the run."""
        for lanes in self._lanes.values():
            lanes.close()

    def embed(self, model: Model, embedder: Embedder, prepared: list[Prepared]) -> FloatArray:
        """Embed pictures that have an input for a model.

        Args:
            model: The model.
            embedder: Its network.
            prepared: N pictures, at least one.

        Returns:
            Vectors of unit length, float32 [N, dim].

        Raises:
            Stopped: The run is to end early.
        """
        lanes = self._lanes.setdefault(model.name, Lanes(embedder))
        remaining = deque(prepared)
        batches = []
        while remaining:
            if self._stop():
                raise Stopped
            with self._priority.batch():
                size = self._batch_size(model, embedder, self._priority.yield_to_queries())
                batch = [remaining.popleft() for _ in range(min(size, len(remaining)))]
                images = np.stack([p.inputs[model.name] for p in batch])
                start = time.monotonic()
                batches.append(lanes.embed(images))
                seconds = time.monotonic() - start
            self._seconds[model.name] += seconds
            self._latest[model.name] = self._paces[model.name][len(batch)] = seconds / len(batch)
        self._ended = time.monotonic()
        return np.concatenate(batches)

    def _batch_size(self, model: Model, embedder: Embedder, has_queries: bool) -> int:
        size = batch_size(self._paces[model.name], embedder.device == "CPU")
        pace = self._latest.get(model.name, float("inf"))
        return short_size(size, pace) if has_queries else size
