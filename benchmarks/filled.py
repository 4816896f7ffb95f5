"""Libraries of many pictures for benchmarks: files, records and vectors without embedding.

The model is a random projection of small pictures to 512 dimensions. Vectors lie round those that
it computes for the sample pictures, with 32 degrees of freedom.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from onnx import TensorProto
from PIL import Image

from benchmarks.common import pictures
from searcher.export.contract import Metadata, save
from searcher.export.graph import Graph
from searcher.images.pictures import identify, open_picture
from searcher.images.stamps import stamp_of
from searcher.library.core import Library
from searcher.models.embedder import Embedder
from searcher.stores.records import Record
from searcher.types import FloatArray

SIDE = 16  # pixels of the model's input
DIM = 512
FREEDOM = 32  # dimensions of what differs between neighbours
SPREAD = 0.5  # length of that, of a vector of length 1
PART = 1000  # pictures at a time
LABELLED = 1000  # pictures of one label


def write_model(folder: Path, name: str = "projection") -> Path:
    """Write a model file: a seeded random projection to DIM dimensions."""
    size = SIDE * SIDE * 3
    matrix = np.random.default_rng(0).standard_normal((size, DIM)).astype(np.float32)
    graph = Graph("projection", SIDE, SIDE)
    pixels = graph.reshape(graph.add("Cast", "image", to=TensorProto.FLOAT), 0, size)
    centred = graph.add("Sub", pixels, graph.constant(127.5))
    model = graph.finish(graph.add("MatMul", centred, graph.constant(matrix)), DIM)
    path = folder / f"{name}.onnx"
    save(model, Metadata("Projection", "random projection", "none: a test", "MIT"), path)
    return path


class Vectors:
    """A stream of seeded random unit vectors round real ones, the same for each seed."""

    def __init__(self, model: Path, seed: int = 0) -> None:
        """Embed the sample pictures with a model of `write_model`."""
        embedder = Embedder(model)
        decoded = (open_picture(source.read(), source.name) for source in pictures())
        self._centres = np.stack([embedder.embed_picture(picture) for picture in decoded])
        basis = np.random.default_rng(0).standard_normal((FREEDOM, DIM)).astype(np.float32)
        self._basis = basis * (SPREAD / np.sqrt(FREEDOM * DIM))
        self._random = np.random.default_rng(seed)

    def restart(self, seed: int) -> None:
        """Begin another stream, the same for each seed."""
        self._random = np.random.default_rng(seed)

    def draw(self, count: int) -> FloatArray:
        """Return the next vectors, float32 [count, DIM]."""
        centres = self._centres[self._random.integers(0, len(self._centres), count)]
        noise = self._random.standard_normal((count, FREEDOM)).astype(np.float32) @ self._basis
        vectors: FloatArray = centres + noise
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@dataclass(frozen=True)
class Filling:
    """What fills a library: `count` pictures, with files below `files` if it is given.

    Those before `first`, a multiple of PART, are there already.
    """

    count: int
    files: Path | None = None
    first: int = 0

    def parts(self) -> Iterator[list[Record]]:
        """Yield the records in parts; their files are written before."""
        for start in range(self.first, self.count, PART):
            numbers = range(start, min(start + PART, self.count))
            yield [self._record(number) for number in numbers]

    def _record(self, number: int) -> Record:
        data = _jpeg(number)
        picture_id, digest = identify(data)
        label = f"kind {number // LABELLED}"
        folder = self.files or Path("/pictures")
        path = folder / label / f"picture {number}.jpg"
        if self.files:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return Record(
            *(picture_id, str(path), path.name, label, 8, 8, len(data), digest, 1e9 + number),
            fingerprint=digest[:16],
        )


def fill(library: Library, filling: Filling, vectors: Vectors) -> None:
    """Write what fills a library: with files, thumbnails and stamps as after an indexing run."""
    (model,) = library.registry.ready()
    library.identity.require()
    small = _jpeg(0)
    for records in filling.parts():
        ids = [record.id for record in records]
        drawn = vectors.draw(len(ids))
        if filling.files:
            for picture_id in ids:
                path = library.thumbnail_path(picture_id)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(small)
        library.records.put(records)
        if filling.files:
            stamps = {r.path: (r.id, stamp) for r in records if (stamp := stamp_of(r.path))}
            late = max(stamp.changed for _, stamp in stamps.values()) + 10**10
            library.records.path_index.stamp(
                {path: (i, stamp.text(late)) for path, (i, stamp) in stamps.items()}
            )
        marks = library.records.pending_fields.among(ids)
        library.vectors.upsert(model.collection, ids, drawn, library.records.fields(ids))
        library.records.pending_fields.clear(marks)
    library.vectors.flush(model.collection)


def _jpeg(number: int) -> bytes:
    """Return a JPEG of 8 x 8 pixels, another file for each number: it has it in a comment."""
    comment = str(number).encode()
    head, rest = _BASE[:2], _BASE[2:]
    return head + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + rest


def _encoded() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), (90, 120, 60)).save(buffer, "JPEG")
    return buffer.getvalue()


_BASE = _encoded()
