"""Commands about pictures: index, remove, doctor."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

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
from searcher.cli.output import print_json, printable, write_missing_models
from searcher.cli.session import open_library

if TYPE_CHECKING:
    from searcher.datasets.hub_dataset import HubDataset
    from searcher.datasets.label_table import Labelling
    from searcher.indexing.report import Report
    from searcher.library.core import Library
    from searcher.library.removal import Pruning
    from searcher.library.trash import Removal


def index(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…")],
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
    json: Json = False,
) -> None:
    """Add pictures: folders, files, .zip archives, or data sets as hf:datasets/OWNER/NAME."""
    part = _read_shard(shard)
    with open_library() as library:
        from searcher.datasets.dataset_address import Selection
        from searcher.library.upkeep import put_in_order

        paths, addresses = split_addresses(paths)
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
            )
            return
        _print_report(report)
        if label_files:
            print(f"{labelling.count} labelled by {' and '.join(p.name for p in label_files)}.")
        for name, count in report.embedded.items():
            seconds = report.seconds_embedding[name]
            rate = f", {count / seconds:.1f} pictures a second" if seconds else ""
            print(f"{name}: {count} embedded in {seconds:.1f} s{rate}")
        if prune:
            print(f"{pruning.removal.count} forgotten because their file is gone.")
            _print_undo(pruning.removal)


def remove(
    ids: Annotated[list[int] | None, typer.Option("--id", metavar="ID…")] = None,
    paths: Annotated[
        list[str] | None,
        typer.Option("--path", metavar="PATH…", help="A file, or a folder with everything in it."),
    ] = None,
    labels: Annotated[list[str] | None, typer.Option("--label", metavar="LABEL…")] = None,
    undo: Annotated[
        str | None,
        typer.Option(metavar="[BATCH]", help="Restore what was removed last, or an earlier batch."),
    ] = None,
    json: Json = False,
) -> None:
    """Move pictures to the trash for a week; files outside the data folder stay."""
    with open_library() as library:
        from searcher.library import trash
        from searcher.library.removal import find
        from searcher.library.upkeep import put_in_order

        put_in_order(library)
        if undo is not None:
            restored = trash.undo(library, undo)
            library.index(library.incomplete())
            if json:
                print_json({"restored": restored})
            else:
                print(f"{restored} restored.")
            return
        removal = trash.remove(library, find(library, paths or [], labels or []) + (ids or []))
        if json:
            print_json({"removed": removal.count, "trash": removal.batch})
        else:
            print(f"{removal.count} removed.")
            _print_undo(removal)


def doctor(
    repair: Annotated[bool, typer.Option("--repair", help="Repair what can be repaired.")] = False,
    deep: Annotated[bool, typer.Option("--deep", help="Check the vectors, too.")] = False,
    adopt_stores: Annotated[
        bool,
        typer.Option(
            "--adopt-stores",
            help="Accept Redis and Milvus as this data folder's, whatever they contain.",
        ),
    ] = False,
    rebuild: Annotated[
        bool,
        typer.Option("--rebuild", help="Fill empty stores from the data folder, and repair."),
    ] = False,
    json: Json = False,
) -> None:
    """Check that files, records and vectors agree; the status is 1 where they don't."""
    with open_library() as library:
        from searcher.library.doctor import examine

        if adopt_stores:
            library.identity.adopt()
            library.acknowledge_recoveries()  # the user accepts what the stores lack
        if rebuild:
            library.identity.claim()
        diagnosis = examine(library, repair or rebuild, deep)
    if json:
        print_json(diagnosis.document())
    else:
        for line in [*diagnosis.repaired, *diagnosis.problems]:
            print(line)
        if not diagnosis.repaired and not diagnosis.problems:
            print("Everything agrees.")
        if diagnosis.trash:
            print(f"{diagnosis.trash} pictures are in the trash, each for a week.")
    raise typer.Exit(1 if diagnosis.problems else 0)


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

    from searcher.images.sources import find_sources
    from searcher.library.removal import find

    # With --prune, a path of indexed pictures may be missing, as when a disk is not mounted.
    missing = [path for path in paths if prune and not os.path.exists(path)]
    unmounted = [path for path in missing if find(library, [path])]
    files = find_sources(path for path in paths if path not in unmounted)
    sources = list(labelling.label_files(files, paths))
    labelling.require_matches()
    totals = [len(sources), *(dataset.total for dataset in datasets)]
    total = None if None in totals else sum(filter(None, totals))
    with tqdm(total=total, unit="picture", disable=None, file=sys.stderr) as bar:

        def advance(count: int) -> None:
            bar.update(count - bar.n)

        everything = chain(sources, stored(library, datasets, part))
        return library.index(everything, advance, shard=part)


def _prune(library: "Library", paths: list[Path]) -> "Pruning":
    from searcher.library.removal import prune

    return prune(library, paths)


def _watch(library: "Library", folders: list[Path], labelling: "Labelling") -> None:
    from searcher.library.watch import Watch

    watch = Watch(library, folders, labelling)
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


def _print_undo(removal: "Removal") -> None:
    if removal.batch:
        print(f"`remove --undo {removal.batch}` brings them back within a week.")


def _print_report(report: "Report") -> None:
    counts = f"{report.added} added, {report.unchanged} known, {len(report.skipped)} skipped."
    print(counts, flush=True)
    if report.relabelled:
        print(f"{report.relabelled} of the known ones got another label.", flush=True)
    for path, reason in report.skipped:
        print(f"skipped {printable(path)}: {reason}", file=sys.stderr)
