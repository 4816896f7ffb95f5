"""The search of Milvus Lite (3.2), without its work for every vector.

Its own `execute_search_with_index` compares the sequence numbers of all rows in Python before each
search, to find which are outdated or deleted, reads the whole row of each hit, its vector included,
and copies unflushed vectors number by number. Here the index is searched first, and only the hits
are checked. Where some of them are outdated, more are asked for. The results are the same.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from searcher.types import FloatArray

MORE = 4  # factor by which more rows are asked for where hits are outdated

Mask = np.ndarray[Any, np.dtype[np.bool_]]


def replace_search() -> None:
    """Let the collections of this process search by `search`."""
    from milvus_lite.engine import collection

    collection.execute_search_with_index = search


@dataclass(frozen=True)
class Source:
    """Rows that are searched together: a segment, or what is not flushed yet.

    Attributes:
        keys: The primary keys of N rows.
        seqs: Their sequence numbers; the largest of a key is its latest row.
        rows: The last row of each key.
        index: Its `search` returns rows and distances.
        mask: Which rows may be hits; None for all.
        record: Returns a row's fields.
    """

    keys: Sequence[Any]
    seqs: Sequence[Any]
    rows: Mapping[Any, int]
    index: Any
    mask: Mask | None
    record: Callable[[int], dict[str, Any]]


def search(
    query_vectors: FloatArray,
    segments: Sequence[Any],
    memtable: Any,
    delta_index: Any,
    top_k: int,
    metric_type: str,
    pk_field: str,
    vector_field: str,
    partition_names: Sequence[str] | None = None,
    compiled_filter: Any = None,
    output_fields: Sequence[str] | None = None,
    indexed_filter_plan: Any = None,
    project_record_fn: Callable[[dict[str, Any]], dict[str, Any]] = dict,
    search_params: Mapping[str, Any] | None = None,
) -> list[list[dict[str, Any]]]:
    """Search as Milvus Lite's function of these arguments does.

    Args:
        query_vectors: float32 [N, D].
        segments: All segments.
        memtable: The rows and deletions that are not flushed yet.
        delta_index: The flushed deletions.
        top_k: The number of hits.
        metric_type: L2, IP or COSINE.
        pk_field: The name of the primary key.
        vector_field: The name of the searched field.
        partition_names: The partitions to search; None for all.
        compiled_filter: The condition, if there is one.
        output_fields: The fields to return; None for all.
        indexed_filter_plan: What is known of the condition from indexes.
        project_record_fn: Reduces a row to the fields to return.
        search_params: Parameters of the index's search.

    Returns:
        For each query vector its hits, nearest first: "id", "distance" and "entity", the fields.
    """
    sources = [
        _segment(segment, metric_type, vector_field, compiled_filter, indexed_filter_plan)
        for segment in segments
        if segment.num_rows and (not partition_names or segment.partition in partition_names)
    ]
    deleted = memtable.delete_index_snapshot()
    sources += _unflushed(memtable, metric_type, vector_field, partition_names, compiled_filter)
    only_keys = set(output_fields or ()) == {pk_field}

    def is_current(source: Source, row: int) -> bool:
        key, seq = source.keys[row], int(source.seqs[row])
        if delta_index.is_deleted(key, seq) or (key in deleted and deleted[key][0] > seq):
            return False
        others = ((other, other.rows.get(key)) for other in sources)
        return all(other is None or int(s.seqs[other]) <= seq for s, other in others)

    def hit(distance: float, source: Source, row: int) -> dict[str, Any]:
        key = source.keys[row]
        entity = {pk_field: key} if only_keys else project_record_fn(source.record(row))
        return {"id": key, "distance": distance, "entity": entity}

    results = []
    for vector in query_vectors:
        found = _nearest(sources, vector[None], top_k, is_current, search_params)
        results.append([hit(*candidate) for candidate in found])
    return results


def _nearest(
    sources: Sequence[Source],
    vector: FloatArray,
    top_k: int,
    is_current: Callable[[Source, int], bool],
    params: Mapping[str, Any] | None,
) -> list[tuple[float, Source, int]]:
    """Return the distances, sources and rows of the nearest current rows, nearest first."""
    count = top_k
    while True:
        candidates: list[tuple[float, int, int]] = []
        end = float("inf")  # the distance up to which all rows are among the candidates
        for position, source in enumerate(sources):
            rows, distances = source.index.search(vector, count, source.mask, params)
            pairs = zip(distances[0].tolist(), rows[0].tolist(), strict=True)
            part = [(distance, position, row) for distance, row in pairs if row >= 0]
            candidates += part
            if len(part) == count < len(source.keys):
                end = min(end, part[-1][0])
        current: list[tuple[float, Source, int]] = []
        for distance, position, row in sorted(candidates):
            if len(current) == top_k or distance > end:
                break
            if is_current(sources[position], row):
                current.append((distance, sources[position], row))
        if len(current) == top_k or end == float("inf"):
            return current
        count *= MORE


def _segment(segment: Any, metric: str, field: str, condition: Any, plan: Any) -> Source:
    from milvus_lite.index.brute_force import BruteForceIndex
    from milvus_lite.index.faiss_ivf_flat import FaissIvfFlatIndex
    from milvus_lite.search.indexed_filter import evaluate_segment_filter

    from searcher.stores.private.rounded_scan import LEAST_BYTES, RoundedScan

    vectors, mask = segment.vector_data(field)
    if condition is not None:
        met = evaluate_segment_filter(segment, condition, plan).astype(bool)
        mask = met if mask is None else mask & met
    if mask is not None and mask.all():
        mask = None  # the index is quicker without
    index = segment.indexes.get(field)
    if isinstance(index, FaissIvfFlatIndex) and metric == "L2" and vectors.nbytes >= LEAST_BYTES:
        # Lives as long as the index; two threads that make it at once do no harm.
        index = segment.indexes[field] = RoundedScan(index, vectors)
    index = index or BruteForceIndex.build(vectors, metric)
    rows = segment.pk_to_row
    return Source(segment.pks, segment.seqs, rows, index, mask, segment.row_to_dict)


def _unflushed(
    memtable: Any, metric: str, field: str, partitions: Sequence[str] | None, condition: Any
) -> list[Source]:
    """Return the source of the rows that are not flushed yet; none where there are none."""
    from milvus_lite.index.brute_force import BruteForceIndex
    from milvus_lite.search.filter import evaluate_mask

    # Without the vectors, which it would copy number by number.
    keys, seqs, _, places, table = memtable.to_search_snapshot(
        vector_field=None, partition_names=partitions, include_table=condition is not None
    )
    if not keys:
        return []
    batches = memtable._insert_batches  # is only appended to
    columns = {number: batches[number].column(field) for number, _ in places}
    arrays = {
        number: column.flatten().to_numpy().reshape(len(column), -1)
        for number, column in columns.items()
    }
    vectors = np.stack([arrays[number][row] for number, row in places])
    mask = None if condition is None else evaluate_mask(condition, table).astype(bool)
    rows = {key: row for row, key in enumerate(keys)}
    index = BruteForceIndex.build(vectors, metric)
    return [
        Source(keys, seqs, rows, index, mask, lambda row: memtable.materialize_row(*places[row]))
    ]
