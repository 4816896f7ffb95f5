"""The command index: pictures from files and data sets, and vectors from elsewhere."""

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from searcher.cli.command_job import open_job
from searcher.cli.labelled_sources import (
    Coco,
    Label,
    Labels,
    Limit,
    Split,
    open_datasets,
    read_labelling,
    require_fitting,
    split_addresses,
    stored,
)
from searcher.cli.options import Json
from searcher.cli.output import print_json, print_undo, printable, write_missing_models
from searcher.cli.session import open_library
from searcher.cli.vector_options import (
    Column,
    Force,
    Ids,
    Name,
    Title,
    Vectors,
    add_vectors,
    print_vectors,
    vector_files,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from searcher.datasets.hub_dataset import HubDataset
    from searcher.datasets.label_table import Labelling
    from searcher.images.sources import Source
    from searcher.indexing.report import Progress, Report
    from searcher.library.core import Library
    from searcher.library.removal import Pruning


def index(
    paths: Annotated[list[Path] | None, typer.Argument(metavar="PATH…")] = None,
    shard: Annotated[
        str, typer.Option(metavar="I/N", help="Index the I-th of N parts only.")
    ] = "1/1",
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove pictures in PATH whose file is gone.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Keep running, and follow changes in folders.")
    ] = False,
    split: Split = "",
    limit: Limit = 0,
    label: Label = "",
    coco: Coco = None,
    labels: Labels = None,
    vectors: Vectors = None,
    ids: Ids = "",
    column: Column = "",
    name: Name = "",
    title: Title = "",
    force: Force = False,
    json: Json = False,
) -> None:
    """Add pictures: folders, files, archives, or data sets as hf:datasets/OWNER/NAME.

    With --vectors, make a model of vectors of pictures that are in the library then.
    """
    part = _read_shard(shard)
    files = vector_files(vectors, ids, column, name, title, force)
    if watch and files:
        raise typer.BadParameter("not with --watch", param_hint="--vectors")
    if not paths and files is None:
        raise typer.BadParameter("name what to add", param_hint="PATH…")
    with open_library() as library:
        from searcher.datasets.dataset_address import Selection
        from searcher.images.present_paths import present_path
        from searcher.library.upkeep import put_in_order

        paths, addresses = split_addresses(paths or [])
        paths = [Path(present_path(str(path))) for path in paths]
        selection = Selection(split, limit, label)
        label_files = [path for path in (coco, labels) if path is not None]
        require_fitting(addresses, paths, selection, label_files, watch or prune)
        labelling = read_labelling(coco, labels)
        write_missing_models(library)
        put_in_order(library)
        if watch:
            _watch(library, paths, labelling)
        datasets = open_datasets(addresses, selection)
        report = _add(library, paths, part, prune, labelling, datasets)
        added = add_vectors(library, files, name, force) if files else None
        pruning = _prune(library, paths if prune else [])
        for warning in pruning.warnings:
            print(printable(str(warning)), file=sys.stderr)
        if json:
            pruned = {"pruned": pruning.removal.count, "trash": pruning.removal.batch}
            labelled = {"labelled": labelling.count, "relabelled": report.relabelled}
            taken = {"datasets": [dataset.document() for dataset in datasets]}
            print_json(
                report.document()
                | (pruned if prune else {})
                | (labelled if label_files or datasets else {})
                | (taken if datasets else {})
                | ({"vectors": added} if added else {})
            )
            return
        if paths or addresses:
            _print_report(report)
        if label_files:
            print(f"{labelling.count} labelled by {' and '.join(p.name for p in label_files)}.")
        for model, count in report.embedded.items():
            seconds = report.seconds_embedding[model]
            rate = f", {count / seconds:.1f} pictures a second" if seconds else ""
            print(f"{model}: {count} embedded in {seconds:.1f} s{rate}")
        if prune:
            print(f"{pruning.removal.count} forgotten because their file is gone.")
            print_undo(pruning.removal.batch)
        if added:
            print_vectors(added)


