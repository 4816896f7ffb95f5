"""Check that files, records, indexes and vectors agree, and repair them; delete no file."""

import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import numpy as np

from searcher.errors import EmptyStores, StoreUnavailable, StrangeStores
from searcher.indexing.prefetch import chunks
from searcher.library import trash
from searcher.library.core import Library
from searcher.library.coverage import original
from searcher.library.deep_check import Progress, check_vectors
from searcher.library.field_check import check_fields, check_upgrades
from searcher.library.path_check import path_problems, repair_paths
from searcher.library.registration import Registration, register, unregistered
from searcher.library.upkeep import put_in_order
from searcher.library.vector_variants import check_copies
from searcher.messages.message import Message, message
from searcher.models.registry import Model
from searcher.stores.records import Record
from searcher.types import Int64Array

T = TypeVar("T")

PART = 1000  # records that are read at a time
COLLECTION_NAME = re.compile(r"\w+_[0-9a-f]{8}")


@dataclass
class Diagnosis:
    """The result of an examination.

    Attributes:
        pictures: Number of pictures.
        models: Numbers of vectors by kind, by model.
        problems: Problems that were not repaired.
        repaired: Problems that were repaired, with the remedy.
        trash: Number of pictures in the trash.
    """

    pictures: int = 0
    models: dict[str, dict[str, int]] = field(default_factory=dict)
    problems: list[Message] = field(default_factory=list)
    repaired: list[Message] = field(default_factory=list)
    trash: int = 0

    def document(self) -> dict[str, object]:
        """Return the `--json` document of `doctor`."""
        sentences = {
            "problems": [str(problem) for problem in self.problems],
            "repaired": [str(repair) for repair in self.repaired],
        }
        return self.__dict__ | sentences

    def note(self, repaired: bool, finding: Message, remedy: Message) -> None:
        """Add a problem, or a repair."""
        if repaired:
            self.add_repair(finding, remedy)
        else:
            self.add_problem(finding)

    def add_repair(self, finding: Message, remedy: Message) -> None:
        """Add a problem that was repaired, and its remedy."""
        self.repaired.append(message("doctor.repaired", finding=finding, remedy=remedy))

    def add_problem(self, finding: Message) -> None:
        """Add a problem that was not repaired."""
        self.problems.append(message("doctor.problem", finding=finding))

    def attempt(self, check: Callable[[], T]) -> T | None:
        """Run a check; where a store can't be used, add that as a problem and return None."""
        try:
            return check()
        except (StoreUnavailable, StrangeStores) as error:
            if error.message not in self.problems:
                self.problems.append(error.message)
            return None


def examine(
    library: Library,
    repair: bool = False,
    deep: bool = False,
    progress: Progress = lambda done, total: None,
) -> Diagnosis:
    """Compare the stores with each other and with the files.

    Args:
        library: The library.
        repair: Whether to register pictures without a record, to delete vectors without a record
            and collections without a model, to make missing thumbnails and vectors, to index files
            with another content again, and to give vectors of earlier versions their fields.
        deep: Whether to check the vectors' numbers and fields, too, and to read every file that is
            not known to be unchanged.
        progress: Called with the numbers of pictures that are done, and of all, in each part of the
            work anew; may raise to end early.

    Raises:
        StrangeStores: A repair is not allowed, as the stores belong to another library.
        StoreUnavailable: A store does not answer during a repair.
        DiskFull, CannotWrite: A file can't be written.
    """
    diagnosis = Diagnosis(trash=trash.count(library))
    if repair:
        _register(library, diagnosis)
        diagnosis.attempt(partial(check_upgrades, library, repair, diagnosis.note))
        repair_paths(library, deep, diagnosis.add_repair)
        _complete(library, diagnosis, progress)
    else:
        diagnosis.attempt(library.identity.require)
        diagnosis.attempt(partial(check_upgrades, library, repair, diagnosis.note))
    if deep:
        diagnosis.attempt(partial(check_fields, library, repair, diagnosis.note))
        diagnosis.attempt(partial(check_vectors, library, repair, diagnosis.note, progress))
    ids = diagnosis.attempt(partial(_check_records, library, deep, diagnosis, progress))
    for model in library.registry.models():
        diagnosis.problems += [reason for reason in (model.reason, model.words_reason) if reason]
        if model.ready and ids is not None:
            diagnosis.attempt(partial(_check_vectors, library, model, ids, repair, diagnosis))
    diagnosis.problems += library.registry.checks.unused()
    diagnosis.attempt(partial(_check_index, library, repair, diagnosis))
    diagnosis.attempt(partial(_check_collections, library, repair, diagnosis))
    diagnosis.attempt(partial(check_copies, library, repair, diagnosis.note))
    messages = diagnosis.repaired if repair else diagnosis.problems
    messages += [recovery.message for recovery in library.recoveries()]
    if repair:
        library.acknowledge_recoveries()
    return diagnosis


