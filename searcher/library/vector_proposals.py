"""Files of vectors that somebody brings: read into the file of a model, which is then installed."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from searcher.datasets.row_keys import keyed_batches
from searcher.datasets.vector_source import open_table
from searcher.errors import BadVectors
from searcher.export.scratch import scratch_folder
from searcher.files import disk_errors
from searcher.library.core import Library
from searcher.library.picture_finder import PictureFinder
from searcher.library.proposals import Proposal
from searcher.library.vector_import import Progress, VectorImport
from searcher.models.hub_reference import FULL, named
from searcher.models.model_files import VECTORS, move_model, vectors_path
from searcher.models.model_names import check_name
from searcher.stores.paths import UPLOAD


@dataclass(frozen=True)
class VectorFiles:
    """What somebody brings.

    Attributes:
        path: The file of vectors.
        name: Its name.
        column: Its column or array of vectors; "" for the likeliest.
        ids: A column or array of the same file that says which picture each row is of; "" for the
            likeliest.
        ids_path: A file that says so instead.
        ids_name: The name of that file.
        title: Of the model; "" for its name.
        folder: What paths may be relative to; None for what visitors bring.
    """

    path: Path
    name: str
    column: str = ""
    ids: str = ""
    ids_path: Path | None = None
    ids_name: str = ""
    title: str = ""
    folder: Path | None = None


def default_name(file: str) -> str:
    """Return the name of the model of a file of vectors, "" if nothing of it is valid."""
    return named(file.removesuffix(VECTORS) if file.endswith(VECTORS) else Path(file).stem, FULL)


def write_model(
    library: Library,
    files: VectorFiles,
    folder: Path,
    name: str,
    force: bool = False,
    progress: Progress = lambda count: None,
    stop: Callable[[], bool] = lambda: False,
) -> VectorImport:
    """Write the file of a model into a folder, of the models or of a proposal.

    Args:
        library: The library whose pictures the vectors are of.
        files: The vectors.
        folder: The folder.
        name: Of the model.
        force: Whether it may replace vectors of that name.
        progress: Called with the number of rows processed so far.
        stop: Asked now and then whether to end.

    Raises:
        CannotAdopt: The name is not valid, or that of another model.
        BadVectors: A file can't be read, or has no vector of a picture of the library.
        InstallCancelled: `stop` returned True.
        StoreUnavailable: Redis does not answer.
        DiskFull, CannotWrite: The file can't be written.
    """
    models = library.settings.models_dir
    check_name(name, models, force, of_vectors=True)
    table = open_table(files.path, files.name, files.column, files.ids)
    if files.ids_path is None and not table.has_keys:
        raise BadVectors("vectors.no_keys", name=table.name)
    records = library.records
    finder = PictureFinder(records.all(), lambda path: records.source(path) == UPLOAD, files.folder)
    result = VectorImport(finder)
    batches = keyed_batches(table, files.ids_path, files.ids_name)
    # The lock is that of every model of this name.
    with disk_errors(), scratch_folder(folder / f"{name}.onnx") as scratch:
        part = vectors_path(scratch, name)
        result.write(part, table, batches, files.title or name, progress, stop)
        check_name(name, models, force, of_vectors=True)
        move_model(part, vectors_path(folder, name))
    return result


def propose(
    library: Library,
    files: VectorFiles,
    name: str,
    progress: Progress = lambda count: None,
    stop: Callable[[], bool] = lambda: False,
) -> Proposal:
    """Write the file of a model that waits to be accepted; see `write_model` and `Proposals`."""
    folder = library.proposals.new_folder()
    try:
        result = write_model(library, files, folder, name, False, progress, stop)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    megabytes = vectors_path(folder, name).stat().st_size / 1e6
    return Proposal(folder.name, name, tuple(result.messages()), (), megabytes)


def install(
    library: Library,
    files: VectorFiles,
    name: str,
    force: bool = False,
    progress: Progress = lambda count: None,
) -> VectorImport:
    """Make a model of vectors, and copy them into its collection; see `write_model`.

    Raises:
        StrangeStores: The stores belong to another library.
        ModelNotReady: The model's file was removed a moment ago.
    """
    library.identity.require()
    former = {model.collection.name for model in library.registry.ready() if model.name == name}
    result = write_model(library, files, library.settings.models_dir, name, force, progress)
    library.installs.forget(name)
    for collection in former - {library.registry.get(name).collection.name}:
        library.vectors.drop(collection)
    library.copy_vectors()
    return result
