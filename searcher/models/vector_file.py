"""Files of vectors from elsewhere: models without a network, NAME.vectors.parquet.

A file has unit vectors of pictures by their ids, which are hashes of the pictures' content, so that
it fits any library that has these pictures. Its collection can be made of it at any time.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from searcher.datasets.vector_rows import MAX_DIM, MIN_DIM
from searcher.errors import BrokenModel
from searcher.messages.message import Message, message
from searcher.models.sessions import find_fault
from searcher.types import FloatArray, Int64Array

ID, EMBEDDING = "id", "embedding"  # the columns
FORMAT = "1"
GROUP_BYTES = 8 * 2**20  # of the vectors of a row group, which is read at once
MAX_GROUP_BYTES = 8 * GROUP_BYTES  # of files that other programs have written
ENTRIES = ("title", "architecture", "weights", "licence")


class VectorFile:
    """An open file of vectors, read by row groups so that memory stays bounded.

    Use it as a context manager. Methods raise BrokenModel where the file can't be read.
    """

    def __init__(self, path: Path) -> None:
        """Open a file and read its schema.

        Args:
            path: NAME.vectors.parquet.

        Raises:
            BrokenModel: It can't be used; the message names the file but not its folder.
        """
        self.path = path
        try:
            # A buffered stream; pyarrow would else read a column of a row group at once.
            self._file = pq.ParquetFile(
                path, buffer_size=2**20, pre_buffer=False, page_checksum_verification=True
            )
        except (pa.ArrowException, OSError, ValueError) as error:
            raise self._broken(message("contract.no_parquet")) from error
        try:
            self.dim = self._check_schema()
        except BaseException:
            self.close()
            raise
        self.rows = int(self._file.metadata.num_rows)
        entries = self._file.schema_arrow.metadata or {}
        self.metadata: dict[str, str] = {
            key: entries.get(key.encode(), b"").decode("utf-8", "replace") for key in ENTRIES
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def ids(self) -> Int64Array:
        """Return the ids of all pictures that it has a vector of, int64 [N], sorted."""
        groups = [self._ids(group) for group in range(self._file.num_row_groups)]
        return np.sort(np.concatenate([*groups, np.empty(0, np.int64)]))

    def read(self, wanted: Int64Array | None = None) -> Iterator[tuple[Int64Array, FloatArray]]:
        """Yield ids and vectors, float32 [N, dim], a row group at a time.

        Args:
            wanted: The ids whose vectors are yielded; None for all. Row groups without any of
                these are not read.
        """
        for group in range(self._file.num_row_groups):
            ids = self._ids(group)
            chosen = np.ones(len(ids), bool) if wanted is None else np.isin(ids, wanted)
            if chosen.any():
                vectors = self._column(group, EMBEDDING).combine_chunks().flatten()
                numbers = np.asarray(vectors, np.float32)
                if len(numbers) != len(ids) * self.dim:
                    raise self._broken(message("contract.not_finite"))
                yield ids[chosen], numbers.reshape(-1, self.dim)[chosen]

    def check(self) -> None:
        """Read all of it, and check it against the contract.

        Raises:
            BrokenModel: An id is no picture's, or is there twice, or a vector is not of unit
                length.
        """
        ids = self.ids()
        if not len(ids):
            raise self._broken(message("contract.no_vectors"))
        if ids[0] <= 0 or (np.diff(ids) == 0).any():
            raise self._broken(message("contract.vector_ids"))
        for part, vectors in self.read():
            if fault := find_fault(vectors, (len(part), self.dim)):
                raise self._broken(fault)

    def _check_schema(self) -> int:
        """Return the number of dimensions."""
        schema, metadata = self._file.schema_arrow, self._file.metadata
        names = set(schema.names)
        kind: Any = schema.field(EMBEDDING).type if EMBEDDING in names else None
        fits = (
            kind is not None
            and ID in names
            and schema.field(ID).type == pa.int64()
            and pa.types.is_fixed_size_list(kind)
            and kind.value_type == pa.float32()
            and MIN_DIM <= kind.list_size <= MAX_DIM
        )
        if not fits:
            raise self._broken(message("contract.vector_columns", low=MIN_DIM, high=MAX_DIM))
        groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
        if any(group.total_byte_size > MAX_GROUP_BYTES for group in groups):
            raise self._broken(message("contract.row_group", mb=MAX_GROUP_BYTES // 2**20))
        return int(kind.list_size)

    def _ids(self, group: int) -> Int64Array:
        return np.asarray(self._column(group, ID).combine_chunks(), np.int64)

    def _column(self, group: int, name: str) -> pa.ChunkedArray:
        try:
            column = self._file.read_row_group(group, [name], use_threads=False).column(name)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise self._broken(message("contract.no_parquet")) from error
        if column.null_count:
            raise self._broken(message("contract.not_finite"))
        return column

    def _broken(self, reason: Message) -> BrokenModel:
        return BrokenModel("model.contract", name=self.path.name, reason=reason)


def rows_of_group(dim: int) -> int:
    """Return the number of vectors of a row group."""
    return max(1, GROUP_BYTES // (4 * dim))


def write_vector_file(
    path: Path,
    dim: int,
    entries: Mapping[str, str],
    batches: Iterable[tuple[Int64Array, FloatArray]],
) -> None:
    """Write a file of vectors; use a temporary path and move it when it is complete.

    Args:
        path: The file.
        dim: The number of dimensions.
        entries: Values of ENTRIES.
        batches: Ids [N] and unit vectors, float32 [N, dim]; each batch becomes a row group.

    Raises:
        OSError: It can't be written.
    """
    kind = pa.list_(pa.float32(), dim)
    metadata = {"format_version": FORMAT, "kind": "vectors", **entries}
    schema = pa.schema([(ID, pa.int64()), (EMBEDDING, kind)], metadata)
    # Random digits: neither compression nor dictionaries save anything.
    options = {"compression": "none", "use_dictionary": False, "write_statistics": False}
    with pq.ParquetWriter(path, schema, write_page_checksum=True, **options) as writer:
        for ids, vectors in batches:
            values = pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), type=kind)
            writer.write_batch(pa.record_batch([pa.array(ids), values], schema=schema))
