"""Models of vectors from elsewhere: their collections are copies of their files.

Nothing can be computed for them: a picture that the file has no vector of never gets one.
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from searcher.models.registry import Model, ModelRegistry
from searcher.stores.records import RecordStore
from searcher.stores.vectors import VectorStore
from searcher.types import FloatArray, Int64Array

PAGE = 256  # vectors per call of Milvus: 32 MB of the longest
MANY = 10_000  # vectors for which all ids of a collection are read, 8 bytes each
TOLERANCE = 1e-5  # between a number of a file and of its collection, which Milvus does not change

Progress = Callable[[Model, int, int], None]  # called with the vectors copied, and all to copy


class VectorModels:
    """The models without a network of a library. Methods raise StoreUnavailable."""

    def __init__(self, registry: ModelRegistry, records: RecordStore, vectors: VectorStore) -> None:
        self._registry = registry
        self._records = records
        self._vectors = vectors
        self._ids: dict[str, Int64Array] = {}  # of the files, by their collections

    def missing(self, model: Model, ids: Iterable[int]) -> list[int]:
        """Return those of `ids` whose vectors the file has, and the collection lacks.

        Raises:
            ModelNotReady: The model was removed or changed a moment ago.
        """
        candidates = np.fromiter(ids, np.int64)
        wanted = np.unique(candidates[np.isin(candidates, self._file_ids(model))])
        if len(wanted) > MANY:
            missing: list[int] = np.setdiff1d(
                wanted, self._vectors.id_array(model.collection)
            ).tolist()
            return missing
        return sorted({*wanted.tolist()} - self._vectors.present(model.collection, wanted.tolist()))

    def fill(
        self,
        ids: Iterable[int],
        progress: Progress = lambda model, done, total: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> int:
        """Copy vectors of pictures that collections lack from the files.

        Args:
            ids: Pictures of the library.
            progress: Called after each page.
            stop: Asked after each page whether to end; the next call goes on.

        Returns:
            The number of vectors.

        Raises:
            ModelNotReady: A model was removed or changed a moment ago.
        """
        models = [model for model in self._registry.ready() if not model.embeds]
        pictures = np.fromiter(ids if models else (), np.int64)
        self._forget(models)
        return sum(self._fill(model, pictures, progress, stop) for model in models)

    def differing(self, model: Model) -> list[int]:
        """Return the ids of vectors in the collection that are not those of the file."""
        _, file = self._registry.open_vectors(model.name)
        wrong: list[int] = []
        with file:
            for ids, vectors in _pages(file.read()):
                stored = self._vectors.fetch(model.collection, ids)
                differences = np.abs(stored - vectors).max(axis=1)
                # Those that are missing are zeros; comparisons with NaN are never true.
                is_wrong = stored.any(axis=1) & ~(differences <= TOLERANCE)
                wrong += [i for i, bad in zip(ids, is_wrong, strict=True) if bad]
        return wrong

    def _fill(
        self, model: Model, pictures: Iterable[int], progress: Progress, stop: Callable[[], bool]
    ) -> int:
        missing = np.array(self.missing(model, pictures), np.int64)
        if not len(missing):
            return 0
        _, file = self._registry.open_vectors(model.name)
        done = unflushed = 0
        with file:
            for ids, vectors in _pages(file.read(missing)):
                if stop():
                    break
                self._write(model, ids, vectors)
                done += len(ids)
                unflushed += len(ids)
                if unflushed >= self._vectors.flush_every:
                    self._vectors.flush(model.collection)
                    unflushed = 0
                progress(model, done, len(missing))
        self._vectors.flush(model.collection)
        return done

    def _write(self, model: Model, ids: list[int], vectors: FloatArray) -> None:
        fields = self._records.fields(ids)
        # Pictures may have been removed meanwhile.
        rows = [row for row, picture_id in enumerate(ids) if picture_id in fields]
        present = [ids[row] for row in rows]
        self._vectors.upsert(model.collection, present, vectors[rows], fields)
        # Another process may have changed a record, and updated the vectors that there were.
        latest = self._records.fields(present)
        changed = {i: value for i, value in latest.items() if value != fields[i]}
        self._vectors.set_fields(model.collection, changed)

    def _file_ids(self, model: Model) -> Int64Array:
        key = model.collection.name
        if key not in self._ids:
            _, file = self._registry.open_vectors(model.name)
            with file:
                self._ids[key] = file.ids()
        return self._ids[key]

    def _forget(self, models: list[Model]) -> None:
        """Release the ids of files that are no more."""
        names = {model.collection.name for model in models}
        self._ids = {name: ids for name, ids in self._ids.items() if name in names}


def _pages(
    groups: Iterable[tuple[Int64Array, FloatArray]],
) -> Iterator[tuple[list[int], FloatArray]]:
    for ids, vectors in groups:
        for start in range(0, len(ids), PAGE):
            yield ids[start : start + PAGE].tolist(), vectors[start : start + PAGE]
