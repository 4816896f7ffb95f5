"""Add pictures of a data set of the Hub to the library, which keeps them as it keeps uploads."""

from collections.abc import Iterator
from dataclasses import replace

from searcher.datasets.hub_dataset import HubDataset
from searcher.images.sources import Source
from searcher.indexing.report import Progress, Report, Shard, Stop
from searcher.indexing.shard_files import ShardFiles
from searcher.library.core import Library
from searcher.library.uploads import store_picture


def add_dataset(
    library: Library,
    dataset: HubDataset,
    progress: Progress = lambda count: None,
    stop: Stop = lambda: False,
) -> Report:
    """Store and index the pictures of a data set.

    Pictures of the library that have another label in the data set get that label.

    Args:
        library: The library.
        dataset: The data set.
        progress: Called with the number of rows processed so far.
        stop: Asked after each chunk of pictures whether to end early.

    Raises:
        BadDataset: A file of the data set can't be downloaded.
        StrangeStores: The stores belong to another library.
        StoreUnavailable: A store does not answer.
        DiskFull, CannotWrite: A file can't be written.
    """
    library.identity.require()  # before the first file is stored
    dataset.columns  # noqa: B018 (errors that concern all of it come first)
    report = library.index(stored_sources(library, dataset), progress, stop)
    report.stopped = report.stopped or stop()
    return report


def stored_sources(
    library: Library, dataset: HubDataset, shard: Shard = (1, 1)
) -> Iterator[Source]:
    """Store the pictures of a data set, a share of them, and yield their sources.

    The others are not even decoded; their sources only count.

    Raises:
        BadDataset: A file of the data set can't be downloaded.
        DiskFull, CannotWrite: A file can't be written.
    """
    own = ShardFiles(shard)
    for source in dataset.sources():
        if own.takes(source):
            yield replace(store_picture(library, source), is_own=True)
        else:
            yield Source(source.name, is_own=False)
