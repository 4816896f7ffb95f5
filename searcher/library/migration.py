"""Carry what Redis and Milvus have of a library to other servers, or back to the embedded ones.

Files stay where they are. The target has another mark than the library's until it has everything,
so that nothing uses it before, and a run that was interrupted goes on.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from searcher.config.settings import Settings
from searcher.errors import InvalidRequest, ModelNotReady, NotAllowed
from searcher.file_locks import acquire
from searcher.files import disk_errors
from searcher.library.core import Library
from searcher.library.identity import INCOMPLETE
from searcher.library.library_stores import LibraryStores
from searcher.library.migration_sides import KeysSide, Progress, Side, VectorsSide
from searcher.library.trash import changing
from searcher.library.vector_variants import LOCK


@dataclass(frozen=True)
class Migration:
    """What was carried.

    Attributes:
        pictures: The number of pictures that the target has.
        models: Its numbers of vectors by model.
        written: The number of records, vectors and other entries that it lacked.
        settings: The variables that have to change, and whether each is to be set, not unset.
    """

    pictures: int
    models: dict[str, int]
    written: int
    settings: dict[str, bool]

    def document(self) -> dict[str, object]:
        """Return the `--json` document of `migrate`."""
        return {
            "pictures": self.pictures,
            "models": self.models,
            "written": self.written,
            "set": [name for name, is_set in self.settings.items() if is_set],
            "unset": [name for name, is_set in self.settings.items() if not is_set],
        }


def migrate(
    library: Library,
    target: Settings,
    replace: bool = False,
    progress: Progress = lambda what, done, total: None,
) -> Migration:
    """Make other stores have what those of a library have, of which nothing is changed.

    After an interruption at any moment another call goes on.

    Args:
        library: The library. Pictures can't be added, removed or shrunk meanwhile.
        target: Its settings with the address of another Milvus, another Redis or both.
        replace: Whether to change a target that has this library already, in whatever state.
        progress: Called now and then.

    Raises:
        InvalidRequest: The addresses are those of the library's own stores.
        NotAllowed: The target has this library already.
        StrangeStores: The target has another library, or the stores are not this library's.
        ModelNotReady: A model's vectors were stored by an earlier version.
        StoreUnavailable: A store does not answer, or the library changed meanwhile.
        DiskFull, CannotWrite: The data folder can't be written.
    """
    library.identity.require()
    for model in library.registry.ready():
        if library.vectors.lacks_fields(model.collection):
            raise ModelNotReady("filter.model_without_fields", model=model.display)
    with closing(LibraryStores(target)) as stores, _unchanging(library):
        sides = _sides(library, target, stores)
        _claim(sides, replace)
        written = sum(side.copy(progress) for side in sides)
        for side in sides:
            side.complete(progress)
        models = library.registry.ready()
        counts = {model.name: stores.vectors.count(model.collection) for model in models}
        settings = {side.variable: bool(side.address(target)) for side in sides}
        return Migration(stores.records.count(), counts, written, settings)


def _sides(library: Library, target: Settings, stores: LibraryStores) -> list[Side]:
    """Return what is to be copied. Raises InvalidRequest where that is nothing."""
    vectors = VectorsSide(library, stores, holds_int8=bool(target.milvus_uri))
    both: list[Side] = [KeysSide(library, stores), vectors]
    sides = [side for side in both if side.address(target) != side.address(library.settings)]
    if not sides:
        raise InvalidRequest("migrate.same")
    return sides


def _claim(sides: list[Side], replace: bool) -> None:
    """Mark the target as incomplete, unless it is another library's, or complete already."""
    states = [side.state() for side in sides]
    is_resumed = any(state.endswith(INCOMPLETE) for state in states)
    if any(states) and not is_resumed and not replace:
        raise NotAllowed("migrate.exists")
    for side in sides:
        side.begin()


@contextmanager
def _unchanging(library: Library) -> Iterator[None]:
    """Hold the locks under which pictures are added, removed and shrunk."""
    data = library.settings.data
    with changing(library):
        with disk_errors():
            locks = [acquire(data / name) for name in ("indexing.lock", LOCK)]
        with locks[0], locks[1]:
            yield
