"""Smaller vectors of a model: which the store can hold, and the change to them and back."""

import contextlib
import math
import shutil
from collections.abc import Callable
from functools import partial

import numpy as np

from searcher.errors import (
    DamagedCollection,
    DiskFull,
    InvalidRequest,
    ModelNotReady,
    NotAllowed,
    StoreUnavailable,
    StrangeStores,
    TwinlensError,
)
from searcher.file_locks import acquire, exclusive
from searcher.files import disk_errors
from searcher.library.core import Library
from searcher.library.deep_check import Note
from searcher.library.filtering import COPY_SIZE
from searcher.messages.message import Message, message
from searcher.metrics.shrinkage import BINARY, FLOAT16, INT8, PCA, Variant, principal_axes
from searcher.models.registry import Model
from searcher.stores.forms import Form
from searcher.types import FloatArray

AXES_SAMPLE = 5000  # pictures whose vectors the axes are taken of
LOCK = "shrink.lock"  # in the data folder, held while vectors are shrunk or restored
REFUSED = "store.milvus_refused"  # the code of an error: the server can't hold the variant
NOTE = "shrink:"  # with a collection's name: the note in Redis of a requested change

Progress = Callable[[int, int], None]


def find_variant(library: Library, model: Model, name: str) -> Variant:
    """Return the variant with a name, which the library's store can hold.

    Raises:
        InvalidRequest: There is none for this model.
        NotAllowed: The store can't hold it.
    """
    variant = Variant.parse(name, model.dim)
    if variant is None:
        raise InvalidRequest("shrink.unknown_variant", name=name[:40], dimension=model.dim)
    if reason := reason_against(library, variant):
        raise NotAllowed.of(reason)
    return variant


def reason_against(library: Library, variant: Variant) -> Message | None:
    """Return why the library's store can't hold a variant, None if it can."""
    if variant.type == BINARY:
        return message("shrink.no_binary")
    if variant.type == FLOAT16:
        return message("shrink.no_float16")
    if variant.type == INT8 and not library.settings.milvus_uri:
        return message("shrink.float32_only")
    return None


def shrink(
    library: Library,
    model: Model,
    variant: Variant,
    progress: Progress = lambda done, total: None,
    stop: Callable[[], bool] = lambda: False,
) -> bool:
    """Store a model's vectors in a variant, or the full ones again; see `Shrinking`.

    Args:
        library: The library.
        model: A ready model.
        variant: The variant, as `find_variant` returned it.
        progress: Called with the numbers of vectors that are shrunk, and of all.
        stop: Asked now and then whether to end early.

    Returns:
        Whether the variant is used now.

    Raises:
        ModelNotReady: The vectors were stored by an earlier version, or are fewer than the axes.
        DiskFull: There is no room for the copy in the private store.
        StrangeStores: The stores belong to another library.
        StoreUnavailable: A store does not answer, or can't hold the variant.
    """
    library.identity.require()
    collection = model.collection
    if library.vectors.lacks_fields(collection):
        raise ModelNotReady("filter.model_without_fields", model=model.display)
    with disk_errors():
        lock = acquire(library.settings.data / LOCK)
    with lock:
        changing = library.vectors.shrinking(collection)
        try:
            if variant.is_full:
                changing.restore()
                return True
            axes = _axes(library, model, variant) if variant.method == PCA else None
            _require_room(library, model, variant)
            return changing.apply(Form(model.dim, variant, axes), progress, stop)
        finally:
            library.forget_percentiles()


def fetch_sample(
    library: Library,
    model: Model,
    most: int,
    progress: Progress = lambda done, total: None,
) -> tuple[list[int], FloatArray]:
    """Return the ids and full vectors [N, D] of up to `most` pictures, the same at each call.

    `progress` is called with the numbers of vectors, and may raise to end early.

    Raises:
        StoreUnavailable: Milvus does not answer.
    """
    # Ids are hashes of the pictures, so the smallest ones are a random sample.
    ids = library.vectors.id_array(model.collection)[:most].tolist()
    vectors = library.vectors.shrinking(model.collection).fetch_full(ids, progress)
    rows = np.flatnonzero(vectors.any(axis=1))  # vectors removed in between are zeros
    return [ids[row] for row in rows], vectors[rows]


def check_copies(library: Library, repair: bool, note: Note) -> None:
    """Find shrunken copies that an interruption has left; see `check_upgrades`."""
    with exclusive(library.settings.data / LOCK) as is_alone:
        for model in library.registry.ready() if is_alone else []:
            with contextlib.suppress(DamagedCollection):
                changing = library.vectors.shrinking(model.collection)
                if changing.is_left_over():
                    if repair:
                        changing.restore()
                    finding = message("finding.shrunken_copy", model=model.name)
                    note(repair, finding, message("remedy.dropped"))


def _axes(library: Library, model: Model, variant: Variant) -> FloatArray:
    _, vectors = fetch_sample(library, model, AXES_SAMPLE)
    if len(vectors) <= variant.dim:
        raise ModelNotReady("shrink.too_few_pictures", model=model.display, count=variant.dim)
    return principal_axes(vectors, variant.dim)


def _require_room(library: Library, model: Model, variant: Variant) -> None:
    if library.settings.milvus_uri:
        return
    needed = COPY_SIZE * library.vectors.count(model.collection) * variant.dim * 4
    if shutil.disk_usage(library.settings.stores).free < needed:
        raise DiskFull("shrink.no_room", model=model.display, mb=math.ceil(needed / 2**20))


class ShrinkRequests:
    """The requested changes of a library, recorded in Redis so that an interruption loses none."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._failures: dict[str, Message] = {}  # by the collection's name

    def request(self, model: Model, name: str) -> None:
        """Record that a model's vectors are to be stored in the variant with a name.

        Raises:
            InvalidRequest, NotAllowed: See `find_variant`.
            StoreUnavailable: Redis does not answer.
        """
        variant = find_variant(self._library, model, name)
        self._failures.pop(model.collection.name, None)
        self._library.records.note(NOTE + model.collection.name, {"variant": variant.name})

    def run(
        self, progress: Callable[[Model, int, int], None], stop: Callable[[], bool]
    ) -> list[Message]:
        """Make the requested changes.

        Args:
            progress: Called with the model and the numbers of its vectors that are shrunk, and of
                all.
            stop: Asked now and then whether to end early; the next call goes on.

        Returns:
            Why some could not be made; they are not tried again until they are requested.

        Raises:
            StrangeStores: The stores belong to another library.
            StoreUnavailable: A store does not answer.
        """
        library = self._library
        for model in library.registry.ready():
            key = NOTE + model.collection.name
            name = library.records.note(key).get("variant")
            if not name:
                continue
            try:
                variant = find_variant(library, model, name)
                if not shrink(library, model, variant, partial(progress, model), stop):
                    continue
            except TwinlensError as error:
                is_passing = isinstance(error, (StoreUnavailable, StrangeStores))
                is_refused = isinstance(error, DamagedCollection) or error.code == REFUSED
                if is_passing and not is_refused:
                    raise
                self._failures[model.collection.name] = error.message
            library.records.note(key, {})
        return list(self._failures.values())
