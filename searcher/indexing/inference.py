"""Inference of an indexing run: small batches, which yield to searches."""

import time
from collections import deque

import numpy as np

from searcher.indexing.prepare import Prepared
from searcher.indexing.priority import PriorityGate
from searcher.models.embedder import BATCH, Embedder
from searcher.models.registry import Model
from searcher.types import FloatArray

# Batches of 16 make ResNet50 2 % faster. They give VGG16 nothing and take 450 MB more, so networks
# that need more than 60 ms a picture have batches of 8.
LONG_BATCH = 2 * BATCH
QUICK_S = 0.06
SHORT_S = 0.04  # how long a batch may take while somebody searches: it can't be interrupted


class Inference:
    """Embeds prepared pictures in batches. For one thread."""

    def __init__(self, priority: PriorityGate, seconds: dict[str, float]) -> None:
        """Embed nothing yet.

        Args:
            priority: Lets searches go first.
            seconds: The seconds of inference by model, which every batch adds to.
        """
        self._priority = priority
        self._seconds = seconds
        self._pace: dict[str, float] = {}  # seconds a picture, of each model's latest batch

    def embed(self, model: Model, embedder: Embedder, prepared: list[Prepared]) -> FloatArray:
        """Embed pictures that have an input for a model.

        Args:
            model: The model.
            embedder: Its network.
            prepared: N pictures, at least one.

        Returns:
            Vectors of unit length, float32 [N, dim].
        """
        remaining = deque(prepared)
        batches = []
        while remaining:
            with self._priority.batch():
                size = self._batch_size(model, self._priority.yield_to_queries())
                batch = [remaining.popleft() for _ in range(min(size, len(remaining)))]
                images = np.stack([p.inputs[model.name] for p in batch])
                start = time.monotonic()
                batches.append(embedder.embed(images))
                seconds = time.monotonic() - start
            self._seconds[model.name] += seconds
            self._pace[model.name] = seconds / len(batch)
        return np.concatenate(batches)

    def _batch_size(self, model: Model, has_queries: bool) -> int:
        pace = self._pace.get(model.name, float("inf"))
        size = LONG_BATCH if pace < QUICK_S else BATCH
        return max(1, min(size, int(SHORT_S / pace))) if has_queries else size
