"""Files of vectors by their kinds: .npy, .npz and .parquet."""

from pathlib import Path

from searcher.datasets.vector_rows import VectorTable
from searcher.errors import BadVectors

SUFFIXES = (".npy", ".npz", ".parquet")


def is_vector_source(name: str) -> bool:
    """Whether a name is that of a file of vectors."""
    return name.lower().endswith(SUFFIXES)


def open_table(path: Path, name: str = "", vectors: str = "", keys: str = "") -> VectorTable:
    """Open a file of vectors.

    Args:
        path: The file.
        name: Its name, for an upload.
        vectors: The column or array of vectors, where there are several; "" for the likeliest.
        keys: That of what says which picture each row is of.

    Raises:
        BadVectors: It can't be read, or has no such column.
    """
    name = name or path.name
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise BadVectors("vectors.kind", name=name, choices=", ".join(SUFFIXES))
    if not path.is_file():
        raise BadVectors("file.missing", name=name)
    # Imported here, as each takes a while.
    if suffix == ".parquet":
        from searcher.datasets.vector_columns import ColumnTable

        return ColumnTable(path, name, vectors, keys)
    from searcher.datasets.vector_arrays import ArchiveTable, ArrayTable

    if suffix == ".npz":
        return ArchiveTable(path, name, vectors, keys)
    return ArrayTable(path, name)
