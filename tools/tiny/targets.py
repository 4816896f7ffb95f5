"""What the network learns of its teacher: the directions in which its vectors differ most."""

from collections.abc import Iterator

import numpy as np

from searcher.errors import TwinlensError
from tools.tiny.data import TrainingSet

BLOCK = 4096  # vectors in memory at once


def principal_directions(data: TrainingSet, dim: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the mean [T], the first directions [T, dim] and the share of variance they keep.

    Principal component analysis of the teacher's unit vectors. Raises TwinlensError where all
    of them are the same.
    """
    mean = sum(block.sum(axis=0) for block in _unit_blocks(data)) / len(data.rows)
    centred = (block - mean for block in _unit_blocks(data))
    if len(data.rows) < len(mean):  # few pictures: their matrix is smaller than the covariance
        _, deviations, transposed = np.linalg.svd(np.concatenate(list(centred)), False)
        values, directions = deviations**2, transposed.T
    else:
        covariance = np.zeros((len(mean), len(mean)))
        for block in centred:
            covariance += block.T @ block
        ascending, vectors = np.linalg.eigh(covariance)
        values, directions = ascending[::-1], vectors[:, ::-1]
    variance = float(values.sum())
    # Float16 rounds a unit vector by about 1e-4.
    if variance < 1e-7 * len(data.rows):
        raise TwinlensError("The teacher gives all pictures the same vector: nothing to learn.")
    kept = float(values[:dim].sum()) / variance
    return mean, np.ascontiguousarray(directions[:, :dim]), kept


def _unit_blocks(data: TrainingSet) -> Iterator[np.ndarray]:
    """Yield the vectors as float64 [up to BLOCK, T] of unit length."""
    for start in range(0, len(data.rows), BLOCK):
        block = data.vectors[data.rows[start : start + BLOCK]].astype(np.float64)
        yield block / np.linalg.norm(block, axis=1, keepdims=True)
