"""Options of `index` about labels and data sets of the Hub."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from searcher.cli.output import announce, printable

if TYPE_CHECKING:
    from searcher.datasets.dataset_address import DatasetReference, Selection
    from searcher.datasets.hub_dataset import HubDataset
    from searcher.datasets.label_table import Labelling
    from searcher.images.sources import Source
    from searcher.library.core import Library

MB = 2**20
HUB = "a data set of the Hub, hf:datasets/OWNER/NAME"

Split = Annotated[str, typer.Option(metavar="NAME", help="Of data sets: the split, or train.")]
Limit = Annotated[int, typer.Option(metavar="N", min=0, help="Of data sets: the first N rows.")]
Label = Annotated[
    str, typer.Option(metavar="COLUMN", help="Of data sets: the column of labels, or label.")
]
Coco = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Labels from COCO JSON: the largest object's category."),
]
Labels = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Labels from CSV: a path and a label a line.")
]


def split_addresses(paths: Iterable[Path]) -> "tuple[list[Path], list[DatasetReference]]":
    """Return the paths, and the data sets that were named instead of paths.

    Raises:
        BadDataset: An address is malformed.
    """
    from searcher.datasets.dataset_address import parse_reference
    from searcher.hub_access.hub_address import is_hub_address

    texts = [(path, path.as_posix()) for path in paths]
    addresses = [parse_reference(text) for _, text in texts if is_hub_address(text)]
    return [path for path, text in texts if not is_hub_address(text)], addresses


def require_fitting(
    addresses: "Sequence[DatasetReference]",
    paths: Sequence[Path],
    selection: "Selection",
    labels: Sequence[Path],
    folders_only: bool,
) -> None:
    """Refuse options that do not fit what is indexed.

    Raises:
        typer.BadParameter: One does not fit.
    """
    given = {"--split": selection.split, "--limit": selection.limit, "--label": selection.label}
    if not addresses and (names := [name for name, value in given.items() if value]):
        raise typer.BadParameter(f"it is about {HUB}", param_hint=names[0])
    if not paths and labels:
        raise typer.BadParameter(
            "they give labels to folders, files or archives", param_hint="--coco, --labels"
        )
    if addresses and folders_only:
        raise typer.BadParameter(f"they are not about {HUB}", param_hint="--watch, --prune")


def read_labelling(coco: Path | None, labels: Path | None) -> "Labelling":
    """Read the files of `--coco` and `--labels`; the latter has precedence.

    Raises:
        BadLabels: One can't be read or is malformed.
    """
    from searcher.datasets.coco import read_coco
    from searcher.datasets.csv_labels import read_csv
    from searcher.datasets.label_table import Labelling, read_table

    files = [(coco, read_coco), (labels, read_csv)]
    return Labelling(read_table(path, read) for path, read in files if path is not None)


def open_datasets(
    addresses: "Iterable[DatasetReference]", selection: "Selection"
) -> "list[HubDataset]":
    """Look up data sets, download the first file of each, and print what is taken of it.

    Raises:
        BadDataset: One can't be reached, or lacks what is selected.
    """
    if not addresses:
        return []
    from searcher.datasets.hub_dataset import HubDataset

    datasets = [HubDataset(address, selection, _DownloadBar()) for address in addresses]
    for dataset in datasets:
        columns = dataset.columns
        labels = f"labels from {columns.label}" if columns.label else "no labels"
        announce(
            f"{dataset.name} at {dataset.commit[:12]}: split {dataset.split}, pictures from "
            f"{columns.picture}, {labels}."
        )
        if columns.others and not selection.label:
            announce(f"--label takes another column: {printable(', '.join(columns.others))}.")
    return datasets


def stored(
    library: "Library", datasets: "Iterable[HubDataset]", shard: tuple[int, int]
) -> "Iterator[Source]":
    """Yield the pictures of data sets, after storing each in the data folder."""
    from searcher.library.dataset_import import stored_sources

    return chain.from_iterable(stored_sources(library, dataset, shard) for dataset in datasets)


class _DownloadBar:
    """Draws a bar on a terminal while a file is downloaded."""

    def __init__(self) -> None:
        self._bar: Any = None

    def __call__(self, done: int, total: int) -> None:
        from tqdm import tqdm

        if self._bar is None:
            self._bar = tqdm(
                total=total, unit="B", unit_scale=True, disable=None, file=sys.stderr, leave=False
            )
        self._bar.update(done - self._bar.n)
        if done >= total:
            self._bar.close()
            self._bar = None
