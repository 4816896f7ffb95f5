"""Check that files, records and vectors agree, and mend what can be mended."""

import re
from dataclasses import dataclass, field

from searcher.deep_check import check_vectors
from searcher.library import Library
from searcher.sources import Source
from searcher.stores.schema import Collection
from searcher.uploads import orphans, sweep

ORPHAN = re.compile(r"\w+_[0-9a-f]{8}")


@dataclass
class Diagnosis:
    """What was found; `problems` are those that are left after the repair."""

    pictures: int = 0
    models: dict[str, dict[str, int]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)

    def document(self) -> dict[str, object]:
        """The `--json` document of `doctor`."""
        return dict(self.__dict__)

    def note(self, repaired: bool, problem: str, remedy: str) -> None:
        """Keep a problem, or what was done about it."""
        if repaired:
            self.repaired.append(f"{problem}: {remedy}.")
        else:
            self.problems.append(f"{problem}.")


def examine(library: Library, repair: bool = False, deep: bool = False) -> Diagnosis:
    """Compare the stores with each other and with the files.

    With `repair`, vectors without a record and collections without a model are deleted, and what
    is missing is made again from the originals; a picture whose original is gone stays a problem.
    With `deep`, the vectors themselves are looked at.
    """
    diagnosis = Diagnosis()
    if repair:
        _make_missing(library, diagnosis)
    if deep:
        check_vectors(library, repair, diagnosis.note)
    ids = list(library.records.ids())
    known = set(ids)
    diagnosis.pictures = len(ids)
    _check_records(library, ids, diagnosis)
    for model in library.zoo.models():
        if model.ready:
            _check_vectors(library, model.name, model.collection, known, repair, diagnosis)
        else:
            diagnosis.problems.append(model.reason)
    _check_collections(library, repair, diagnosis)
    if left := sweep(library) if repair else len(orphans(library)):
        diagnosis.note(repair, f"{left} files belong to no picture", "deleted")
    return diagnosis


def _make_missing(library: Library, diagnosis: Diagnosis) -> None:
    records = library.records.get(list(library.records.ids()))
    without = [r.path for r in records if r and not library.thumbnail_path(r.id).exists()]
    sources = {source.path: source for source in library.incomplete()}
    sources |= {path: Source(path) for path in without}
    report = library.ingest(sources.values())
    made = len(sources) - len(report.skipped)
    if made:
        diagnosis.repaired.append(f"{made} pictures lacked vectors or thumbnails: made again.")


def _check_records(library: Library, ids: list[int], diagnosis: Diagnosis) -> None:
    records = library.records.get(ids)
    broken = sum(record is None for record in records)
    lost = [r for r in records if r and not Source(r.path).exists()]
    bare = [r for r in records if r and not library.thumbnail_path(r.id).exists()]
    if broken:
        diagnosis.problems.append(f"{broken} records are missing or incomplete.")
    if bare:
        diagnosis.problems.append(f"{len(bare)} pictures have no thumbnail.")
    for record in lost:
        diagnosis.problems.append(f"{record.label}/{record.name}: the original file is gone.")


def _check_vectors(
    library: Library,
    name: str,
    collection: Collection,
    known: set[int],
    repair: bool,
    diagnosis: Diagnosis,
) -> None:
    vectors = set(library.vectors.ids(collection))
    orphans = vectors - known
    missing = known - vectors
    if orphans:
        if repair:
            library.vectors.delete(collection, sorted(orphans))
        diagnosis.note(repair, f"{name}: {len(orphans)} vectors have no record", "deleted")
    if missing:
        diagnosis.problems.append(f"{name}: {len(missing)} pictures have no vector.")
    diagnosis.models[name] = {
        "vectors": len(vectors - orphans if repair else vectors),
        "missing": len(missing),
        "orphans": 0 if repair else len(orphans),
    }


def _check_collections(library: Library, repair: bool, diagnosis: Diagnosis) -> None:
    current = {model.collection.name for model in library.zoo.ready()}
    for name in library.vectors.names():
        # Other applications may share a Milvus server: only names of our own kind are judged,
        # and only those in the embedded store are dropped.
        if name in current or not ORPHAN.fullmatch(name) or library.settings.milvus_uri:
            continue
        if repair:
            library.vectors.drop(name)
        diagnosis.note(repair, f"The collection {name} belongs to no model file", "dropped")
