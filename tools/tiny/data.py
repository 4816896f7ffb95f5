"""Decoded pictures and the teacher's vectors on disk, so that neither is ever made twice.

Both lie in memory-mapped .npy files, one row a picture file: memory stays bounded however many
there are. A run that was cut off goes on at the chunk of files it was at.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from searcher.embedding import BATCH, Embedder
from searcher.errors import BadImage, BadSource
from searcher.images import UInt8Array, model_input
from searcher.sources import Source
from tools.pictures import read

CHUNK = 32 * BATCH  # files between two entries in the cache's progress
PROGRESS = "progress.json"


@dataclass(frozen=True)
class TrainingSet:
    """What there is to learn from. Rows of files that could not be read are in none of `rows`."""

    pictures: UInt8Array  # [files, size, size, 3]
    vectors: npt.NDArray[np.float16]  # [files, T], the teacher's
    labels: npt.NDArray[np.int64]  # [files], numbers into `kinds`
    rows: npt.NDArray[np.int64]
    kinds: list[str]
    key: str  # changes with the pictures, their size and the teacher


@dataclass
class _Progress:
    """How far a cache is filled, kept beside it."""

    key: str
    done: int = 0
    skipped: dict[int, str] = field(default_factory=dict)  # row -> reason


Labelled = list[tuple[Source, str]]
Inputs = list[tuple[int, UInt8Array, UInt8Array]]  # row, for the network, for the teacher


def fingerprint(folder: Path, sources: Labelled, teacher: Embedder, size: int) -> str:
    """A digest that changes with any of these: which files, their state, the teacher, the size."""
    digest = hashlib.sha256(f"{size} {len(sources)}".encode())
    with teacher.path.open("rb") as file:
        digest.update(hashlib.file_digest(file, "sha256").digest())
    for source, _ in sources:
        digest.update(os.fsencode(os.path.relpath(source.path, folder)) + b"\0")
        with suppress(OSError):  # then it is skipped later on, with this reason
            status = os.stat(source.path)
            digest.update(f"{status.st_size} {status.st_mtime_ns}".encode())
    return digest.hexdigest()


def prepare(sources: Labelled, key: str, teacher: Embedder, size: int, cache: Path) -> TrainingSet:
    """Decode and embed what `cache` does not hold yet; bad files are skipped, with the reason.

    `key` is their fingerprint: a cache of another is begun anew. Raises BadSource where no
    picture can be read, or none of a second label.
    """
    _check_kinds({label for _, label in sources})
    progress = _load_progress(cache, key)
    cache.mkdir(parents=True, exist_ok=True)
    mode = "r+" if progress.done else "w+"
    if not progress.done:  # what it says must never outlive the files it speaks of
        (cache / PROGRESS).unlink(missing_ok=True)
    pictures = np.lib.format.open_memmap(
        cache / "pictures.npy", mode, np.uint8, (len(sources), size, size, 3)
    )
    vectors = np.lib.format.open_memmap(
        cache / "vectors.npy", mode, np.float16, (len(sources), teacher.dim)
    )
    with tqdm(
        desc="teacher", total=len(sources), initial=progress.done, unit="picture", disable=None
    ) as bar:
        for row, inputs in _decoded(sources, teacher, size, progress):
            if inputs:
                rows, small, large = (np.stack(part) for part in zip(*inputs, strict=True))
                pictures[rows] = small
                vectors[rows] = teacher.embed_many(large)
            pictures.flush()
            vectors.flush()
            progress.done = row
            _save_progress(cache, progress)
            bar.update(row - bar.n)

    rows = np.array([r for r in range(len(sources)) if r not in progress.skipped], np.int64)
    if not len(rows):
        reason = next(iter(progress.skipped.values()))
        raise BadSource(f"None of the {len(sources)} pictures can be read; the first: {reason}")
    kinds = sorted({sources[row][1] for row in rows})
    _check_kinds(set(kinds))
    number = {kind: n for n, kind in enumerate(kinds)}
    labels = np.array([number.get(label, -1) for _, label in sources], np.int64)
    return TrainingSet(pictures, vectors, labels, rows, kinds, key)


def _decoded(
    sources: Labelled, teacher: Embedder, size: int, progress: _Progress
) -> Iterator[tuple[int, Inputs]]:
    """Yield, chunk by chunk, the row after its last and what of it could be decoded."""

    def decode(source: Source) -> tuple[UInt8Array, UInt8Array] | BadImage:
        try:
            picture = read(source)
        except BadImage as error:
            return error
        large = model_input(picture, teacher.height, teacher.width)
        return model_input(picture, size, size), large

    with ThreadPoolExecutor(os.cpu_count() or 1, "decode") as pool:
        for start in range(progress.done, len(sources), CHUNK):
            chunk = [source for source, _ in sources[start : start + CHUNK]]
            inputs: Inputs = []
            for row, result in enumerate(pool.map(decode, chunk), start):
                if isinstance(result, BadImage):
                    progress.skipped[row] = str(result)
                    tqdm.write(f"skipped: {result}", sys.stderr)
                else:
                    inputs.append((row, *result))
            yield start + len(chunk), inputs


def _check_kinds(kinds: set[str]) -> None:
    if len(kinds) == 1:
        raise BadSource(
            f"All pictures have the label {kinds.pop()}; at least two kinds are needed, each in a "
            "folder of its own."
        )


def _load_progress(cache: Path, key: str) -> _Progress:
    try:
        stored = json.loads((cache / PROGRESS).read_text())
    except (OSError, ValueError):
        return _Progress(key)
    if stored["key"] != key:
        return _Progress(key)
    skipped = {int(row): reason for row, reason in stored["skipped"].items()}
    return _Progress(key, stored["done"], skipped)


def _save_progress(cache: Path, progress: _Progress) -> None:
    part = cache / f"{PROGRESS}.part"
    part.write_text(json.dumps(progress.__dict__))
    os.replace(part, cache / PROGRESS)
