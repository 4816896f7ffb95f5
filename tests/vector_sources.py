"""Files of vectors as other programs write them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

Array = npt.NDArray[Any]

# How a type of pyarrow is made of the numbers of a vector.
LISTS = {
    "fixed": lambda value, dim: pa.list_(value, dim),
    "list": lambda value, dim: pa.list_(value),
    "large": lambda value, dim: pa.large_list(value),
}


def random_vectors(rows: int, dim: int = 8, seed: int = 0) -> npt.NDArray[np.float32]:
    """Vectors [N, D] that are not of unit length."""
    return np.random.default_rng(seed).normal(0, 20, (rows, dim)).astype(np.float32)


def units(vectors: Array) -> Array:
    """Their directions."""
    numbers = vectors.astype(np.float64)
    return numbers / np.linalg.norm(numbers, axis=1, keepdims=True)


def write_array(path: Path, vectors: Array) -> Path:
    """A .npy file."""
    np.save(path, vectors)
    return path


def write_columns(
    file: Path, vectors: Any, kind: str, dtype: str, **columns: Sequence[Any]
) -> Path:
    """A Parquet file with the column `embedding`, a type of LISTS, and others before it."""
    value = pa.from_numpy_dtype(np.dtype(dtype))
    column = pa.array(
        [row if row is None else list(row) for row in vectors], LISTS[kind](value, len(vectors[0]))
    )
    table: Mapping[str, Any] = {**columns, "embedding": column}
    pq.write_table(pa.table(dict(table)), file)
    return file


def vectors_of_samples(folder: Path, rows: int = 6) -> tuple[Path, Path]:
    """Vectors of a-0.jpg to b-2.jpg and of a picture that is not there, and their names."""
    names = [f"{label}-{number}.jpg" for label in "ab" for number in range(3)][:rows]
    (folder / "names.txt").write_text("\n".join([*names, "gone.jpg"]))
    return write_array(folder / "v.npy", random_vectors(rows + 1)), folder / "names.txt"
