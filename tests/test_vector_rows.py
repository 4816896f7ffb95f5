"""Files of vectors from elsewhere: kinds of numbers, keys of rows, and what is refused."""

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from searcher.datasets.row_keys import keyed_batches
from searcher.datasets.vector_rows import EMPTY, NOT_FINITE, WIDTH, ZERO, normalise
from searcher.datasets.vector_source import open_table
from searcher.errors import BadVectors
from tests.vector_sources import LISTS, random_vectors, units, write_array, write_columns

ROWS = 5


def read(path: Path, **columns: str) -> tuple[Any, dict[int, str], list[str]]:
    """Unit vectors of all rows, faults by row from 0, and keys."""
    parts: list[Any] = []
    faults: dict[int, str] = {}
    keys: list[str] = []
    for rows in open_table(path, **columns).batches():
        numbers, reasons = normalise(rows.vectors)
        parts.append(numbers)
        faults |= {rows.first - 1 + row: why for row, why in (reasons | rows.faults).items()}
        keys += rows.keys or []
    return np.concatenate(parts), faults, keys


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", ">f4"])
def test_numbers_of_each_type_become_unit_vectors(tmp_path: Path, dtype: str) -> None:
    given = random_vectors(ROWS).astype(dtype)
    np.savez_compressed(tmp_path / "v.npz", ids=np.arange(ROWS), vectors=given)
    files = [write_array(tmp_path / "v.npy", given), tmp_path / "v.npz"]
    if not dtype.startswith(">"):
        names = [f"{n}.jpg" for n in range(ROWS)]
        files += [
            write_columns(tmp_path / f"{kind}.parquet", given, kind, dtype, filename=names)
            for kind in LISTS
        ]
    for path in files:
        vectors, faults, _ = read(path)
        assert vectors.dtype == np.float32
        assert np.abs(vectors - units(given)).max() < 1e-6, path.name
        assert faults == {}


def test_rows_without_a_direction_are_told(tmp_path: Path) -> None:
    given = random_vectors(6).astype(np.float64)
    given[1], given[2, 3], given[3, 0] = 0, np.nan, -np.inf
    given[4] *= 1e300  # its length overflows
    given[5] *= 1e-300
    vectors, faults, _ = read(write_array(tmp_path / "v.npy", given))
    assert faults == {1: ZERO, 2: NOT_FINITE, 3: NOT_FINITE}
    assert np.abs(vectors[[0, 4, 5]] - units(random_vectors(6))[[0, 4, 5]]).max() < 1e-6


@pytest.mark.parametrize("kind", ["list", "large"])
def test_rows_of_another_length_or_none_are_told(tmp_path: Path, kind: str) -> None:
    given: list[Any] = [*random_vectors(4).tolist(), None, [], [1.0, 2.0], [None, *[1.0] * 7]]
    path = write_columns(tmp_path / "v.parquet", given, kind, "float32", id=list(range(8)))
    vectors, faults, keys = read(path)
    assert faults == {4: EMPTY, 5: EMPTY, 6: WIDTH, 7: NOT_FINITE}
    assert np.abs(vectors[:4] - units(random_vectors(4))).max() < 1e-6
    assert keys == [str(n) for n in range(8)]


def test_a_missing_list_of_fixed_size(tmp_path: Path) -> None:
    given: list[Any] = [*random_vectors(2).tolist(), None]
    path = write_columns(tmp_path / "v.parquet", given, "fixed", "float32", id=[5, 6, None])
    _, faults, keys = read(path)
    assert (faults, keys) == ({2: EMPTY}, ["5", "6", ""])


def test_columns_are_found_and_chosen(tmp_path: Path) -> None:
    first, second = random_vectors(3).tolist(), random_vectors(3, 4).tolist()
    columns = {"clip": pa.array(second), "size": [1, 2, 3], "path": ["a", "b", "c"]}
    path = write_columns(tmp_path / "v.parquet", first, "list", "float32", **columns)
    assert read(path)[2] == ["a", "b", "c"]
    assert open_table(path, vectors="clip").dim == 4
    assert read(path, keys="size")[2] == ["1", "2", "3"]
    with pytest.raises(BadVectors, match="has no column or array size that could be used; it has"):
        open_table(path, vectors="size")
    with pytest.raises(BadVectors, match="column or array nothing"):
        open_table(path, keys="nothing")


