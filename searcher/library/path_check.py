"""Compare the paths in the records with the files, and put them in order without a deletion."""

from collections.abc import Callable
from dataclasses import dataclass, field

from searcher.images.presence import presence_of
from searcher.images.sources import Source
from searcher.indexing.prefetch import chunks
from searcher.library.contents import Contents
from searcher.library.core import Library
from searcher.library.removal import lose_paths
from searcher.messages.message import Message, message
from searcher.stores.records import Record

PART = 1000  # records that are compared at a time


@dataclass
class PathCheck:
    """What is wrong with the paths of the pictures.

    Attributes:
        other: Paths of files that have another content than their picture.
        gone: The paths of deleted files by picture id, of pictures that have other files.
        without_file: Pictures that have paths, and no file that exists.
    """

    other: list[str] = field(default_factory=list)
    gone: dict[int, set[str]] = field(default_factory=dict)
    without_file: list[Record] = field(default_factory=list)


def compare_paths(library: Library, deep: bool = False) -> PathCheck:
    """Compare the paths of all pictures with the files.

    Args:
        library: The library.
        deep: Whether to read all files whose content can't be known otherwise: those that were
            indexed by an earlier version.

    Raises:
        StoreUnavailable: Redis does not answer.
    """
    result = PathCheck()
    for part in chunks(library.records.all(), PART):
        contents = Contents(library, part, deep)
        for record in part:
            presences = {path: presence_of(path) for path in record.paths}
            existing = [path for path, presence in presences.items() if presence.exists]
            result.other += [path for path in existing if contents.is_other(record, path)]
            gone = {path for path, presence in presences.items() if presence.is_surely_deleted}
            if record.paths and not existing:
                result.without_file.append(record)
            elif gone:
                result.gone[record.id] = gone
    return result


def repair_paths(
    library: Library, deep: bool, add_repair: Callable[[Message, Message], None]
) -> None:
    """Index files that have another content again, and drop paths of deleted ones.

    Pictures without any file stay as they are; those whose files all have another content are moved
    to the trash.

    Args:
        library: The library.
        deep: See `compare_paths`.
        add_repair: Called with each problem and its remedy.

    Raises:
        StoreUnavailable: A store does not answer.
        DiskFull, CannotWrite: A file can't be written.
    """
    check = compare_paths(library, deep)
    if check.other:
        report = library.index(Source(path) for path in dict.fromkeys(check.other))
        if count := len(check.other) - len(report.skipped):
            add_repair(message("finding.other_content", n=count), message("remedy.indexed"))
    if check.gone:
        for ids in chunks(check.gone, PART):
            lose_paths(library, {picture_id: check.gone[picture_id] for picture_id in ids})
        finding = message("finding.path_gone", n=len(check.gone))
        add_repair(finding, message("remedy.forgotten"))


def path_problems(library: Library, deep: bool) -> list[Message]:
    """Return what is wrong with the paths of the pictures; see `compare_paths`."""
    check = compare_paths(library, deep)
    problems = [
        message("finding.original_gone", path=f"{record.label}/{record.name}")
        for record in check.without_file
    ]
    if check.other:
        problems.append(message("finding.other_content", n=len(check.other)))
    if check.gone:
        problems.append(message("finding.path_gone", n=len(check.gone)))
    return problems
