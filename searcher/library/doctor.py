"""Check that files, records, indexes and vectors agree, mend what can be; delete no file."""

import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from searcher.errors import EmptyStores, StoreUnavailable, StrangeStores
from searcher.images.sources import Source
from searcher.library import trash
from searcher.library.core import Library
from searcher.library.deep_check import check_vectors
from searcher.library.registration import Registration, register, unregistered
from searcher.library.upkeep import put_in_order
from searcher.messages.message import Message, message
from searcher.models.registry import Model
from searcher.stores.records import Record

T = TypeVar("T")

ORPHAN = re.compile(r"\w+_[0-9a-f]{8}")


@dataclass
class Diagnosis:
    """What was found; `problems` are those that are left after the repair.

    `trash` is how many pictures are in it, which is no problem.
    """

    pictures: int = 0
    models: dict[str, dict[str, int]] = field(default_factory=dict)
    problems: list[Message] = field(default_factory=list)
    repaired: list[Message] = field(default_factory=list)
    trash: int = 0

    def document(self) -> dict[str, object]:
        """The `--json` document of `doctor`."""
        sentences = {
            "problems": [str(problem) for problem in self.problems],
            "repaired": [str(repair) for repair in self.repaired],
        }
        return self.__dict__ | sentences

    def note(self, repaired: bool, finding: Message, remedy: Message) -> None:
        """Keep a problem, or what was done about it."""
        if repaired:
            self.add_repair(finding, remedy)
        else:
            self.add_problem(finding)

    def add_repair(self, finding: Message, remedy: Message) -> None:
        """Keep what was done about a problem."""
        self.repaired.append(message("doctor.repaired", finding=finding, remedy=remedy))

    def add_problem(self, finding: Message) -> None:
        """Keep a problem that stays."""
        self.problems.append(message("doctor.problem", finding=finding))

    def attempt(self, check: Callable[[], T]) -> T | None:
        """Run a check; where a store can't be asked, that is a problem, and the others go on."""
        try:
            return check()
        except (StoreUnavailable, StrangeStores) as error:
            if error.message not in self.problems:
                self.problems.append(error.message)
            return None


def examine(library: Library, repair: bool = False, deep: bool = False) -> Diagnosis:
    """Compare the stores with each other and with the files.

    With `repair`, pictures without a record are registered again, vectors without a record and
    collections without a model are deleted, and what is missing is made again from the originals.
    With `deep`, the vectors themselves are looked at.
    Raises StrangeStores, StoreUnavailable, DiskFull and CannotWrite where that can't be done.
    """
    diagnosis = Diagnosis(trash=trash.count(library))
    if repair:
        _register(library, diagnosis)
        _make_missing(library, diagnosis)
    else:
        diagnosis.attempt(library.identity.require)
    if deep:
        diagnosis.attempt(partial(check_vectors, library, repair, diagnosis.note))
    known = diagnosis.attempt(partial(_check_records, library, diagnosis))
    for model in library.registry.models():
        if model.reason:
            diagnosis.problems.append(model.reason)
        elif known is not None:
            diagnosis.attempt(partial(_check_vectors, library, model, known, repair, diagnosis))
    diagnosis.attempt(partial(_check_index, library, repair, diagnosis))
    diagnosis.attempt(partial(_check_collections, library, repair, diagnosis))
    done = diagnosis.repaired if repair else diagnosis.problems
    done += [recovery.message for recovery in library.recoveries()]
    if repair:
        library.acknowledge_recoveries()
    return diagnosis


