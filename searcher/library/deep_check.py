"""Damage that can be read: vectors that are not what the model makes of their pictures."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from searcher.errors import BadImage
from searcher.images.pictures import Picture, identify, open_picture
from searcher.images.sources import Source
from searcher.indexing.prefetch import chunks
from searcher.library.core import Library
from searcher.messages.message import Message, message
from searcher.models.embedder import UNIT_TOLERANCE, Embedder
from searcher.models.registry import Model
from searcher.stores.records import Record
from searcher.types import FloatArray

SAMPLE = 32  # pictures that are the same each time, so that two runs can be compared
MORE = 16  # pictures that are others each time
PAGE = 1000
# Euclidean distance between two embeddings of one picture: another processor, another version of
# onnxruntime. Quantised networks differ most; near-duplicates begin at about 0.2.
SAME = 0.05

Note = Callable[[bool, Message, Message], None]  # whether it was mended, the problem, the remedy


@dataclass
class _Sample:
    """What came of embedding some pictures again; ids of those that disagree."""

    looked_at: int = 0
    differ: list[int] = field(default_factory=list)
    not_found: list[int] = field(default_factory=list)


def check_vectors(library: Library, repair: bool, note: Note) -> None:
    """Look at every vector's length, and embed a sample again; problems go to `note`.

    With `repair`, vectors that are not of unit length are deleted and embedded again, and all
    vectors of a model where the sample disagrees. Raises StoreUnavailable.
    """
    ids = list(library.records.ids())
    for model in library.registry.ready():
        wrong = _wrong_lengths(library, model, ids)
        present = library.vectors.present(model.collection, ids) - set(wrong)
        sample = _embed_again(library, model, sorted(present))
        findings = _findings(model.name, wrong, sample)
        if repair:
            if sample.differ or sample.not_found:
                library.vectors.drop(model.collection.name)
            elif wrong:
                library.vectors.delete(model.collection, wrong)
            library.index(library.incomplete())
            again = _wrong_lengths(library, model, wrong)
            if again:
                findings = _findings(model.name, [], sample)
                never = message("finding.never_unit", model=model.name, n=len(again))
                note(False, never, message("remedy.embedded"))
        for finding in findings:
            note(repair, finding, message("remedy.embedded"))


def _findings(model: str, wrong: list[int], sample: _Sample) -> list[Message]:
    """The problems of a model's vectors; none where all are right."""
    size, differ, not_found = sample.looked_at, len(sample.differ), len(sample.not_found)
    findings = []
    if wrong:
        findings.append(message("finding.not_unit", model=model, n=len(wrong)))
    if differ:
        findings.append(message("finding.wrong_vectors", model=model, n=differ, sample=size))
    if not_found:
        findings.append(message("finding.vectors_not_found", model=model, n=not_found, sample=size))
    return findings


def _wrong_lengths(library: Library, model: Model, ids: Iterable[int]) -> list[int]:
    """The ids of vectors that are not finite, or not of unit length."""
    wrong: list[int] = []
    for page in chunks(ids, PAGE):
        there = sorted(library.vectors.present(model.collection, page))
        lengths = np.linalg.norm(library.vectors.fetch(model.collection, there), axis=1)
        is_unit = np.abs(lengths - 1) <= UNIT_TOLERANCE  # False for NaN
        wrong += [picture_id for picture_id, good in zip(there, is_unit, strict=True) if not good]
    return wrong


def _embed_again(library: Library, model: Model, ids: list[int]) -> _Sample:
    sample = _Sample()
    chosen = set(random.Random(0).sample(ids, min(SAMPLE, len(ids))))
    chosen |= set(random.sample(ids, min(MORE, len(ids))))
    _, embedder = library.registry.load(model.name)
    kept = sorted(chosen)
    stored = library.vectors.fetch(model.collection, kept)
    for picture_id, record, vector in zip(kept, library.records.get(kept), stored, strict=True):
        if record is None:
            continue
        sample.looked_at += 1
        if not _agrees(library, embedder, record, vector, stored):
            sample.differ.append(picture_id)
        elif not _is_found(library, model, vector):
            sample.not_found.append(picture_id)
    return sample


def _agrees(
    library: Library, embedder: Embedder, record: Record, vector: FloatArray, others: FloatArray
) -> bool:
    """Whether a vector is that of its picture; True where nothing is left to compare with."""
    if original := _original(record):
        return bool(np.linalg.norm(embedder.embed_picture(original) - vector) <= SAME)
    try:
        small = open_picture(library.thumbnail_path(record.id).read_bytes(), record.name)
    except (OSError, BadImage):
        return True
    # A thumbnail has lost much: it only has to be nearer to its own vector than to most others.
    again = embedder.embed_picture(small)
    distances = np.linalg.norm(others - again, axis=1)
    return bool(np.mean(distances < np.linalg.norm(again - vector)) <= 0.5)


def _original(record: Record) -> Picture | None:
    """The picture as it was indexed; None where its file is gone or another one."""
    try:
        data = Source(record.path).read()
        return open_picture(data, record.name) if identify(data)[0] == record.id else None
    except (OSError, BadImage):
        return None


def _is_found(library: Library, model: Model, vector: FloatArray) -> bool:
    """Whether the index finds a vector by itself; near-duplicates are as good."""
    hits = library.vectors.search(model.collection, vector, 1)
    return bool(hits) and hits[0][1] <= SAME