def _add(
    library: "Library",
    paths: list[Path],
    part: tuple[int, int],
    prune: bool,
    labelling: "Labelling",
    datasets: "list[HubDataset]",
) -> "Report":
    from itertools import chain

    from tqdm import tqdm

    from searcher.images.left_out import LeftOut
    from searcher.images.sources import find_sources
    from searcher.indexing.report import Report
    from searcher.indexing.source_list import SourceList
    from searcher.library.removal import find

    if not paths and not datasets:
        return Report()  # no network is loaded
    # With --prune, a path of indexed pictures may be missing, as when a disk is not mounted.
    missing = [path for path in paths if prune and not os.path.exists(path)]
    unmounted = [path for path in missing if find(library, [path])]
    omitted = LeftOut()
    files = find_sources((path for path in paths if path not in unmounted), omitted)
    sources = SourceList(labelling.label_files(files, paths))
    labelling.require_matches()
    names = [os.path.abspath(path) for path in paths] + [f"{d.name}/{d.split}" for d in datasets]
    totals = [len(sources), *(dataset.total for dataset in datasets)]
    total = None if None in totals else sum(filter(None, totals))
    with (
        open_job(library, "job.adding" if paths else "job.adding_dataset", total or 0) as job,
        tqdm(total=total, unit="picture", disable=None, file=sys.stderr) as bar,
    ):

        def advance(count: int) -> None:
            bar.update(count - bar.n)
            job.advance(count, total or 0)

        everything = chain(sources, stored(library, datasets, part))
        if part == (1, 1):
            report = library.index(everything, advance)
        else:
            report = _index_shard(library, everything, advance, part, names, total or 0)
    report.left_out = omitted
    return report


def _index_shard(
    library: "Library",
    sources: "Iterable[Source]",
    advance: "Progress",
    part: tuple[int, int],
    names: list[str],
    total: int,
) -> "Report":
    """Index a part, and let `status` of any process know how far it is."""
    from searcher.library.shard_report import ShardReporter

    reporter = ShardReporter(library.shards, names, part, total)

    def progress(count: int) -> None:
        reporter.seen = count
        advance(count)

    with reporter.reporting():
        return library.index(sources, progress, shard=part, live=reporter.follow)


def _prune(library: "Library", paths: list[Path]) -> "Pruning":
    from searcher.library.removal import prune

    return prune(library, paths)


def _watch(library: "Library", folders: list[Path], labelling: "Labelling") -> None:
    from searcher.library.watch import Watch

    @contextmanager
    def show(count: int) -> "Iterator[Progress]":
        with open_job(library, "job.adding", count) as job:
            yield lambda done: job.advance(done, count)

    watch = Watch(library, folders, labelling, show)
    while True:
        if step := watch.step():
            for warning in step.warnings:
                print(printable(str(warning)), file=sys.stderr)
            _print_report(step.report)
            print(f"{step.removed} removed.", flush=True)
        watch.wait()


def _read_shard(text: str) -> tuple[int, int]:
    number, _, count = text.partition("/")
    if not (number.isdecimal() and count.isdecimal()):
        raise typer.BadParameter("it must be like 1/4", param_hint="--shard")
    if not 1 <= int(number) <= int(count):
        raise typer.BadParameter(
            "the first number must be from 1 to the second", param_hint="--shard"
        )
    return int(number), int(count)


def _print_report(report: "Report") -> None:
    counts = f"{report.added} added, {report.unchanged} known, {len(report.skipped)} skipped."
    print(counts, flush=True)
    if report.relabelled:
        print(f"{report.relabelled} of the known ones got another label.", flush=True)
    if report.replaced:
        print(f"{report.replaced} removed: their files have another content now.", flush=True)
        print_undo(report.trash)
    for path, reason in report.skipped:
        print(f"skipped {printable(path)}: {reason}", file=sys.stderr)
    for sentence in report.left_out.messages():
        print(f"left out: {printable(str(sentence))}", flush=True)
