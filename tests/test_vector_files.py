"""The file of a model of vectors from elsewhere: what is read of it, and why one is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from searcher.errors import BrokenModel, CannotAdopt
from searcher.models.model_names import check_name
from searcher.models.vector_file import VectorFile, write_vector_file
from tests.vector_sources import random_vectors, units

IDS = np.arange(1, 11)


def write(folder: Path, ids: Any = IDS, dim: int = 8, groups: int = 5) -> Path:
    """A file with several row groups."""
    path = folder / "api.vectors.parquet"
    vectors = units(random_vectors(len(ids), dim)).astype(np.float32)
    parts = zip(np.array_split(ids, groups), np.array_split(vectors, groups), strict=True)
    write_vector_file(path, dim, {"title": "API", "weights": "v.npy"}, parts)
    return path


def test_vectors_are_read_back(tmp_path: Path) -> None:
    with VectorFile(write(tmp_path, IDS[::-1])) as file:
        file.check()
        assert (file.dim, file.rows) == (8, 10)
        assert (file.metadata["title"], file.metadata["weights"]) == ("API", "v.npy")
        assert np.array_equal(file.ids(), IDS)
        ids, vectors = map(np.concatenate, zip(*file.read(np.array([3, 4, 9])), strict=True))
        assert sorted(ids.tolist()) == [3, 4, 9]
        expected = units(random_vectors(10))[10 - ids]
        assert np.abs(vectors - expected).max() < 1e-6


def broken(tmp_path: Path, kind: str) -> Path:
    """A file that is damaged, or not of the contract."""
    path = write(tmp_path, np.append(IDS, IDS[0]) if kind == "repeated" else IDS)
    table = pq.read_table(path)
    vectors = units(random_vectors(10)).astype(np.float32)
    columns: dict[str, Any] = {"id": IDS, "embedding": table["embedding"][:10]}
    if kind == "damaged":  # one bit of one vector
        data = bytearray(path.read_bytes())
        place = bytes(data).index(units(random_vectors(10)).astype(np.float32)[5].tobytes())
        data[place + 1] ^= 1
        path.write_bytes(data)
        return path
    if kind == "text":
        path.write_text("nothing")
        return path
    changes: dict[str, dict[str, Any]] = {
        "repeated": {"id": np.append(IDS[1:], 2)},
        "negative": {"id": -IDS},
        "longer": {"embedding": pa.array(list(2 * vectors), pa.list_(pa.float32(), 8))},
        "double": {"embedding": pa.array(list(vectors), pa.list_(pa.float64(), 8))},
        "free size": {"embedding": pa.array(list(vectors), pa.list_(pa.float32()))},
        "missing": {"embedding": pa.array([*vectors[1:], None], pa.list_(pa.float32(), 8))},
        "empty": {"id": IDS[:0], "embedding": table["embedding"][:0]},
        "no id": {"id": [str(number) for number in IDS]},
    }
    pq.write_table(pa.table(columns | changes[kind]), path)
    return path


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("text", "it can't be read as a Parquet file, or is damaged"),
        ("damaged", "it can't be read as a Parquet file, or is damaged"),
        ("repeated", "its ids must be above 0, and each must be there once"),
        ("negative", "its ids must be above 0, and each must be there once"),
        ("longer", "its vectors are not of unit length"),
        ("double", "lists of 2 to 32768 float32 numbers of fixed size"),
        ("free size", "lists of 2 to 32768 float32 numbers of fixed size"),
        ("missing", "its vectors are not finite numbers"),
        ("empty", "it has no vectors"),
        ("no id", "it must have the columns `id`, int64"),
    ],
)
def test_a_file_that_can_not_be_used(tmp_path: Path, kind: str, reason: str) -> None:
    path = broken(tmp_path, kind)
    with pytest.raises(BrokenModel) as caught, VectorFile(path) as file:
        file.check()
    assert str(caught.value).startswith("api.vectors.parquet does not fulfil the model contract:")
    assert reason in str(caught.value)


def test_names_are_of_one_kind_of_model_only(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "net.onnx").touch()

    def refusal(name: str, force: bool = False, of_vectors: bool = True) -> str:
        with pytest.raises(CannotAdopt) as caught:
            check_name(name, tmp_path, force, of_vectors)
        return caught.value.code

    assert refusal("api") == "adopt.name_exists"
    assert refusal("api", True, False) == "adopt.name_other_kind"
    assert refusal("net", True) == "adopt.name_other_kind"
    assert refusal("resnet50", True) == "vectors.name_reserved"
    assert refusal("x.vectors", True, False) == "adopt.name_vectors"
    check_name("api", tmp_path, True, True)
    check_name("new", tmp_path, False, True)
