"""What searches filter by: the fields of vectors."""

import contextlib
import math
import shutil
import time
from collections.abc import Callable
from functools import partial

from searcher.errors import DamagedCollection, DiskFull
from searcher.indexing.field_updates import FieldUpdates
from searcher.library.core import Library
from searcher.messages.message import Message
from searcher.models.registry import Model
from searcher.types import Collection

IN_PROGRESS_S = 30  # within which a process that has changed a record updates the fields itself
# Milvus Lite writes vectors to a log, a data file and an index. It can't drop a collection while
# the disk is full.
COPY_SIZE = 4  # of the vectors


def without_fields(library: Library) -> list[Model]:
    """Return the ready models whose vectors can't be filtered yet.

    Raises:
        StoreUnavailable: Milvus does not answer.
    """
    models = []
    for model in library.registry.ready():
        with contextlib.suppress(DamagedCollection):
            if library.vectors.lacks_fields(model.collection):
                models.append(model)
    return models


def add_fields(
    library: Library,
    model: Model,
    progress: Callable[[int, int], None] = lambda done, total: None,
    stop: Callable[[], bool] = lambda: False,
) -> bool:
    """Give the vectors of a model their fields; see `VectorStore.add_fields`.

    Raises:
        DiskFull: There is no room for a copy of the vectors in the private store.
        StrangeStores: The stores belong to another library.
        StoreUnavailable: A store does not answer.
    """
    library.identity.require()
    _require_room(library, model)
    return library.vectors.add_fields(model.collection, library.records.fields, progress, stop)


def _require_room(library: Library, model: Model) -> None:
    collection = model.collection
    if library.settings.milvus_uri or library.vectors.has_fields(collection):
        return
    needed = COPY_SIZE * library.vectors.count(collection) * collection.dim * 4
    if shutil.disk_usage(library.settings.stores).free < needed:
        raise DiskFull("filter.no_room", model=model.display, mb=math.ceil(needed / 2**20))


class FieldUpgrades:
    """The upgrades of one process, which looks at each collection until it has fields."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._settled: set[Collection] = set()

    def run(
        self, progress: Callable[[Model, int, int], None], stop: Callable[[], bool]
    ) -> list[Message]:
        """Give vectors of earlier versions their fields, and finish interrupted changes.

        Args:
            progress: Called with the model and the numbers of its vectors that are copied, and of
                all.
            stop: Asked now and then whether to end early.

        Returns:
            Why some could not get theirs.

        Raises:
            StrangeStores: The stores belong to another library.
            StoreUnavailable: A store does not answer.
        """
        library = self._library
        failures: dict[Message, None] = {}  # without duplicates
        for model in library.registry.ready():
            collection = model.collection
            if collection in self._settled:
                continue
            try:
                if not library.vectors.lacks_fields(collection) or add_fields(
                    library, model, partial(progress, model), stop
                ):
                    self._settled.add(collection)
            except (DamagedCollection, DiskFull) as error:
                failures[error.message] = None
        finish_updates(library, IN_PROGRESS_S)
        return list(failures)


def finish_updates(library: Library, in_progress_s: float = 0) -> int:
    """Update fields of pictures whose record was changed by a process that ended too early.

    Args:
        library: The library.
        in_progress_s: Seconds; changes that are not older are left to the process that made them.

    Returns:
        The number of pictures.

    Raises:
        StoreUnavailable: A store does not answer.
    """
    collections = [model.collection for model in library.registry.ready()]
    updates = FieldUpdates(library.records, library.vectors, collections)
    return updates.finish(time.time() - in_progress_s)
