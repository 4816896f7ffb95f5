"""Distances between random queries and random pictures."""

from collections.abc import Mapping

import numpy as np

from searcher.search.query import ALMOST_ZERO
from searcher.search.signature import Signature
from searcher.types import FloatArray


def random_distances(signature: Signature, pools: Mapping[str, FloatArray]) -> FloatArray:
    """Return distances of random queries to the random pictures that are no part of them.

    There are as many queries as the largest pool of their kinds has vectors. For queries of one
    picture these are the distances of all pairs of pictures, each twice.

    Args:
        signature: That of the queries.
        pools: By kind, "picture" and "text": unit vectors [N, D] in random order. Those of texts
            may be left out where the signature has none.

    Returns:
        Euclidean distances, float32 [M].
    """
    pictures = pools["picture"]
    rows = np.arange(max(len(pools[kind]) for kind, _ in signature))
    sums = np.zeros((len(rows), pictures.shape[1]), dtype=np.float32)
    foreign = np.ones((len(rows), len(pictures)), dtype=np.bool_)
    for place, (kind, weight) in enumerate(signature):
        pool = pools[kind]
        # Shifted for each part, so that no query has the same vector twice.
        positions = (rows + place * len(pool) // len(signature)) % len(pool)
        sums += np.float32(weight) * pool[positions]
        if kind == "picture":
            foreign[rows, positions] = False
    lengths = np.linalg.norm(sums, axis=1)
    # Equal vectors, of pictures that a model can't tell apart, may cancel each other out.
    sound = lengths > ALMOST_ZERO * sum(abs(weight) for _, weight in signature)
    cosines = (sums[sound] / lengths[sound, None]) @ pictures.T
    squares = np.maximum(0, 2 - 2 * cosines[foreign[sound]])
    distances: FloatArray = np.sqrt(squares, dtype=np.float32)
    return distances
