"""Index pictures in three stages that run at the same time: decode, embed in batches, write.

Each stage works on other chunks of files. After an interruption anywhere the next run finds what is
missing by the ids, paths and marks, and does only that.
"""

import time
from array import array
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from itertools import groupby, takewhile
from pathlib import Path
from typing import cast

from searcher.cores import cores
from searcher.images.sources import Source
from searcher.indexing.batch_sizes import chunk_size
from searcher.indexing.chunk import EmbeddedChunk, Plan
from searcher.indexing.inference import Inference, Stopped
from searcher.indexing.known_files import KnownFiles
from searcher.indexing.prefetch import chunks, delay_by_one, produce_ahead
from searcher.indexing.prepare import Prepared, Raw, prepare
from searcher.indexing.priority import PriorityGate
from searcher.indexing.reading import FileReader
from searcher.indexing.renderer import Renderer
from searcher.indexing.report import Progress, Report, Shard, Stop
from searcher.indexing.unfinished import UnfinishedFiles
from searcher.indexing.writing import Writer
from searcher.models.embedder import Embedder
from searcher.models.registry import Model
from searcher.stores.records import RecordStore
from searcher.stores.sidecars import Sidecars
from searcher.stores.vectors import VectorStore


class IndexingPipeline:
    """One run over some sources, for some models. Use each instance once."""

    def __init__(
        self,
        records: RecordStore,
        vectors: VectorStore,
        sidecars: Sidecars,
        thumbnail_path: Callable[[int], Path],
        models: list[tuple[Model, Embedder]],
        progress: Progress = lambda count: None,
        stop: Stop = lambda: False,
        shard: Shard = (1, 1),
        priority: PriorityGate | None = None,
        others: Iterable[Model] = (),
    ) -> None:
        """Index nothing yet.

        Args:
            records: The records.
            vectors: The vectors.
            sidecars: The sidecars.
            thumbnail_path: Returns the path of a picture's thumbnail, by id.
            models: The models that embed, with their networks.
            progress: Called after each chunk.
            stop: Asked before each file and each batch whether to end. A chunk is written whole.
            shard: Which share of the pictures to take.
            priority: Lets searches go first; None where there are none.
            others: Models that do not embed; the fields of their vectors are kept up to date.
        """
        self._records = records
        self._vectors = vectors
        self._thumbnail_path = thumbnail_path
        self._models = models
        self._progress = progress
        self._stop = stop
        self._priority = priority or PriorityGate()
        # The ids of pictures that are planned and not yet written, in any number of chunks.
        self._in_flight: set[int] = set()
        self._processed = 0  # files
        self.ids = array("q")  # of the pictures that were processed
        self.displaced = array("q")  # ids of pictures whose files all have another content now
        seconds = {model.name: 0.0 for model, _ in models}
        self.report = Report(embedded=dict.fromkeys(seconds, 0), seconds_embedding=seconds)
        input_bytes = sum(3 * h * w for h, w, _ in {embedder.form for _, embedder in models})
        is_cpu = all(embedder.device == "CPU" for _, embedder in models)
        self._files = FileReader(records, self.report, shard, chunk_size(input_bytes, is_cpu))
        self._threads = cores()
        self._renderer = Renderer(self._threads)
        collections = [model.collection for model, _ in models]
        every = collections + [model.collection for model in others]
        self._unfinished = UnfinishedFiles(sidecars, thumbnail_path)
        self._writer = Writer(records, vectors, self._unfinished, every, self.report)
        self._known = KnownFiles(records, vectors, thumbnail_path, collections, shard)
        self._inference = Inference(self._priority, seconds, lambda: not self._continues(None))

    def run(self, sources: Iterable[Source]) -> Report:
        """Add new pictures, embed those that a model lacks, and flush.

        Files that can't be decoded are skipped, and listed in the report. Those that change while
        they are read are read again at the end, and skipped if they still change.

        Raises:
            StoreUnavailable: A store does not answer.
            DiskFull, CannotWrite: A file can't be written.
        """
        start = time.monotonic()
        with (
            closing(self._unfinished),
            closing(self._renderer),
            ThreadPoolExecutor(self._threads, "decode") as pool,
            ThreadPoolExecutor(1, "plan") as planner,
            ThreadPoolExecutor(1, "write") as writer,
            closing(self._inference),
        ):
            try:
                for files in (sources, self._files.settled()):
                    files = takewhile(self._continues, files)
                    embedded = self._embedded(produce_ahead(planner, self._plans(pool, files)))
                    writes = (
                        (group, writer.submit(self._writer.write, group))
                        for group in self._writer.groups(embedded, self._priority)
                    )
                    # While one group is written, the next is embedded, and what follows decoded.
                    for group, write in delay_by_one(writes):
                        write.result()
                        for chunk in group:
                            self._count(chunk)
            finally:
                pool.shutdown(cancel_futures=True)
        self.displaced.extend(self._writer.finish())
        self.report.seconds = time.monotonic() - start
        return self.report

    def _plans(self, pool: ThreadPoolExecutor, sources: Iterable[Source]) -> Iterator[Plan]:
        parts = self._known.sort_out(sources)
        for are_known, files in groupby(parts, lambda part: isinstance(part, list)):
            if are_known:
                yield from map(Plan.of_known, cast(Iterator[list[int]], files))
                continue
            hashed = self._files.hashed(pool, cast(Iterator[Source], files))
            yield from (self._plan(pool, chunk) for chunk in chunks(hashed, self._files.chunk))

    def _continues(self, item: object) -> bool:
        if self._stop():  # asked by several threads
            self.report.stopped = True
        return not self.report.stopped

    def _embedded(self, plans: Iterator[Plan]) -> Iterator[EmbeddedChunk]:
        with suppress(Stopped):  # within a chunk, which is not written
            yield from map(self._embed, takewhile(self._continues, plans))

    def _plan(self, pool: ThreadPoolExecutor, chunk: list[Raw | None]) -> Plan:
        # Pictures of earlier chunks that are not written yet are not embedded again. They are
        # looked up before the stores are: one that is written in between is in the stores.
        unique: dict[int, Raw] = {}
        for raw in filter(None, chunk):
            if raw.id in self._in_flight:
                self._files.release(raw)
                continue
            if duplicate := unique.get(raw.id):
                self._files.release(duplicate)
            unique[raw.id] = raw
        self._in_flight.update(unique)
        ids = list(unique)
        stored = dict(zip(ids, self._records.get(ids), strict=True))
        present = {
            model.name: self._vectors.present(model.collection, ids) for model, _ in self._models
        }
        jobs = []
        for raw in unique.values():
            models = [pair for pair in self._models if raw.id not in present[pair[0].name]]
            small = self._thumbnail_path(raw.id)
            record = stored[raw.id]
            is_removed = bool(raw.source.thumbnail_of) and record is None  # since it was listed
            is_located = record is not None and not record.path and not raw.source.thumbnail_of
            is_needed = models or record is None or is_located or not small.exists()
            if is_needed and not is_removed:
                jobs.append((raw.source, pool.submit(self._prepare, raw, models, not record)))
            else:
                self._files.release(raw)
        unchanged = sum(raw is not None for raw in chunk) - len(jobs)
        return Plan(chunk, unique.keys(), unchanged, stored, jobs)

    def _prepare(self, raw: Raw, models: list[tuple[Model, Embedder]], is_new: bool) -> Prepared:
        try:
            self._priority.yield_to_queries()
            return prepare(raw, models, is_new, self._renderer.render, self._unfinished)
        finally:
            self._files.release(raw)

    def _embed(self, plan: Plan) -> EmbeddedChunk:
        """Embed a chunk's pictures with the models that have no vector of them."""
        jobs = takewhile(self._continues, plan.jobs)
        prepared = [p for job in jobs if (p := self._files.result(*job))]
        if self.report.stopped:
            raise Stopped
        if prepared:
            self._renderer.observe(len(prepared), self._inference.idle_s, 2 * self._files.chunk)
        new = [p.record for p in prepared if plan.stored[p.record.id] is None]
        located = [
            replace(p.record, added=record.added)
            for p in prepared
            if (record := plan.stored[p.record.id]) and not record.path and not p.from_thumbnail
        ]
        vectors = [
            (model, [p.record.id for p in batch], self._inference.embed(model, embedder, batch))
            for model, embedder in self._models
            if (batch := [p for p in prepared if model.name in p.inputs])
        ]
        unchanged = plan.unchanged + len(prepared) - len(new)
        prepared = [replace(p, inputs={}) for p in prepared]
        return EmbeddedChunk(plan, prepared, new, located, unchanged, vectors)

    def _count(self, chunk: EmbeddedChunk) -> None:
        """Report a chunk that is written completely."""
        self._in_flight.difference_update(chunk.plan.ids)
        self.ids.extend(chunk.plan.ids)
        self.report.added += len(chunk.new)
        self.report.unchanged += chunk.unchanged
        for model, ids, _ in chunk.vectors:
            self.report.embedded[model.name] += len(ids)
        self._processed += len(chunk.plan.files)
        self._progress(self._processed)
