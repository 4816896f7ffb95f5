"""What is done to one picture file before a model sees it: read, hash, decode, shrink."""

import time
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Raw:
    """A file that was hashed. Its bytes are read again to decode it: kept, they would add up."""

    source: Source
    id: int
    digest: str


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


def read(source: Source) -> Raw:
    """Read and hash a file. Raises BadImage."""
    picture_id, digest = identify(source.read())
    return Raw(source, source.stands_for or picture_id, digest)


def prepare(raw: Raw, models: list[tuple[Model, Embedder]], small: Path) -> Prepared:
    """Decode a file for some models; make its thumbnail where there is none at `small`.

    Raises BadImage, also where the file changed since it was read.
    """
    data = raw.source.read()
    if identify(data)[1] != raw.digest:
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
