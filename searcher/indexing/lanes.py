"""Embed a batch in parts at the same time, one per core, where that is quicker.

onnxruntime divides each layer among its threads, which wait for one another after each. Where the
cores also decode, that costs quick networks a fifth of their speed. A second session of one thread,
called from a thread per core, has nothing to wait for until the batch is done.
"""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from searcher.cores import cores
from searcher.errors import BrokenModel
from searcher.images.pictures import UInt8Array
from searcher.models.embedder import Embedder
from searcher.types import FloatArray

SETTLED = 64  # pictures before the second session is opened: it would not pay in shorter runs
TRIALS = 4  # batches of each way that are measured
TRIAL = 8  # pictures of a batch that is measured, at least
SAME = 1e-3  # by how much the numbers of two sessions' vectors differ, at most


class Lanes:
    """A model's batches: whole, or in parts. For one thread."""

    def __init__(self, embedder: Embedder, count: int | None = None) -> None:
        """Embed nothing yet.

        Args:
            embedder: The network, with all cores.
            count: The number of parts; by default that of the cores.
        """
        self._whole = embedder
        self._count = count or cores()
        self._pictures = 0
        self._single: Embedder | None = None  # one thread
        self._pool: ThreadPoolExecutor | None = None
        # Seconds a picture of each batch that was measured: whole, in parts.
        self._paces: dict[bool, list[float]] = {False: [], True: []}
        self._is_decided = embedder.device != "CPU" or self._count < 2

    @property
    def is_split(self) -> bool:
        """Whether measuring has ended, and parts are quicker."""
        return self._is_decided and self._single is not None

    def embed(self, images: UInt8Array) -> FloatArray:
        """Embed pictures: uint8 [N, height, width, 3] to float32 [N, dim]."""
        if self._is_decided:
            return self._run(images, self._single is not None)
        self._pictures += len(images)
        if self._pictures <= SETTLED or len(images) < TRIAL:
            return self._run(images, False)
        if self._single is None:
            return self._open(images)
        is_split = len(self._paces[True]) <= len(self._paces[False])
        start = time.monotonic()
        vectors = self._run(images, is_split)
        self._paces[is_split].append((time.monotonic() - start) / len(images))
        if min(map(len, self._paces.values())) == TRIALS:
            self._is_decided = True
            whole, split = (statistics.median(self._paces[way]) for way in (False, True))
            if whole < split:
                self.close()
        return vectors

    def close(self) -> None:
        """Release the second session; batches are embedded whole from now on."""
        if self._pool:
            self._pool.shutdown()
        self._pool, self._single = None, None
        self._is_decided = True

    def _run(self, images: UInt8Array, is_split: bool) -> FloatArray:
        if not is_split or not self._single or not self._pool or len(images) == 1:
            return self._whole.embed(images)
        parts = np.array_split(images, min(self._count, len(images)))
        return np.concatenate(list(self._pool.map(self._single.embed, parts)))

    def _open(self, images: UInt8Array) -> FloatArray:
        """Open the second session; it is not used if its file is another one by now."""
        vectors = self._whole.embed(images)
        try:
            self._single = self._whole.single_threaded()
        except BrokenModel:
            self._is_decided = True
            return vectors
        self._pool = ThreadPoolExecutor(self._count, "embed")
        if not np.allclose(self._run(images, True), vectors, atol=SAME):
            self.close()
        return vectors
