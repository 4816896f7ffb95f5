"""The form in which a collection stores a model's vectors: full, or shrunken."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pymilvus import MilvusClient

from searcher.metrics.shrinkage import FLOAT32, INT8, Variant, expand, reduce
from searcher.stores.collection import (
    EXACT_INT8,
    FLAT,
    PAGE,
    TIMEOUT_S,
    Index,
    create,
    read,
)
from searcher.stores.collection_names import AXES, FIRST, PCA, SHRUNKEN
from searcher.stores.fields import Fields
from searcher.types import Collection, FloatArray


@dataclass(frozen=True, eq=False)
class Form:
    """How a collection stores vectors.

    Attributes:
        dim: The model's number of dimensions D.
        variant: What of them is stored.
        axes: The principal axes, float32 [d, D], of a variant with PCA.
    """

    dim: int
    variant: Variant
    axes: FloatArray | None = None

    def encode(self, vectors: FloatArray) -> FloatArray:
        """Return what is stored of vectors [N, D], and searched with: [N, d]."""
        return reduce(vectors, self.variant.dim, self.axes)

    def decode(self, values: Sequence[Any]) -> FloatArray:
        """Return vectors [N, D] whose distances are those of stored ones, as Milvus gives them."""
        stored = np.array(values, dtype=np.float32).reshape(len(values), self.variant.dim)
        return stored if self.variant.dim == self.dim else expand(stored, self.dim, self.axes)

    def rounded(self, vectors: FloatArray) -> FloatArray:
        """Return what would be decoded of vectors [N, D], but for what int8 loses."""
        if self.variant.dim == self.dim:
            return vectors
        return expand(reduce(vectors, self.variant.dim, self.axes), self.dim, self.axes)

    def index_or(self, default: Index) -> Index:
        """Return the index for its type, `default` for float32."""
        # It has a byte of each number in memory. The numbers stay on the disk.
        return EXACT_INT8 if self.variant.type == INT8 else default


def full_form(dim: int) -> Form:
    """Return the form of vectors as the model makes them."""
    return Form(dim, Variant("", dim))


def create_shrunken(client: MilvusClient, name: str, form: Form, default: Index) -> str:
    """Create an empty collection of a form, and one of its axes. Raises MilvusException.

    Args:
        client: A client of the server.
        name: The model's collection.
        form: A shrunken form.
        default: The index of float32 vectors.

    Returns:
        The collection's name.
    """
    variant = form.variant
    shrunken = name + (FIRST if form.axes is None else PCA)
    if form.axes is not None:
        create(client, Collection(name + AXES, form.dim), FLAT)
        for start in range(0, variant.dim, PAGE):
            rows = [
                {"id": start + i, "embedding": axis, **Fields()._asdict()}
                for i, axis in enumerate(form.axes[start : start + PAGE])
            ]
            client.upsert(name + AXES, rows, timeout=TIMEOUT_S)
        client.flush(name + AXES, timeout=TIMEOUT_S)
    stored = Collection(shrunken, variant.dim)
    create(client, stored, form.index_or(default))
    client.load_collection(shrunken, timeout=TIMEOUT_S)
    return shrunken


def read_form(client: MilvusClient, stored: str, collection: Collection) -> Form | None:
    """Return the form of an existing collection; None if its axes are damaged.

    Args:
        client: A client of the server.
        stored: The name that Milvus has of it.
        collection: The model's collection.

    Raises:
        MilvusException: The server does not answer, or refuses the request.
    """
    ending = stored.removeprefix(collection.name)
    if ending not in SHRUNKEN:
        return full_form(collection.dim)
    described = client.describe_collection(stored, timeout=TIMEOUT_S)
    field = next(field for field in described["fields"] if field["name"] == "embedding")
    dim = int(field["params"]["dim"])
    index = client.describe_index(stored, "embedding", timeout=TIMEOUT_S)
    type_ = INT8 if index["index_type"] == EXACT_INT8.build["index_type"] else FLOAT32
    method = "" if dim == collection.dim else ending.removeprefix("_")
    axes = _read_axes(client, collection, dim) if ending == PCA else None
    if ending == PCA and axes is None:
        return None
    return Form(collection.dim, Variant(method, dim, type_), axes)


def _read_axes(client: MilvusClient, collection: Collection, count: int) -> FloatArray | None:
    name = collection.name + AXES
    if not client.has_collection(name, timeout=TIMEOUT_S):
        return None
    client.load_collection(name, timeout=TIMEOUT_S)
    axes = np.zeros((count, collection.dim), dtype=np.float32)
    present = 0
    for start in range(0, count, PAGE):
        ids = range(start, min(start + PAGE, count))
        rows = read(client, name, ids, ["embedding"], "Strong")
        present += len(rows)
        for row in rows:
            axes[int(row["id"])] = row["embedding"]
    client.release_collection(name, timeout=TIMEOUT_S)
    return axes if present == count else None
