"""Decode ahead -> embed in batches -> write behind, in the order that a crash can't hurt.

Its stages work at the same time, each on a chunk of its own. Order of writes: sidecar, thumbnail,
record, vectors. Cut off anywhere, the next run finds by the ids what is missing and does only that.
"""

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from typing import TypeVar

import numpy as np

from searcher.errors import BadImage, TwinlensError
from searcher.files import write_whole
from searcher.images.sources import Source
from searcher.indexing.chunk import EmbeddedChunk, Plan
from searcher.indexing.prefetch import chunks, made_ahead, one_ahead, submitted
from searcher.indexing.prepare import Prepared, Raw, ReadAhead, prepare
from searcher.indexing.priority import PriorityGate
from searcher.indexing.report import Progress, Report, Shard, Stop
from searcher.models.embedder import BATCH, Embedder
from searcher.models.registry import Model
from searcher.stores.records import Record, RecordStore
from searcher.stores.sidecars import Sidecars
from searcher.stores.vectors import VectorStore
from searcher.types import FloatArray

T = TypeVar("T")

CHUNK = 4 * BATCH  # pictures between two reports of progress
# Batches of 16 make ResNet50 2 % faster. They give VGG16 nothing and take 450 MB more, so networks
# that need more than 60 ms a picture have batches of 8.
LONG_BATCH = 2 * BATCH
QUICK_S = 0.06
SHORT_S = 0.04  # how long a batch may take while somebody searches: it can't be interrupted


