"""Some files on their way through the pipeline, between its stages."""

from collections.abc import Set
from concurrent.futures import Future
from dataclasses import dataclass

from searcher.images.sources import Source
from searcher.indexing.prepare import Prepared
from searcher.models.registry import Model
from searcher.stores.records import Record
from searcher.types import FloatArray


@dataclass(frozen=True)
class Plan:
    """A chunk of files: what the library knows of them, and the decoding under way."""

    files: int
    ids: Set[int]
    known: int
    stored: dict[int, Record | None]
    jobs: list[tuple[Source, Future[Prepared]]]


@dataclass(frozen=True)
class EmbeddedChunk:
    """A chunk that was embedded: what is to be written of it."""

    files: int
    ids: Set[int]
    prepared: list[Prepared]
    new: list[Record]
    found: list[Record]  # pictures of the library of which it was not known where they lie
    known: int
    vectors: list[tuple[Model, list[int], FloatArray]]
