"""What is done to one picture file before a model sees it: read, hash, decode, shrink."""

import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from searcher.errors import BadImage
from searcher.images.pictures import (
    Picture,
    UInt8Array,
    fingerprint,
    identify,
    model_input,
    open_picture,
    thumbnail,
)
from searcher.images.sources import Source
from searcher.models.embedder import Embedder
from searcher.models.registry import Model
from searcher.stores.records import Record

READ_AHEAD_BYTES = 64 * 2**20  # of files between reading and decoding, in all


@dataclass
class Raw:
    """A file that was hashed. `data` are its bytes, empty where there is no room to keep them."""

    source: Source
    id: int
    digest: str
    data: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Prepared:
    """A decoded picture: its record, and what the models that lack it are to see.

    `thumbnail` is the file that is to be written, None where there is one. `stands_in`: only the
    inputs are of use, as they were made of a thumbnail.
    """

    record: Record
    inputs: dict[str, UInt8Array]  # by model
    thumbnail: bytes | None
    stands_in: bool


class ReadAhead:
    """Reads files that are decoded later. Safe to use from several threads.

    What it keeps of them is bounded, as a hundred files are under way at a time; a file beyond the
    limit is read once more to decode it.
    """

    def __init__(self, limit: int = READ_AHEAD_BYTES) -> None:
        self._limit = limit
        self._used = 0
        self._lock = threading.Lock()

    def read(self, source: Source) -> Raw:
        """Read and hash a file. Raises BadImage."""
        data = source.read()
        picture_id, digest = identify(data)
        with self._lock:
            has_room = self._used + len(data) <= self._limit
            self._used += len(data) if has_room else 0
        source = replace(source, content=b"")
        return Raw(source, source.stands_for or picture_id, digest, data if has_room else b"")

    def release(self, raw: Raw) -> None:
        """Let a file's bytes go, and the room that they took."""
        with self._lock:
            self._used -= len(raw.data)
            raw.data = b""


def prepare(raw: Raw, models: list[tuple[Model, Embedder]], small: Path) -> Prepared:
    """Decode a file for some models; make its thumbnail where there is none at `small`.

    Raises BadImage, also where the file changed since it was read.
    """
    data = raw.data or raw.source.read()
    if not raw.data and identify(data)[1] != raw.digest:
        raise BadImage("picture.changed", name=raw.source.name)
    picture = open_picture(data, raw.source.name)
    record = describe(raw, data, picture)
    sizes = {model.name: (model.height, model.width) for model, _ in models}
    resized = {size: model_input(picture, *size) for size in set(sizes.values())}
    inputs = {name: resized[size] for name, size in sizes.items()}
    made = None if small.exists() else thumbnail(picture)
    return Prepared(record, inputs, made, bool(raw.source.stands_for))


def describe(raw: Raw, data: bytes, picture: Picture) -> Record:
    """The record of a picture that is added now."""
    return Record(
        id=raw.id,
        path=raw.source.path,
        name=raw.source.name,
        label=raw.source.label,
        width=picture.width,
        height=picture.height,
        bytes=len(data),
        digest=raw.digest,
        added=time.time(),
        fingerprint=fingerprint(picture),
    )