def _register(library: Library, diagnosis: Diagnosis) -> None:
    """Write missing records and sidecars; files too damaged for a record are problems."""
    library.has_leftovers = True
    with contextlib.suppress(EmptyStores):  # empty stores have no index either
        library.identity.require()
        _check_index(library, True, diagnosis)
    first = put_in_order(library) or Registration()
    complete = (record.id for record in library.records.all())
    second = register(library, unregistered(library, complete))  # replaces incomplete records
    if count := first.count + second.count:
        diagnosis.add_repair(message("finding.no_record", n=count), message("remedy.registered"))
    for path in second.damaged:
        diagnosis.add_problem(message("finding.damaged_file", path=path))
    count = 0
    with trash.changing(library):
        for record in library.records.all():
            if _lacks_sidecar(library, record):
                library.sidecars.write(record)
                count += 1
    if count:
        finding = message("finding.no_sidecar", n=count)
        diagnosis.add_repair(finding, message("remedy.written"))


def _lacks_sidecar(library: Library, record: Record) -> bool:
    """Whether a record has no sidecar, or one that differs."""
    return library.sidecars.read(record.id) != record


def _complete(library: Library, diagnosis: Diagnosis, progress: Progress) -> None:
    """Make missing thumbnails and vectors."""
    if count := library.copy_vectors():
        diagnosis.add_repair(message("finding.incomplete", n=count), message("remedy.made"))
    records = (r for r in library.records.all() if not library.thumbnail_path(r.id).exists())
    sources = {source.path: source for source in library.incomplete()}
    sources |= {source.path: source for source in map(original, records)}
    sources.pop("", None)
    report = library.index(sources.values(), lambda done: progress(done, len(sources)))
    count = len(sources) - len(report.skipped)
    if count:
        diagnosis.add_repair(message("finding.incomplete", n=count), message("remedy.made"))


def _check_records(
    library: Library, deep: bool, diagnosis: Diagnosis, progress: Progress
) -> Int64Array:
    """Compare records with files; return the ids of all pictures, ascending: 8 bytes each."""
    ids = np.unique(np.fromiter(library.records.ids(), np.int64))
    diagnosis.pictures = len(ids)
    broken: list[int] = []
    without_thumbnail = without_sidecar = without_path = 0
    for number, part in enumerate(chunks(ids.tolist(), PART)):
        progress(number * PART, len(ids))
        records = [record for record in library.records.get(part) if record is not None]
        if len(records) < len(part):
            broken += {*part} - {record.id for record in records}
        for record in records:
            without_thumbnail += not library.thumbnail_path(record.id).exists()
            without_sidecar += _lacks_sidecar(library, record)
            without_path += not record.path
    without_record = unregistered(library, np.setdiff1d(ids, broken).tolist())
    for finding in (
        message("finding.broken_records", n=len(broken)),
        message("finding.no_thumbnail", n=without_thumbnail),
        message("finding.stale_sidecar", n=without_sidecar),
        message("finding.unregistered", n=len(without_record)),
        message("finding.thumbnail_only", n=without_path),
    ):
        if finding.params["n"]:
            diagnosis.add_problem(finding)
    for finding in path_problems(library, deep):
        diagnosis.add_problem(finding)
    return ids


def _check_index(library: Library, repair: bool, diagnosis: Diagnosis) -> None:
    if wrong := library.records.check_index(repair) + library.records.check_paths(repair):
        finding = message("finding.stale_index", n=wrong)
        diagnosis.note(repair, finding, message("remedy.written"))


def _check_vectors(
    library: Library, model: Model, ids: Int64Array, repair: bool, diagnosis: Diagnosis
) -> None:
    """Compare a model's vectors with the ids of all pictures."""
    name, collection = model.name, model.collection
    vectors = library.vectors.id_array(collection)
    orphans, missing = np.setdiff1d(vectors, ids), np.setdiff1d(ids, vectors)
    if len(orphans):
        if repair:
            library.vectors.delete(collection, orphans.tolist())
        finding = message("finding.orphan_vectors", model=name, n=len(orphans))
        diagnosis.note(repair, finding, message("remedy.deleted"))
    # A model without a network needs the vectors of its file only.
    lacking = missing if model.embeds else library.vector_models.missing(model, missing)
    if len(lacking):
        diagnosis.add_problem(message("finding.no_vector", model=name, n=len(lacking)))
    diagnosis.models[name] = {
        "vectors": len(vectors) - (len(orphans) if repair else 0),
        "missing": len(missing),
        "orphans": 0 if repair else len(orphans),
    }


def _check_collections(library: Library, repair: bool, diagnosis: Diagnosis) -> None:
    current = {model.collection.name for model in library.registry.ready()}
    for name in library.vectors.names():
        # Other applications may share a Milvus server: only the private one is checked, and there
        # only collections with a name of this program's form.
        if name in current or not COLLECTION_NAME.fullmatch(name) or library.settings.milvus_uri:
            continue
        if repair:
            library.vectors.drop(name)
        finding = message("finding.orphan_collection", name=name)
        diagnosis.note(repair, finding, message("remedy.dropped"))
