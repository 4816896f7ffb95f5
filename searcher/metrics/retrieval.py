"""Measures of retrieval for each query, 0 to 1, by the names and definitions of the field.

R is the number of a query's relevant pictures in the gallery. Manning, Raghavan and Schütze,
"Introduction to Information Retrieval", 2008, chapter 8, unless another source is named. A query
without relevant pictures has 0 in every measure.
"""

import numpy as np
import numpy.typing as npt

from searcher.metrics.relevant_ranks import FloatVector, IntVector, RelevantRanks, RowArray

CUTOFFS = (1, 5, 10)

BoolArray = npt.NDArray[np.bool_]
Scores = dict[str, FloatVector]  # a measure's value for each query [Q]


def score(ranks: RelevantRanks, k: int) -> Scores:
    """Compute all measures of every query that need no labels.

    "p@n" for n in CUTOFFS and k, "map" (by min(k, R)), f"recall@{k}", f"hit_rate@{k}", f"mrr@{k}",
    f"ndcg@{k}", f"map_cut@{k}" (by R), "r_precision", "map@all" and "map_trapezoid".

    Args:
        ranks: Of the queries' relevant pictures.
        k: The depth at which rankings are cut.

    Returns:
        The measures, float64 [Q] each, 0 to 1.
    """
    cut = sum_of_precisions(ranks, k)
    return {
        **{f"p@{n}": precision(ranks, n) for n in sorted({*CUTOFFS, k})},
        "map": cut / np.minimum(k, _at_least_one(ranks)),
        f"recall@{k}": recall(ranks, k),
        f"hit_rate@{k}": (hits(ranks, k) > 0).astype(np.float64),
        f"mrr@{k}": reciprocal_rank(ranks, k),
        f"ndcg@{k}": ndcg(ranks, k),
        f"map_cut@{k}": cut / _at_least_one(ranks),
        "r_precision": r_precision(ranks),
        "map@all": sum_of_precisions(ranks) / _at_least_one(ranks),
        "map_trapezoid": average_precision_trapezoid(ranks),
    }


def ceilings(ranks: RelevantRanks, k: int) -> Scores:
    """Return what the best ranking possible would have in each measure of `score`.

    It is below 1 where fewer pictures are relevant than are counted, or more than fit.
    """
    return score(ranks.ideal, k)


def hits(ranks: RelevantRanks, k: int) -> FloatVector:
    """Return the number of relevant pictures among the first k [Q]."""
    return ranks.sums((ranks.ranks <= k).astype(np.float64))


def precision(ranks: RelevantRanks, k: int) -> FloatVector:
    """Return the relevant share of the first k, even where fewer than k are relevant [Q]."""
    return hits(ranks, k) / k


def recall(ranks: RelevantRanks, k: int) -> FloatVector:
    """Return the share of the relevant pictures that is among the first k [Q]."""
    return hits(ranks, k) / _at_least_one(ranks)


def reciprocal_rank(ranks: RelevantRanks, k: int) -> FloatVector:
    """Return 1 / rank of the first relevant picture, 0 beyond k [Q].

    Voorhees, "The TREC-8 question answering track report", 1999.
    """
    is_first = (ranks.places == 1) & (ranks.ranks <= k)
    return ranks.sums(np.where(is_first, 1 / ranks.ranks, 0))


def ndcg(ranks: RelevantRanks, k: int) -> FloatVector:
    """Return the normalised discounted cumulative gain at k [Q].

    The gain is the grade itself, not 2**grade - 1, and the discount log2(rank + 1); both as in
    trec_eval. Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", ACM
    TOIS 20 (2002).
    """
    ideal = _dcg(ranks.ideal, k)
    return np.divide(_dcg(ranks, k), ideal, out=np.zeros_like(ideal), where=ideal > 0)


def r_precision(ranks: RelevantRanks) -> FloatVector:
    """Return the relevant share of the first R [Q]."""
    is_hit = ranks.ranks <= ranks.counts[ranks.owners]
    return ranks.sums(is_hit.astype(np.float64)) / _at_least_one(ranks)


def sum_of_precisions(ranks: RelevantRanks, k: float = np.inf) -> FloatVector:
    """Return the sum of the precisions at the ranks of the relevant pictures up to k [Q].

    Divided by R it is the average precision: trec_eval's `map` for an unlimited k, its `map_cut`
    for others. Divided by min(k, R) a perfect ranking has 1 at every k.
    """
    return ranks.sums(np.where(ranks.ranks <= k, ranks.places / ranks.ranks, 0))


def average_precision_trapezoid(ranks: RelevantRanks) -> FloatVector:
    """Return the area under precision over recall by the trapezoidal rule [Q].

    As in the Oxford buildings' and the Revisited Oxford and Paris sets' own programs: Philbin et
    al., "Object retrieval with large vocabularies and fast spatial matching", CVPR 2007, and
    Radenović et al., CVPR 2018. At each relevant picture it takes the mean of the precision there
    and the precision one rank before, which is 1 before the first rank.
    """
    before = np.where(ranks.ranks == 1, 1, (ranks.places - 1) / np.maximum(ranks.ranks - 1, 1))
    return ranks.sums((before + ranks.places / ranks.ranks) / 2) / _at_least_one(ranks)


def nearest_label(
    nearest: RowArray, labels: npt.NDArray[np.int64], k: int
) -> npt.NDArray[np.int64]:
    """Return the label of most of the first k: k-nearest-neighbour classification.

    Each neighbour has one vote; of labels with equally many votes that of the nearest neighbour
    wins. Cover and Hart, "Nearest neighbor pattern classification", IEEE Transactions on
    Information Theory 13 (1967).

    Args:
        nearest: Rows of neighbours, nearest first, and below 0 where there are no more [Q, depth].
        labels: Numbers from 0, of the pictures that the rows are of [N].
        k: The number of neighbours that vote, at most `depth`.

    Returns:
        A label for each query [Q]; -1 for one without neighbours.
    """
    kept = nearest[:, :k]
    votes = np.where(kept >= 0, labels[kept], -1)
    kinds = int(labels.max(initial=-1)) + 2  # column 0 is for missing neighbours
    cells = votes + 1 + np.arange(len(votes))[:, None] * kinds
    counts = np.bincount(cells.ravel(), minlength=len(votes) * kinds).reshape(-1, kinds)
    counts[:, 0] = 0
    winners = np.take_along_axis(counts, votes + 1, axis=1).argmax(axis=1)
    best: IntVector = votes[np.arange(len(votes)), winners]
    return best


def has_relevant(labels: npt.NDArray[np.str_]) -> BoolArray:
    """Return which pictures share their label with another, bool [N]; only those can be queries."""
    names, counts = np.unique(labels, return_counts=True)
    is_shared: BoolArray = np.isin(labels, names[counts > 1])
    return is_shared


def _dcg(ranks: RelevantRanks, k: int) -> FloatVector:
    return ranks.sums(np.where(ranks.ranks <= k, ranks.gains / np.log2(ranks.ranks + 1), 0))


def _at_least_one(ranks: RelevantRanks) -> FloatVector:
    return np.maximum(ranks.counts, 1).astype(np.float64)