def _register(library: Library, diagnosis: Diagnosis) -> None:
    """Write the records and sidecars that are missing, and name the files that tell none."""
    library.has_leftovers = True
    with contextlib.suppress(EmptyStores):  # which have no index either
        library.identity.require()
        _check_index(library, True, diagnosis)
    done = put_in_order(library) or Registration()
    records = [record.id for record in library.records.all()]
    more = register(library, unregistered(library, records))  # of records that are incomplete
    if count := done.count + more.count:
        diagnosis.add_repair(message("finding.no_record", n=count), message("remedy.registered"))
    for path in more.damaged:
        diagnosis.add_problem(message("finding.damaged_file", path=path))
    with trash.changing(library):
        stale = [record for record in library.records.all() if _lacks_sidecar(library, record)]
        for record in stale:
            library.sidecars.write(record)
    if stale:
        diagnosis.add_repair(message("finding.no_sidecar", n=len(stale)), message("remedy.written"))


def _lacks_sidecar(library: Library, record: Record) -> bool:
    """Whether the record could not be made again, or not as it is."""
    return library.sidecars.read(record.id) != record


def _make_missing(library: Library, diagnosis: Diagnosis) -> None:
    records = [r for r in library.records.all() if not library.thumbnail_path(r.id).exists()]
    sources = {source.path: source for source in library.incomplete()}
    sources |= {record.path: Source(record.path) for record in records}
    sources.pop("", None)
    report = library.index(sources.values())
    made = len(sources) - len(report.skipped)
    if made:
        diagnosis.add_repair(message("finding.incomplete", n=made), message("remedy.made"))


def _check_records(library: Library, diagnosis: Diagnosis) -> set[int]:
    """Compare records and files; return the ids of all pictures."""
    ids = list(library.records.ids())
    diagnosis.pictures = len(ids)
    records = [record for record in library.records.get(ids) if record is not None]
    problem = diagnosis.add_problem
    if broken := len(ids) - len(records):
        problem(message("finding.broken_records", n=broken))
    bare = sum(not library.thumbnail_path(record.id).exists() for record in records)
    if bare:
        problem(message("finding.no_thumbnail", n=bare))
    if stale := sum(_lacks_sidecar(library, record) for record in records):
        problem(message("finding.stale_sidecar", n=stale))
    if strays := len(unregistered(library, [record.id for record in records])):
        problem(message("finding.unregistered", n=strays))
    if unknown := sum(not record.path for record in records):
        problem(message("finding.thumbnail_only", n=unknown))
    for record in records:
        if record.path and not Source(record.path).exists():
            path = f"{record.label}/{record.name}"
            problem(message("finding.original_gone", path=path))
    return set(ids)


def _check_index(library: Library, repair: bool, diagnosis: Diagnosis) -> None:
    if wrong := library.records.check_index(repair):
        finding = message("finding.stale_index", n=wrong)
        diagnosis.note(repair, finding, message("remedy.written"))


def _check_vectors(
    library: Library, model: Model, known: set[int], repair: bool, diagnosis: Diagnosis
) -> None:
    name, collection = model.name, model.collection
    vectors = set(library.vectors.ids(collection))
    orphans = vectors - known
    missing = known - vectors
    if orphans:
        if repair:
            library.vectors.delete(collection, sorted(orphans))
        finding = message("finding.orphan_vectors", model=name, n=len(orphans))
        diagnosis.note(repair, finding, message("remedy.deleted"))
    if missing:
        diagnosis.add_problem(message("finding.no_vector", model=name, n=len(missing)))
    diagnosis.models[name] = {
        "vectors": len(vectors - orphans if repair else vectors),
        "missing": len(missing),
        "orphans": 0 if repair else len(orphans),
    }


def _check_collections(library: Library, repair: bool, diagnosis: Diagnosis) -> None:
    current = {model.collection.name for model in library.registry.ready()}
    for name in library.vectors.names():
        # Other applications may share a Milvus server: only names of our own kind are judged,
        # and only those in the embedded store are dropped.
        if name in current or not ORPHAN.fullmatch(name) or library.settings.milvus_uri:
            continue
        if repair:
            library.vectors.drop(name)
        finding = message("finding.orphan_collection", name=name)
        diagnosis.note(repair, finding, message("remedy.dropped"))