class Bomb:
    """An object that writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return (Path.touch, (self.path,))


@pytest.mark.parametrize("suffix", ["npy", "npz"])
def test_nothing_is_unpickled(tmp_path: Path, suffix: str) -> None:
    bomb = np.array([[Bomb(tmp_path / "harm")]], dtype=object)
    path = tmp_path / f"v.{suffix}"
    (np.save if suffix == "npy" else np.savez)(path, bomb)
    with pytest.raises(BadVectors):
        read(path)
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize(
    ("array", "sentence"),
    [
        (np.zeros((2, 3), np.int32), "The numbers in v.npy are int32; float16"),
        (np.zeros((2, 3), np.complex64), "The numbers in v.npy are complex64"),
        (np.zeros(3, np.float32), r"must have a row for each picture, \[N, D\], not \[3\]"),
        (np.zeros((2, 1), np.float32), "have 1 dimensions; 2 to 32768 are possible"),
        (np.zeros((2, 40_000), np.int8), "have 40000 dimensions"),
    ],
)
def test_arrays_that_are_no_vectors(tmp_path: Path, array: Any, sentence: str) -> None:
    with pytest.raises(BadVectors, match=sentence):
        open_table(write_array(tmp_path / "v.npy", array))


@pytest.mark.parametrize("name", ["v.npy", "v.npz", "v.parquet"])
@pytest.mark.parametrize("size", [0, 3, 200, -40])
def test_damaged_files(tmp_path: Path, name: str, size: int) -> None:
    path = tmp_path / name
    given = random_vectors(50)
    if name == "v.parquet":
        write_columns(path, given, "fixed", "float32", id=list(range(50)))
    else:
        (np.save if name == "v.npy" else np.savez)(path, given)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(BadVectors, match=r"v\.(npy|npz|parquet) can't be read as"):
        read(path)


def test_a_large_file_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "v.npy"
    np.lib.format.open_memmap(path, "w+", np.float16, (40_000, 1536))  # 120 MB, not yet written
    tracemalloc.start()
    try:
        assert sum(len(rows.vectors) for rows in open_table(path).batches()) == 40_000
        assert tracemalloc.get_traced_memory()[1] < 20e6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ids.txt", "a,1.jpg\n\nb.jpg\r\n\n"),
        ("ids.csv", 'x,PATH,label\n1,"a,1.jpg",cat\n\n2,b.jpg,dog\n'),
        ("ids.tsv", "a,1.jpg\tcat\n\nb.jpg\tdog\n"),
        ("ids.csv", 'id,path\n"a,1.jpg",x\n,y\nb.jpg,z\n'),
        ("ids.txt", "path\na,1.jpg\n\nb.jpg"),
    ],
)
def test_a_line_for_each_row(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + text.encode())
    table = open_table(write_array(tmp_path / "v.npy", random_vectors(3)))
    (rows,) = keyed_batches(table, tmp_path / name)
    assert rows.keys == ["a,1.jpg", "", "b.jpg"]


def test_keys_in_an_array(tmp_path: Path) -> None:
    table = open_table(write_array(tmp_path / "v.npy", random_vectors(2)))
    for keys in (np.array([7, 8]), np.array(["7", "8"]), np.array([b"7", b"8"])):
        (rows,) = keyed_batches(table, write_array(tmp_path / "ids.npy", keys))
        assert rows.keys == ["7", "8"]
    with pytest.raises(BadVectors, match="a list of ids, paths or"):
        list(keyed_batches(table, write_array(tmp_path / "ids.npy", np.zeros((2, 2)))))


@pytest.mark.parametrize("count", [1, 4])
def test_another_number_of_lines_than_rows(tmp_path: Path, count: int) -> None:
    table = open_table(write_array(tmp_path / "v.npy", random_vectors(3)))
    (tmp_path / "ids.txt").write_text("a.jpg\n" * count)
    with pytest.raises(BadVectors, match=f"has 3 rows, and ids.txt names {count} pictures"):
        list(keyed_batches(table, tmp_path / "ids.txt"))
