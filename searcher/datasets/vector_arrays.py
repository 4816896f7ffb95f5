"""Vectors in files of numpy, .npy and .npz, of which nothing is unpickled."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from searcher.datasets.vector_rows import Numbers, Rows, check_shape, rows_at_a_time
from searcher.errors import BadVectors

VECTORS = ("embeddings", "embedding", "vectors", "vector", "arr_0")  # names of arrays, preferred
KEYS = ("ids", "id", "paths", "path", "files", "filenames", "names")
MEMBER = ".npy"  # ends the names of an archive's members
# What numpy raises for a file that is damaged, or has objects that would have to be unpickled.
DAMAGE = (
    ValueError,
    OSError,
    EOFError,
    OverflowError,
    SyntaxError,
    MemoryError,
    zipfile.BadZipFile,
)
HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}

Header = tuple[tuple[int, ...], bool, np.dtype[Any]]  # shape, whether by columns, type


class ArrayTable:
    """The vectors of a .npy file, which is mapped into memory: a VectorTable without keys."""

    has_keys = False

    def __init__(self, path: Path, name: str) -> None:
        """Open a file.

        Raises:
            BadVectors: It has no array of vectors.
        """
        self.name = name
        try:
            self._array = np.load(path, mmap_mode="r", allow_pickle=False)
        except DAMAGE as error:
            raise BadVectors("vectors.not_numpy", name=name) from error
        check_shape(name, self._array.dtype, self._array.shape)
        self.dim = int(self._array.shape[1])

    def batches(self) -> Iterator[Rows]:
        """Yield all rows."""
        step = rows_at_a_time(self.dim, self._array.itemsize)
        for start in range(0, len(self._array), step):
            yield Rows(start + 1, np.array(self._array[start : start + step]))


class ArchiveTable:
    """The vectors of a .npz archive, which is unpacked by parts: a VectorTable."""

    def __init__(self, path: Path, name: str, vectors: str = "", keys: str = "") -> None:
        """Open an archive.

        Args:
            path: The file.
            name: Its name.
            vectors: The name of the array of vectors; "" for the likeliest.
            keys: That of the array of keys; "" for the likeliest, if there is one.

        Raises:
            BadVectors: It has no such array.
        """
        self.name = name
        self._path = path
        with self._opened() as archive:
            members = archive.namelist()
            names = [n.removesuffix(MEMBER) for n in members if n.endswith(MEMBER)]
            headers = {array: self._header(archive, array) for array in names}
            flat = [array for array, (shape, _, _) in headers.items() if len(shape) == 1]
            deep = [array for array, (shape, _, _) in headers.items() if len(shape) == 2]
            self._vectors = _choose(name, vectors, deep, VECTORS, names)
            self._keys = keys or next((array for array in KEYS if array in flat), "")
            if self._keys and self._keys not in flat:
                self._keys = _choose(name, keys, flat, KEYS, names)
        self._shape, by_columns, self._dtype = headers[self._vectors]
        check_shape(name, self._dtype, self._shape)
        if by_columns:
            raise BadVectors("vectors.by_columns", name=name)
        self.dim = int(self._shape[1])

    @property
    def has_keys(self) -> bool:
        """Whether it has an array of keys."""
        return bool(self._keys)

    def batches(self) -> Iterator[Rows]:
        """Yield all rows."""
        step = rows_at_a_time(self.dim, self._dtype.itemsize)
        with self._opened() as archive:
            keys = self._read_keys(archive) if self._keys else None
            with archive.open(self._vectors + MEMBER) as file:
                _read_header(file)
                for start in range(0, self._shape[0], step):
                    count = min(step, self._shape[0] - start)
                    part = keys[start : start + count] if keys is not None else None
                    yield Rows(start + 1, self._read(file, count), part)

    def _read_keys(self, archive: zipfile.ZipFile) -> list[str]:
        with archive.open(self._keys + MEMBER) as file:
            keys = read_keys(file, self.name)
        rows, count = self._shape[0], len(keys)
        if count != rows:
            raise BadVectors(
                "vectors.count", name=self.name, rows=rows, file=self._keys, count=count
            )
        return keys

    def _read(self, file: IO[bytes], count: int) -> Numbers:
        size = count * self.dim * self._dtype.itemsize
        data = file.read(size)
        if len(data) != size:
            raise BadVectors("vectors.not_numpy", name=self.name)
        return np.frombuffer(data, self._dtype).reshape(count, self.dim)

    @contextmanager
    def _opened(self) -> Iterator[zipfile.ZipFile]:
        try:
            with zipfile.ZipFile(self._path) as archive:
                yield archive
        except (*DAMAGE, KeyError, NotImplementedError, RuntimeError) as error:
            raise BadVectors("vectors.not_numpy", name=self.name) from error

    def _header(self, archive: zipfile.ZipFile, array: str) -> Header:
        with archive.open(array + MEMBER) as file:
            return _read_header(file)


def read_keys(file: IO[bytes], name: str) -> list[str]:
    """Return the keys of rows from an array of numbers or texts.

    Args:
        file: A file of one array.
        name: What errors call it.

    Raises:
        BadVectors: It has no such array.
    """
    try:
        keys: npt.NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
    except DAMAGE as error:
        raise BadVectors("vectors.not_numpy", name=name) from error
    if keys.ndim != 1 or keys.dtype.kind not in "iuUS":
        raise BadVectors("vectors.keys", name=name)
    if keys.dtype.kind == "S":
        return [key.decode("utf-8", "replace") for key in keys.tolist()]
    return [str(key) for key in keys.tolist()]


def _read_header(file: IO[bytes]) -> Header:
    version = np.lib.format.read_magic(file)
    if version not in HEADERS:
        raise ValueError(f"version {version}")
    shape, by_columns, dtype = HEADERS[version](file)
    return shape, by_columns, dtype


def _choose(
    file: str, name: str, fitting: list[str], preferred: tuple[str, ...], names: list[str]
) -> str:
    """Return the array that was asked for, or the likeliest one."""
    candidates = [n for n in preferred if n in fitting] + (fitting if len(fitting) == 1 else [])
    chosen = name or next(iter(candidates), "")
    if chosen not in fitting:
        raise BadVectors(
            "vectors.no_column", name=file, text=name or "–", names=", ".join(names)[:200]
        )
    return chosen
