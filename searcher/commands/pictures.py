"""Commands about pictures: index, remove, doctor."""

import sys
import time
from argparse import Namespace
from pathlib import Path

from tqdm import tqdm

from searcher import removal
from searcher.commands.output import make_missing_models, print_json, shown
from searcher.doctor import examine
from searcher.ingest import Report
from searcher.library import Library
from searcher.removal import prune
from searcher.sources import find_sources
from searcher.watch import Watch

WATCH_S = 2.0


def index(library: Library, options: Namespace) -> int:
    """Add pictures to the library."""
    make_missing_models(library)
    paths = [Path(path) for path in options.paths]
    if options.watch:
        return _watch(library, paths)
    sources = list(find_sources(paths))
    with tqdm(total=len(sources), unit="picture", disable=None, file=sys.stderr) as bar:

        def advance(done: int) -> None:
            bar.update(done - bar.n)

        report = library.ingest(sources, advance, shard=options.shard)
    pruned = prune(library) if options.prune else 0
    if options.json:
        print_json(report.document() | ({"pruned": pruned} if options.prune else {}))
        return 0
    _print_report(report)
    for name, count in report.embedded.items():
        spent = report.seconds_embedding[name]
        rate = f", {count / spent:.1f} pictures a second" if spent else ""
        print(f"{name}: {count} embedded in {spent:.1f} s{rate}")
    if options.prune:
        print(f"{pruned} forgotten because their file is gone.")
    return 0


def remove(library: Library, options: Namespace) -> int:
    """Take pictures out of the library; the files themselves stay."""
    ids = removal.find(library, options.path, options.label) + options.id
    removed = removal.remove(library, ids)
    if options.json:
        print_json({"removed": removed})
    else:
        print(f"{removed} removed.")
    return 0


def doctor(library: Library, options: Namespace) -> int:
    """Check that files, records and vectors agree."""
    diagnosis = examine(library, repair=options.repair)
    if options.json:
        print_json(diagnosis.document())
    else:
        for line in [*diagnosis.repaired, *diagnosis.problems] or ["Everything agrees."]:
            print(line)
    return 1 if diagnosis.problems else 0


def _watch(library: Library, folders: list[Path]) -> int:
    watch = Watch(library, folders)
    while True:
        if done := watch.step():
            report, removed = done
            _print_report(report)
            print(f"{removed} removed.", flush=True)
        time.sleep(WATCH_S)


def _print_report(report: Report) -> None:
    print(f"{report.added} added, {report.known} known, {len(report.skipped)} skipped.", flush=True)
    for path, reason in report.skipped:
        print(f"skipped {shown(path)}: {reason}", file=sys.stderr)
