"""The Parquet files of a data set: which split and configuration each belongs to, by its path."""

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from searcher.errors import BadDataset

DEFAULT_SPLIT = "train"
DEFAULT_CONFIGS = ("", "default")
# train-00000-of-00005.parquet, in earlier data sets with a hash behind
_SHARD = re.compile(r"(?P<split>.+)-\d{5}-of-\d{5}(?:-[0-9a-f]+)?")
# What `datasets` takes for the names of splits anywhere in a path (datasets/data_files.py).
_KEYWORDS = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
    "eval": "test",
}
MAX_NAMES = 12  # that an error lists


class ParquetFile(NamedTuple):
    """A file, and what its path says of it."""

    path: str
    config: str
    split: str


def parquet_files(paths: Iterable[str]) -> list[ParquetFile]:
    """Return the Parquet files among the paths of a repository, sorted."""
    return [_classify(path) for path in sorted(paths) if path.lower().endswith(".parquet")]


def choose_files(
    files: Sequence[ParquetFile], repository: str, config: str, split: str
) -> list[ParquetFile]:
    """Return the files of one split, sorted.

    Args:
        files: The Parquet files.
        repository: What errors call the data set.
        config: The configuration; "" for the default one.
        split: The split; "" for `train`, or for the only one.

    Raises:
        BadDataset: There is no such configuration or split, or several to choose from.
    """
    configs = list(dict.fromkeys(file.config for file in files))
    chosen = config if config in configs else None
    if not config:
        defaults = [c for c in DEFAULT_CONFIGS if c in configs]
        chosen = configs[0] if len(configs) == 1 else next(iter(defaults), None)
    if chosen is None:
        names = listed(c for c in configs if c)
        raise BadDataset("dataset.no_config", name=repository, names=names)
    files = [file for file in files if file.config == chosen]
    splits = list(dict.fromkeys(file.split for file in files))
    choices = {split, _KEYWORDS.get(split, split)} if split else {DEFAULT_SPLIT}
    if not split and len(splits) == 1:
        choices = set(splits)
    if matching := [file for file in files if file.split in choices]:
        return matching
    names = listed(splits)
    if split:
        raise BadDataset("dataset.no_split", name=repository, text=split[:80], names=names)
    raise BadDataset("dataset.choose_split", name=repository, names=names)


def listed(names: Iterable[str]) -> str:
    """Return names as a list in a sentence, the first ones if there are many."""
    names = list(names)
    return ", ".join([*names[:MAX_NAMES], *(["…"] if len(names) > MAX_NAMES else [])])


def _classify(path: str) -> ParquetFile:
    *folders, file = PurePosixPath(path).parts
    stem = file[: -len(".parquet")]
    if match := _SHARD.fullmatch(stem):
        split = match["split"]
    elif stem.isdecimal() and folders:
        # The Hub's own conversion: CONFIG/SPLIT/0000.parquet; only the first gigabytes of a large
        # data set are converted, into `partial-SPLIT`.
        split = folders.pop().removeprefix("partial-")
    else:
        words = re.split(r"[^A-Za-z0-9]+", "/".join([*folders, stem]).lower())
        keywords = [_KEYWORDS[word] for word in words if word in _KEYWORDS]
        split = keywords[-1] if keywords else DEFAULT_SPLIT
    is_own = [f.lower() not in ("data", split) and f.lower() not in _KEYWORDS for f in folders]
    config = "/".join(f for f, own in zip(folders, is_own, strict=True) if own)
    return ParquetFile(path, config, split)
