"""What is done to one picture file before a model sees it: read, hash, decode, shrink."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from searcher.embedding import Embedder
from searcher.errors import BadImage
from searcher.images import (
    UInt8Array,
    fingerprint,
    identify,
    model_input,
    open_picture,
    thumbnail,
)
from searcher.models import Model
from searcher.sources import Source
from searcher.stores.records import Record


@dataclass(frozen=True)
class Raw:
    """A file that was hashed. Its bytes are read again to decode it: kept, they would add up."""

    source: Source
    id: int
    digest: str


@dataclass(frozen=True)
class Prepared:
    """A decoded picture: its record, and what the models that lack it are to see."""

    record: Record
    inputs: dict[str, UInt8Array]  # by model


def read(source: Source) -> Raw:
    """Read and hash a file. Raises BadImage."""
    return Raw(source, *identify(source.read()))


def prepare(raw: Raw, models: list[tuple[Model, Embedder]], small: Path) -> Prepared:
    """Decode a file for some models, and write its thumbnail to `small` where there is none.

    Raises BadImage, also where the file changed since it was read, and OSError where the thumbnail
    can't be written.
    """
    data = raw.source.read()
    if identify(data)[0] != raw.id:
        raise BadImage(f"{raw.source.name} changed while it was being read.")
    picture = open_picture(data, raw.source.name)
    record = Record(
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
    forms = {model.name: embedder.form for model, embedder in models}
    resized = {form: model_input(picture, *form) for form in set(forms.values())}
    inputs = {name: resized[form] for name, form in forms.items()}
    if not renew(small):
        write_whole(small, thumbnail(picture))
    return Prepared(record, inputs)


def renew(path: Path) -> bool:
    """Make a file count as new, so that nobody takes it for a leftover; False if there is none."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.part")
    temporary.write_bytes(data)
    os.replace(temporary, path)
