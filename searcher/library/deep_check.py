"""Check that stored vectors are those that the model computes for their pictures."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from searcher.errors import BadImage
from searcher.images.pictures import THUMBNAIL_SIZE, Picture, identify, open_picture
from searcher.indexing.prefetch import chunks
from searcher.library.core import Library
from searcher.library.coverage import original
from searcher.messages.message import Message, message
from searcher.models.embedder import Embedder
from searcher.models.registry import Model
from searcher.models.sessions import UNIT_TOLERANCE
from searcher.stores.forms import Form
from searcher.stores.records import Record
from searcher.types import FloatArray

FIXED_SAMPLE = 32  # pictures that are the same in each run, so that two runs can be compared
RANDOM_SAMPLE = 16  # pictures that are others in each run
PAGE = 1000  # vectors that are read at a time
# Largest Euclidean distance between two embeddings of one picture by different processors, or by
# different versions of onnxruntime. Quantised networks differ most; near-duplicates begin at 0.2.
TOLERANCE = 0.05
# The same for pictures that earlier versions decoded at a smaller scale: JPEGs with this long side.
REDUCED_TOLERANCE, REDUCED_SIDE = 0.15, 2 * THUMBNAIL_SIZE

Note = Callable[[bool, Message, Message], None]  # whether it was repaired, the problem, the remedy
Progress = Callable[[int, int], None]  # the numbers of pictures that are done, and of all


@dataclass
class _Sample:
    """The result of embedding a sample of pictures again: ids by problem."""

    size: int = 0
    differing: list[int] = field(default_factory=list)  # vectors that are not their picture's
    unsearchable: list[int] = field(default_factory=list)  # vectors that a search does not return


def check_vectors(
    library: Library, repair: bool, note: Note, progress: Progress = lambda done, total: None
) -> None:
    """Check the length of every vector, and embed a sample of the pictures again.

    The vectors of models without a network are compared with those of their files.

    Args:
        library: The library.
        repair: Whether to compute again the vectors that are not of unit length, and all vectors
            of a model whose sample has a problem.
        note: Called with each problem.
        progress: Called for each model's pictures; may raise to end early.

    Raises:
        StoreUnavailable: A store does not answer.
    """
    ids = list(library.records.ids())
    for model in library.registry.ready():
        if not model.embeds:
            _compare_with_file(library, model, repair, note)
            continue
        wrong = _wrong_lengths(library, model, ids, progress)
        present = library.vectors.present(model.collection, ids) - set(wrong)
        sample = _embed_sample(library, model, sorted(present))
        findings = _findings(model.name, wrong, sample)
        if repair:
            if sample.differing or sample.unsearchable:
                library.vectors.drop(model.collection.name)
            elif wrong:
                library.vectors.delete(model.collection, wrong)
            library.index(library.incomplete())
            persistent = _wrong_lengths(library, model, wrong)
            if persistent:
                findings = _findings(model.name, [], sample)
                finding = message("finding.never_unit", model=model.name, n=len(persistent))
                note(False, finding, message("remedy.embedded"))
        for finding in findings:
            note(repair, finding, message("remedy.embedded"))


def _compare_with_file(library: Library, model: Model, repair: bool, note: Note) -> None:
    wrong = library.vector_models.differing(model)
    if wrong and repair:
        library.vectors.delete(model.collection, wrong)
        library.vector_models.fill(wrong)
    if wrong:
        finding = message("finding.unlike_file", model=model.name, n=len(wrong))
        note(repair, finding, message("remedy.copied_again"))


def _findings(model: str, wrong: list[int], sample: _Sample) -> list[Message]:
    """Return the problems of a model's vectors."""
    size, differing, unsearchable = sample.size, len(sample.differing), len(sample.unsearchable)
    findings = []
    if wrong:
        findings.append(message("finding.not_unit", model=model, n=len(wrong)))
    if differing:
        findings.append(message("finding.wrong_vectors", model=model, n=differing, sample=size))
    if unsearchable:
        findings.append(
            message("finding.vectors_not_found", model=model, n=unsearchable, sample=size)
        )
    return findings


def _wrong_lengths(
    library: Library,
    model: Model,
    ids: Sequence[int],
    progress: Progress = lambda done, total: None,
) -> list[int]:
    """Return the ids of vectors that are not finite, or not of unit length."""
    wrong: list[int] = []
    for number, page in enumerate(chunks(ids, PAGE)):
        progress(number * PAGE, len(ids))
        present = sorted(library.vectors.present(model.collection, page))
        lengths = np.linalg.norm(library.vectors.fetch(model.collection, present), axis=1)
        is_unit = np.abs(lengths - 1) <= UNIT_TOLERANCE  # False for NaN
        wrong += [picture_id for picture_id, good in zip(present, is_unit, strict=True) if not good]
    return wrong


def _embed_sample(library: Library, model: Model, ids: list[int]) -> _Sample:
    sample = _Sample()
    drawn = set(random.Random(0).sample(ids, min(FIXED_SAMPLE, len(ids))))
    drawn |= set(random.sample(ids, min(RANDOM_SAMPLE, len(ids))))
    _, embedder = library.registry.load(model.name)
    drawn_ids = sorted(drawn)
    stored = library.vectors.fetch(model.collection, drawn_ids)
    form = library.vectors.form(model.collection)
    records = library.records.get(drawn_ids)
    for picture_id, record, vector in zip(drawn_ids, records, stored, strict=True):
        if record is None:
            continue
        sample.size += 1
        if not _matches_picture(library, embedder, form, record, vector, stored):
            sample.differing.append(picture_id)
        elif not _is_searchable(library, model, vector):
            sample.unsearchable.append(picture_id)
    return sample


def _matches_picture(
    library: Library,
    embedder: Embedder,
    form: Form,
    record: Record,
    vector: FloatArray,
    sample: FloatArray,
) -> bool:
    """Whether a vector [dim] is that of its picture; True where no file of the picture exists.

    Args:
        library: The library.
        embedder: The model's network.
        form: The form of the stored vectors.
        record: The picture's record.
        vector: The stored vector [dim].
        sample: The stored vectors [N, dim] of the sample, to compare a thumbnail with.
    """
    if original := _original(record):
        is_large = max(original.width, original.height) >= REDUCED_SIDE
        tolerance = REDUCED_TOLERANCE if is_large else TOLERANCE
        embedding = form.rounded(embedder.embed_picture(original)[None])[0]
        return bool(np.linalg.norm(embedding - vector) <= tolerance)
    try:
        small = open_picture(library.thumbnail_path(record.id).read_bytes(), record.name)
    except (OSError, BadImage):
        return True
    # A thumbnail lacks details: it only has to be nearer to its vector than to most other vectors.
    embedding = form.rounded(embedder.embed_picture(small)[None])[0]
    distances = np.linalg.norm(sample - embedding, axis=1)
    return bool(np.mean(distances < np.linalg.norm(embedding - vector)) <= 0.5)


def _original(record: Record) -> Picture | None:
    """Return the picture as it was indexed; None where its file is missing or has changed."""
    try:
        data = original(record).read()
        return open_picture(data, record.name) if identify(data)[0] == record.id else None
    except (OSError, BadImage):
        return None


def _is_searchable(library: Library, model: Model, vector: FloatArray) -> bool:
    """Whether a search with a vector returns it, or that of a near-duplicate."""
    hits = library.vectors.search(model.collection, vector, 1)
    return bool(hits) and hits[0][1] <= TOLERANCE