class IndexingPipeline:
    """One run over some sources, for some models."""

    def __init__(
        self,
        records: RecordStore,
        vectors: VectorStore,
        sidecars: Sidecars,
        thumbnail_path: Callable[[int], Path],
        models: list[tuple[Model, Embedder]],
        progress: Progress = lambda done: None,
        stop: Stop = lambda: False,
        shard: Shard = (1, 1),
        priority: PriorityGate | None = None,
    ) -> None:
        self._records = records
        self._sidecars = sidecars
        self._vectors = vectors
        self._thumbnail_path = thumbnail_path
        self._models = models
        self._progress = progress
        self._stop = stop
        self._shard = shard
        self._priority = priority or PriorityGate()
        self._read_ahead = ReadAhead()
        # The ids of pictures between planning and writing, whatever number of chunks that is.
        self._in_flight: set[int] = set()
        self._done = 0
        self._unflushed = {model.name: 0 for model, _ in models}
        self._pace = {model.name: float("inf") for model, _ in models}  # seconds a picture
        self.report = Report(
            embedded={model.name: 0 for model, _ in models},
            seconds_embedding={model.name: 0.0 for model, _ in models},
        )

    def run(self, sources: Iterable[Source]) -> Report:
        """Add what is new, embed what a model lacks, and flush. Bad files are skipped and named."""
        start = time.monotonic()
        with (
            ThreadPoolExecutor(os.cpu_count() or 1, "decode") as pool,
            ThreadPoolExecutor(1, "plan") as planner,
            ThreadPoolExecutor(1, "write") as writer,
        ):
            try:
                files = chunks(self._hashed(pool, sources), CHUNK)
                plans = made_ahead(planner, (self._plan(pool, chunk) for chunk in files))
                embedded = (self._embed(plan) for plan in takewhile(self._goes_on, plans))
                writes = ((chunk, writer.submit(self._write, chunk)) for chunk in embedded)
                # While one chunk is written, the next is embedded, and the one after it decoded.
                for chunk, write in one_ahead(writes):
                    write.result()
                    self._count(chunk)
            finally:
                pool.shutdown(cancel_futures=True)
        self._flush(at_least=1)
        self.report.seconds = time.monotonic() - start
        return self.report

    def _goes_on(self, plan: Plan) -> bool:
        self.report.stopped = self.report.stopped or self._stop()
        return not self.report.stopped

    def _hashed(self, pool: ThreadPoolExecutor, sources: Iterable[Source]) -> Iterator[Raw | None]:
        """Read and hash in the pool; None for a file that was skipped or is another shard's."""
        number, count = self._shard
        for source, reading in submitted(pool, self._read_ahead.read, sources, ahead=CHUNK):
            raw = self._result(source, reading)
            if raw and raw.id % count != number - 1:
                self._read_ahead.release(raw)
                raw = None
            yield raw

    def _plan(self, pool: ThreadPoolExecutor, chunk: list[Raw | None]) -> Plan:
        # What is not written yet is known all the same. Asked before the stores: what is written
        # in between is in them.
        unique: dict[int, Raw] = {}
        for raw in filter(None, chunk):
            if raw.id in self._in_flight:
                self._read_ahead.release(raw)
                continue
            if twice := unique.get(raw.id):
                self._read_ahead.release(twice)
            unique[raw.id] = raw
        self._in_flight.update(unique)
        ids = list(unique)
        stored = dict(zip(ids, self._records.get(ids), strict=True))
        present = {
            model.name: self._vectors.present(model.collection, ids) for model, _ in self._models
        }
        self._relocate(unique.values(), stored)
        jobs = []
        for raw in unique.values():
            models = [pair for pair in self._models if raw.id not in present[pair[0].name]]
            small = self._thumbnail_path(raw.id)
            old = stored[raw.id]
            is_removed = bool(raw.source.stands_for) and old is None  # meanwhile
            is_found = old is not None and not old.path and not raw.source.stands_for
            is_needed = models or old is None or is_found or not small.exists()
            if is_needed and not is_removed:
                jobs.append((raw.source, pool.submit(self._prepare, raw, models, small)))
            else:
                self._read_ahead.release(raw)
        known = sum(raw is not None for raw in chunk) - len(jobs)
        return Plan(len(chunk), unique.keys(), known, stored, jobs)

    def _prepare(self, raw: Raw, models: list[tuple[Model, Embedder]], small: Path) -> Prepared:
        try:
            self._priority.yield_to_queries()
            return prepare(raw, models, small)
        finally:
            self._read_ahead.release(raw)

    def _relocate(self, found: Iterable[Raw], stored: dict[int, Record | None]) -> None:
        """A picture whose original is gone lies from now on where it was found."""
        moved = [
            replace(old, path=raw.source.path, name=raw.source.name, label=raw.source.label)
            for raw in found
            if not raw.source.stands_for
            and (old := stored[raw.id])
            and old.path
            and not Source(old.path).exists()
        ]
        self._records.put(moved)

    def _embed(self, plan: Plan) -> EmbeddedChunk:
        """Run a chunk's pictures through the models that lack them."""
        prepared = [p for job in plan.jobs if (p := self._result(*job))]
        old = {p.record.id: plan.stored[p.record.id] for p in prepared}
        new = [p.record for p in prepared if old[p.record.id] is None]
        found = [
            replace(p.record, added=before.added)
            for p in prepared
            if (before := old[p.record.id]) and not before.path and not p.stands_in
        ]
        vectors = [
            (model, [p.record.id for p in lacking], self._vectors_of(model, embedder, lacking))
            for model, embedder in self._models
            if (lacking := [p for p in prepared if model.name in p.inputs])
        ]
        known = plan.known + len(prepared) - len(new)
        return EmbeddedChunk(plan.files, plan.ids, prepared, new, found, known, vectors)

    def _vectors_of(self, model: Model, embedder: Embedder, prepared: list[Prepared]) -> FloatArray:
        waiting = deque(prepared)
        batches = []
        while waiting:
            with self._priority.batch():
                size = self._batch_size(model, in_the_way=self._priority.yield_to_queries())
                batch = [waiting.popleft() for _ in range(min(size, len(waiting)))]
                images = np.stack([p.inputs[model.name] for p in batch])
                began = time.monotonic()
                batches.append(embedder.embed(images))
                seconds = time.monotonic() - began
            self.report.seconds_embedding[model.name] += seconds
            self._pace[model.name] = seconds / len(batch)
        return np.concatenate(batches)

    def _batch_size(self, model: Model, in_the_way: bool) -> int:
        pace = self._pace[model.name]
        size = LONG_BATCH if pace < QUICK_S else BATCH
        return max(1, min(size, int(SHORT_S / pace))) if in_the_way else size

    def _write(self, chunk: EmbeddedChunk) -> None:
        stored = {record.id for record in chunk.new}
        for prepared in chunk.prepared:
            self._write_files(prepared, is_new=prepared.record.id in stored)
        self._records.put(chunk.new + chunk.found)
        for model, ids, vectors in chunk.vectors:
            self._vectors.upsert(model.collection, ids, vectors)
            self._unflushed[model.name] += len(ids)
        self._flush(at_least=self._vectors.flush_every)

    def _write_files(self, prepared: Prepared, is_new: bool) -> None:
        """Sidecar and thumbnail, both or none. A sidecar is enough to go on from after a kill."""
        record = prepared.record
        begun = is_new and not self._sidecars.path(record.id).exists()
        if is_new:
            self._sidecars.write(record)
        if prepared.thumbnail is not None:
            try:
                write_whole(self._thumbnail_path(record.id), prepared.thumbnail)
            except TwinlensError:
                if begun:
                    self._sidecars.path(record.id).unlink()
                raise

    def _count(self, chunk: EmbeddedChunk) -> None:
        """Report a chunk, now that all of it is written."""
        self._in_flight.difference_update(chunk.ids)
        self.report.added += len(chunk.new)
        self.report.known += chunk.known
        for model, ids, _ in chunk.vectors:
            self.report.embedded[model.name] += len(ids)
        self._done += chunk.files
        self._progress(self._done)

    def _flush(self, at_least: int) -> None:
        for model, _ in self._models:
            if self._unflushed[model.name] >= at_least:
                self._vectors.flush(model.collection)
                self._unflushed[model.name] = 0

    def _result(self, source: Source, future: Future[T]) -> T | None:
        try:
            return future.result()
        except BadImage as error:
            self.report.skipped.append((source.path, error.message))
            return None
