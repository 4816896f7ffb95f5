"""Judgements of a file, applied to queries and a gallery."""

import posixpath
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from searcher.datasets.picture_names import AMBIGUOUS, PictureNames, resolve
from searcher.datasets.qrels import Qrels
from searcher.errors import NotEnoughLabels
from searcher.images.sources import printable
from searcher.messages.message import message
from searcher.messages.problems import Problems
from searcher.metrics.ground_truth import JUNK, Judged, JudgedTruth, revisited_gains

IntArray = npt.NDArray[np.int64]
Judgements = dict[int, dict[int, float]]  # relevances by the row of the query, and of the picture


def match(
    qrels: Qrels,
    queries: Sequence[PictureNames],
    gallery: Sequence[PictureNames],
    problems: Problems,
) -> Judgements:
    """Find the pictures that judgements name.

    Args:
        qrels: The judgements.
        queries: How queries may be called.
        gallery: How the gallery's pictures may be called.
        problems: Gets what is wrong with lines that are left out.
    """
    judged: Judgements = {}
    query_rows = resolve({line.query for line in qrels.judgements}, queries)
    picture_rows = resolve({line.picture for line in qrels.judgements}, gallery)
    for line in qrels.judgements:
        query = _row(query_rows, line.query, "query", qrels.name, problems)
        if query is None:
            continue
        # A query of which every picture is missing is a query without a relevant picture.
        relevances = judged.setdefault(query, {})
        picture = _row(picture_rows, line.picture, "picture", qrels.name, problems)
        if picture is None:
            continue
        if relevances.setdefault(picture, line.relevance) != line.relevance:
            text = printable(f"{line.query}, {line.picture}")
            problems.add(message("qrels.conflict", n=1, name=qrels.name, text=text))
    return judged


def _row(
    rows: Mapping[str, int], text: str, kind: str, name: str, problems: Problems
) -> int | None:
    row = rows.get(text)
    if row is not None and row != AMBIGUOUS:
        return row
    shown = printable(text)
    unknown, ambiguous = (
        (
            message("qrels.unknown_query", n=1, name=name, text=shown),
            message("qrels.ambiguous_query", n=1, name=name, text=shown),
        )
        if kind == "query"
        else (
            message("qrels.unknown_picture", n=1, name=name, text=shown),
            message("qrels.ambiguous_picture", n=1, name=name, text=shown),
        )
    )
    problems.add(unknown if row is None else ambiguous)
    return None


def gains_of(relevances: Mapping[int, float], protocol: str) -> Judged:
    """Return the judged pictures of a query.

    Args:
        relevances: By the picture's row; below 0 for junk, or a class of a protocol.
        protocol: A protocol of the Revisited Oxford and Paris sets, "" for none.
    """
    values = np.array(list(relevances.values()), np.float32)
    gains = revisited_gains(values.astype(np.int8), protocol) if protocol else values
    gains[gains < 0] = JUNK
    return Judged(np.array(list(relevances), np.int64), gains)


def judge(
    qrels: Qrels,
    protocol: str,
    queries: Sequence[PictureNames],
    gallery: Sequence[PictureNames],
    places: IntArray,
    problems: Problems,
) -> tuple[IntArray, JudgedTruth]:
    """Return the rows of the queries that have a relevant picture, and the truth about them.

    Args:
        qrels: The judgements.
        protocol: See `gains_of`.
        queries: How queries may be called [Q].
        gallery: How the gallery's pictures may be called [N].
        places: The rows of the queries in the gallery, -1 for those that are not in it [Q].
        problems: Gets what is left out.

    Raises:
        NotEnoughLabels: No query has a relevant picture.
    """
    judgements = match(qrels, queries, gallery, problems)
    asked = np.array(sorted(judgements), np.int64)
    judged = [gains_of(judgements[row], protocol) for row in asked]
    has_relevant = JudgedTruth(judged, len(gallery), places[asked]).has_relevant()
    for row in asked[~has_relevant]:
        text = printable(posixpath.basename(queries[row].paths[0]))
        problems.add(message("qrels.no_relevant", n=1, name=qrels.name, text=text))
    if not has_relevant.any():
        reasons = [*qrels.problems, *problems.messages()]
        if not reasons:
            raise NotEnoughLabels("qrels.nothing", name=qrels.name)
        raise NotEnoughLabels("qrels.nothing_because", name=qrels.name, reason=reasons[0])
    kept = asked[has_relevant]
    of_kept = [judged[row] for row in np.flatnonzero(has_relevant)]
    return kept, JudgedTruth(of_kept, len(gallery), places[kept])
