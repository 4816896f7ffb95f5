"""Signatures of queries: what kinds of parts a query has, and how much each counts.

Distances of queries with one signature lie in one range: words are further from every picture than
pictures are from each other.
"""

from collections.abc import Sequence

from searcher.search.query import Part, TextQuery

Signature = tuple[tuple[str, float], ...]  # (kind, weight) of the parts, sorted

PICTURE: Signature = (("picture", 1.0),)
TEXT: Signature = (("text", 1.0),)
DECIMALS = 3  # of a weight


def signature_of(parts: Sequence[Part]) -> Signature:
    """Return the signature of a query's parts.

    Only the proportion of the weights matters, since the sum of the vectors is normalised: the
    largest becomes 1 or -1.
    """
    largest = max(abs(part.weight) for part in parts)
    kinds = ("text" if isinstance(part.query, TextQuery) else "picture" for part in parts)
    weights = (round(part.weight / largest, DECIMALS) for part in parts)
    return tuple(sorted(zip(kinds, weights, strict=True)))
