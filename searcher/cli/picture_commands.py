"""Commands about pictures: index, remove, doctor."""

import os
import sys
from argparse import Namespace
from pathlib import Path

from tqdm import tqdm

from searcher.cli.output import make_missing_baselines, print_json, shown
from searcher.images.sources import find_sources
from searcher.indexing.report import Report
from searcher.library import trash
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.library.removal import find, prune
from searcher.library.upkeep import put_in_order
from searcher.library.watch import Watch


def index(library: Library, options: Namespace) -> int:
    """Add pictures to the library."""
    make_missing_baselines(library)
    put_in_order(library)
    paths = [Path(path) for path in options.paths]
    if options.watch:
        return _watch(library, paths)
    # With --prune, a place of which pictures are known may be away for now.
    missing = [path for path in paths if options.prune and not os.path.exists(path)]
    away = [path for path in missing if find(library, [path])]
    sources = list(find_sources(path for path in paths if path not in away))
    with tqdm(total=len(sources), unit="picture", disable=None, file=sys.stderr) as bar:

        def advance(done: int) -> None:
            bar.update(done - bar.n)

        report = library.index(sources, advance, shard=options.shard)
    pruning = prune(library, paths if options.prune else [])
    _warn(pruning.warnings)
    if options.json:
        pruned = {"pruned": pruning.removal.count, "trash": pruning.removal.batch}
        print_json(report.document() | (pruned if options.prune else {}))
        return 0
    _print_report(report)
    for name, count in report.embedded.items():
        spent = report.seconds_embedding[name]
        rate = f", {count / spent:.1f} pictures a second" if spent else ""
        print(f"{name}: {count} embedded in {spent:.1f} s{rate}")
    if options.prune:
        print(f"{pruning.removal.count} forgotten because their file is gone.")
        _print_undo(pruning.removal)
    return 0


def remove(library: Library, options: Namespace) -> int:
    """Take pictures out of the library, for a week into its trash; files indexed elsewhere stay."""
    put_in_order(library)
    if options.undo is not None:
        restored = trash.undo(library, options.undo)
        library.index(library.incomplete())
        if options.json:
            print_json({"restored": restored})
        else:
            print(f"{restored} restored.")
        return 0
    ids = find(library, options.path, options.label) + options.id
    removal = trash.remove(library, ids)
    if options.json:
        print_json({"removed": removal.count, "trash": removal.batch})
    else:
        print(f"{removal.count} removed.")
        _print_undo(removal)
    return 0


def doctor(library: Library, options: Namespace) -> int:
    """Check that files, records and vectors agree."""
    if options.adopt_stores:
        library.identity.adopt()
        library.acknowledge_recoveries()  # what is missing there was looked at, and is taken so
    if options.rebuild:
        library.identity.claim()
    diagnosis = examine(library, options.repair or options.rebuild, options.deep)
    if options.json:
        print_json(diagnosis.document())
    else:
        for line in [*diagnosis.repaired, *diagnosis.problems] or ["Everything agrees."]:
            print(line)
        if diagnosis.trash:
            print(f"{diagnosis.trash} pictures are in the trash, each for a week.")
    return 1 if diagnosis.problems else 0


def _watch(library: Library, folders: list[Path]) -> int:
    watch = Watch(library, folders)
    while True:
        if done := watch.step():
            _warn(done.warnings)
            _print_report(done.report)
            print(f"{done.removed} removed.", flush=True)
        watch.wait()


def _warn(warnings: list[str]) -> None:
    for warning in warnings:
        print(shown(warning), file=sys.stderr)


def _print_undo(removal: trash.Removal) -> None:
    if removal.batch:
        print(f"`remove --undo {removal.batch}` brings them back within a week.")


def _print_report(report: Report) -> None:
    print(f"{report.added} added, {report.known} known, {len(report.skipped)} skipped.", flush=True)
    for path, reason in report.skipped:
        print(f"skipped {shown(path)}: {reason}", file=sys.stderr)
