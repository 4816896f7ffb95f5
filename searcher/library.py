"""The library: the only place where pictures, models and stores meet."""

import platform
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from searcher import compare
from searcher.errors import ModelNotReady
from searcher.export.catalogue import BASELINES
from searcher.images import open_picture
from searcher.ingest import Ingest, Progress, Report
from searcher.installs import Installs
from searcher.models import Model, Zoo, place
from searcher.results import STAGES, Comparison, Hit, Ranking
from searcher.settings import Settings
from searcher.sources import Source, find_sources
from searcher.stores.embedded import EmbeddedStores
from searcher.stores.records import RecordStore
from searcher.stores.vectors import VectorStore

MAX_RESULTS = 50


class Library:
    """Add pictures, search them, say what is there. Safe to use from several threads.

    Nothing is opened before it is needed, so making one takes no time and can't fail. Methods
    raise StoreUnavailable where a store does not answer, ModelNotReady and BadImage as they say.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.zoo = Zoo(settings.models_dir, settings.model_cache)
        embedded = self._embedded = EmbeddedStores(settings.stores)
        redis_url, milvus_uri = settings.redis_url, settings.milvus_uri
        self.records = RecordStore(lambda: redis_url or embedded.addresses().redis)
        if milvus_uri:
            self.vectors = VectorStore(lambda: milvus_uri, settings.milvus_token)
        else:
            self.vectors = VectorStore(
                lambda: embedded.addresses().milvus, writing=embedded.writing
            )

        self.installs = Installs(self.records, self.zoo, settings.install)

    def close(self) -> None:
        """Let connections and private servers go. The library can still be used afterwards."""
        self.vectors.close()
        self.records.close()
        self._embedded.release()

    def thumbnail_path(self, picture_id: int) -> Path:
        """Where a picture's thumbnail is, in one of 256 folders."""
        return self.settings.thumbnails / f"{picture_id % 256:02x}" / f"{picture_id}.webp"

    def add(self, paths: Iterable[Path], progress: Progress = lambda done: None) -> Report:
        """Index files, folders and archives with every ready model.

        What the library has already is not embedded again. Raises BadSource for a path that is
        not there.
        """
        return self.ingest(find_sources(paths), progress)

    def incomplete(self) -> list[Source]:
        """The pictures for which some ready model has no vector yet."""
        ids = list(self.records.ids())
        complete = set(ids)
        for model in self.zoo.ready():
            complete &= self.vectors.present(model.collection, ids)
        records = self.records.get([i for i in ids if i not in complete])
        return [Source(record.path) for record in records if record is not None]

    def ingest(self, sources: Iterable[Source], progress: Progress = lambda done: None) -> Report:
        """Index some files with every ready model; see `add`."""
        models = [self.zoo.load(model.name) for model in self.zoo.ready()]
        run = Ingest(self.records, self.vectors, self.thumbnail_path, models, progress)
        return run.run(sources)

    def coverage(self) -> dict[str, int]:
        """How many vectors each ready model has."""
        return {m.name: self.vectors.count(m.collection) for m in self.zoo.ready()}

    def milliseconds(self, name: str) -> float:
        """How long a model takes for one picture; measured once for each machine and file.

        Raises ModelNotReady.
        """
        model, embedder = self.zoo.load(name)
        key = f"speed:{platform.node()}:{model.collection.name}"
        kept = self.records.note(key) or self.records.note(
            key, {"ms": f"{embedder.milliseconds():.2f}"}
        )
        return float(kept["ms"])

    def models(self) -> list[Model]:
        """Every model: files, working or not, and what could be installed."""
        return sorted([*self.zoo.models(), *self.installs.models()], key=place)

    def remove_model(self, name: str) -> None:
        """Delete a model's file and its vectors. Raises ModelNotReady where that can't be."""
        if name in BASELINES:
            raise ModelNotReady("The baselines are part of Twinlens and stay.")
        model = next((m for m in self.zoo.models() if m.name == name), None)
        if model is None:
            raise ModelNotReady(f"There is no model “{name[:80]}”.")
        # Should the file stay, the network must not come back by itself; so this comes first.
        self.installs.decline(name)
        try:
            self.zoo.remove(name)
        except OSError as error:
            raise ModelNotReady(f"{name} can't be removed ({error.strerror}).") from error
        if model.ready:
            self.vectors.drop(model.collection.name)

    def search(self, data: bytes, name: str, model: str, k: int) -> Ranking:
        """Find the k pictures nearest to a query picture, given as the bytes of its file.

        `name` is what error sentences call it. Raises BadImage, ModelNotReady.
        """
        return self._search(data, name, [model], k)[0]

    def compare(self, data: bytes, name: str, a: str, b: str, k: int) -> Comparison:
        """Search with two models, decoding the query once. Raises BadImage, ModelNotReady."""
        first, second = self._search(data, name, [a, b], k)
        best: dict[int, Hit] = {}
        for hit in sorted([*first.hits, *second.hits], key=lambda hit: hit.rank):
            best.setdefault(hit.record.id, hit)
        merged = compare.reciprocal_rank_fusion([first.ids, second.ids])
        fused = [
            Hit(best[picture_id].record, rank, best[picture_id].distance)
            for rank, (picture_id, _) in enumerate(merged[: _clamp(k)], start=1)
        ]
        return Comparison(
            a=first,
            b=second,
            overlap=compare.overlap(first.ids, second.ids),
            rbo=compare.rank_biased_overlap(first.ids, second.ids),
            tau=compare.kendall_tau(first.ids, second.ids),
            fused=fused,
        )

    def _search(self, data: bytes, name: str, models: list[str], k: int) -> list[Ranking]:
        loaded = [self.zoo.load(model) for model in models]
        decode = _Stopwatch()
        with decode.stage("decode"):
            picture = open_picture(data, name)
        rankings = []
        for model, embedder in loaded:
            self.vectors.prepare(model.collection)  # not part of what a search costs
            watch = _Stopwatch(decode.stages)
            with watch.stage("embed"):
                vector = embedder.embed_picture(picture)
            with watch.stage("milvus"):
                nearest = self.vectors.search(model.collection, vector, _clamp(k))
            with watch.stage("redis"):
                records = self.records.get([picture_id for picture_id, _ in nearest])
            found = [
                (record, distance)
                for record, (_, distance) in zip(records, nearest, strict=True)
                if record is not None
            ]
            hits = [Hit(r, rank, d) for rank, (r, d) in enumerate(found, start=1)]
            rankings.append(
                Ranking(model.name, hits, watch.milliseconds(), len(nearest) - len(hits))
            )
        return rankings


class _Stopwatch:
    """Milliseconds by stage; `total` is their sum, so that the line on the page adds up."""

    def __init__(self, stages: dict[str, float] | None = None) -> None:
        self.stages = dict(stages or {})

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.stages[name] = (time.perf_counter() - start) * 1000

    def milliseconds(self) -> dict[str, float]:
        timed = self.stages | {"total": sum(self.stages.values())}
        return {stage: round(timed[stage], 2) for stage in STAGES}


def _clamp(k: int) -> int:
    return max(1, min(int(k), MAX_RESULTS))
