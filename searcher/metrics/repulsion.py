"""How the points of t-SNE push each other apart, by interpolation on a grid (FIt-SNE).

With w = 1 / (1 + d²) of two points at the distance d, all points j push point i by the sum of
w² (y_i - y_j), divided by the sum Z of w over all pairs (van der Maaten and Hinton, "Visualizing
Data using t-SNE", JMLR 9, 2008).
The sums are convolutions of the points' charges 1, x and y, which FFT makes on a grid: Linderman,
Rachh, Hoskins, Steinerberger and Kluger, "Fast interpolation-based t-SNE for improved visualization
of single-cell RNA-seq data", Nature Methods 16 (2019).
"""

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]

NODES = 3  # of a box in each direction: between them potentials are parabolas
BOX = 1.0  # the longest side of a box, where w falls to a half at the distance 1
FEWEST, MOST = 15, 200  # boxes in each direction; more would take over 100 MB
ROOM = 1.05  # by how much a grid exceeds the points, so that it serves for some iterations


class Repulsion:
    """Computes the pushes of points that move little from one call to the next."""

    def __init__(self) -> None:
        self._grid = Grid(0.0)

    def __call__(self, points: Matrix) -> tuple[Matrix, float]:
        """Return the pushes [N, 2], not yet divided by Z, and Z.

        Args:
            points: float64 [N, 2], around 0.
        """
        reach = float(np.abs(points).max())
        if not reach <= self._grid.reach <= ROOM**2 * reach:
            self._grid = Grid(ROOM * reach)
        return self._grid.pushes(points)


class Grid:
    """Boxes with nodes at equal distances, between which potentials are interpolated.

    Args:
        reach: The largest coordinate of points, either sign.
    """

    def __init__(self, reach: float) -> None:
        self.reach = reach
        self._boxes = _fast(int(np.clip(np.ceil(2 * reach / BOX), FEWEST, MOST)))
        self._side = self._boxes * NODES
        self._width = 2 * reach / self._boxes or 1.0
        # Twice as wide, since a convolution by FFT begins again at the other end.
        steps = np.arange(2 * self._side)
        squares = np.square(np.minimum(steps, 2 * self._side - steps) * (self._width / NODES))
        kernel = 1 / (1 + squares[:, None] + squares)
        # Symmetric, so the transforms are real.
        kernels = np.stack([np.square(kernel), kernel])
        self._kernels = np.fft.rfft2(kernels).real.astype(np.float32)

    def pushes(self, points: Matrix) -> tuple[Matrix, float]:
        """Return what `Repulsion` does, to a few percent of the longest push."""
        nodes, shares = self._near(points)
        charges = np.stack([np.ones(len(points)), points[:, 0], points[:, 1]])
        size = self._side * self._side
        spread = [
            np.bincount(nodes, (charge[:, None] * shares).ravel(), size).astype(np.float32)
            for charge in charges
        ]
        potentials = self._convolve(np.stack(spread).reshape(3, self._side, self._side))
        at_nodes = potentials.reshape(4, size)[:, nodes].reshape(4, *shares.shape)
        count, x, y, weight = np.einsum("pnk,nk->pn", at_nodes, shares)
        moments = np.stack([x, y], axis=1)
        return points * count[:, None] - moments, float(weight.sum()) - len(points)

    def _near(self, points: Matrix) -> tuple[npt.NDArray[np.int64], Matrix]:
        """Return each point's nodes, flat, and its shares [N, nodes] in them, which sum to 1."""
        places = (points + self.reach) / self._width
        boxes = np.clip(places.astype(np.int64), 0, self._boxes - 1)
        within = (places - boxes) * NODES - 0.5  # 0, 1 and 2 at the nodes
        # Lagrange's polynomials for three nodes.
        bases = np.stack(
            [
                (within - 1) * (within - 2) / 2,
                within * (2 - within),
                within * (within - 1) / 2,
            ],
            axis=2,
        )
        first = boxes * NODES
        rows = first[:, 0, None] + np.arange(NODES)
        columns = first[:, 1, None] + np.arange(NODES)
        nodes = rows[:, :, None] * self._side + columns[:, None, :]
        shares = bases[:, 0, :, None] * bases[:, 1, None, :]
        return nodes.ravel(), shares.reshape(len(points), NODES * NODES)

    def _convolve(self, charges: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return the potentials [4, S, S] of charges [3, S, S]: w² of each, and w of the first."""
        side, wide = self._side, 2 * self._side
        # One direction after the other: half of the rows are zeros before, and unused after.
        waves = np.fft.fft(np.fft.rfft(charges, wide, axis=2), wide, axis=1)
        squared, plain = self._kernels
        waves = np.concatenate([waves * squared, waves[:1] * plain])
        potentials = np.fft.irfft(np.fft.ifft(waves, axis=1)[:, :side], wide, axis=2)
        return potentials[:, :, :side].astype(np.float32, copy=False)


def _fast(count: int) -> int:
    """Return the next number, `count` or greater, that has no factors but 2, 3 and 5."""
    while True:
        rest = count
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return count
        count += 1
