"""Chunks of files as they pass from one stage of the pipeline to the next."""

from collections.abc import Sequence, Set
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import chain

import numpy as np

from searcher.images.sources import Source
from searcher.indexing.prepare import Prepared, Raw
from searcher.models.registry import Model
from searcher.stores.records import Record
from searcher.types import FloatArray


@dataclass(frozen=True)
class Plan:
    """A chunk of files: the records that the library has of them, and their decoding."""

    files: list[Raw | None]  # those that were read; None for others
    ids: Set[int]
    unchanged: int  # pictures of the library that need nothing
    stored: dict[int, Record | None]
    jobs: list[tuple[Source, Future[Prepared]]]

    @classmethod
    def of_known(cls, ids: Sequence[int]) -> "Plan":
        """Return the plan of known files by the ids of their pictures; 0 for another shard's."""
        own = list(filter(None, ids))
        return cls([None] * len(ids), set(own), len(own), {}, [])


@dataclass(frozen=True)
class EmbeddedChunk:
    """A chunk with its vectors: all that is to be written."""

    plan: Plan
    prepared: list[Prepared]
    new: list[Record]
    located: list[Record]  # pictures of the library whose record had no path before
    unchanged: int  # pictures of the library
    vectors: list[tuple[Model, list[int], FloatArray]]

    def __len__(self) -> int:
        """The number of its files."""
        return len(self.plan.files)


def joined(chunks: Sequence[EmbeddedChunk]) -> EmbeddedChunk:
    """Return several chunks as one, which takes fewer requests to write."""
    if len(chunks) == 1:
        return chunks[0]
    plans = [chunk.plan for chunk in chunks]
    plan = Plan(
        [raw for plan in plans for raw in plan.files],
        frozenset().union(*(plan.ids for plan in plans)),
        sum(plan.unchanged for plan in plans),
        {id: record for plan in plans for id, record in plan.stored.items()},
        [job for plan in plans for job in plan.jobs],
    )
    parts: dict[str, list[tuple[Model, list[int], FloatArray]]] = {}
    for model, ids, vectors in chain.from_iterable(chunk.vectors for chunk in chunks):
        parts.setdefault(model.name, []).append((model, ids, vectors))
    return EmbeddedChunk(
        plan,
        [prepared for chunk in chunks for prepared in chunk.prepared],
        [record for chunk in chunks for record in chunk.new],
        [record for chunk in chunks for record in chunk.located],
        sum(chunk.unchanged for chunk in chunks),
        [
            (
                same[0][0],
                [id for _, ids, _ in same for id in ids],
                np.concatenate([vectors for _, _, vectors in same]),
            )
            for same in parts.values()
        ],
    )
