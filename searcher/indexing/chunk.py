"""Chunks of files as they pass from one stage of the pipeline to the next."""

from collections.abc import Sequence, Set
from concurrent.futures import Future
from dataclasses import dataclass

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
