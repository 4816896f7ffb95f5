"""Every number that a network and its training depend on; kept in the checkpoint."""

from dataclasses import dataclass

from searcher.errors import TwinlensError


@dataclass(frozen=True)
class Config:
    """The defaults are those of the published `tiny`."""

    size: int = 64  # pixels of each side of the input
    dim: int = 384
    widths: tuple[int, ...] = (32, 64, 128, 256)  # channels of the stem and of each stage
    blocks: int = 2  # in each stage
    mean: tuple[float, float, float] = (122.0, 114.0, 101.0)  # RGB, of Tiny-ImageNet
    deviation: float = 60.0
    seed: int = 0

    batch: int = 128
    peak_rate: float = 0.12
    last_rate: float = 1e-4
    warm_up: float = 0.03  # share of the run in which the learning rate rises
    momentum: float = 0.9
    weight_decay: float = 5e-4  # of weights; biases and batch norms have none
    cosine_weight: float = 8.0
    smoothing: float = 0.1  # of the labels
    held_out: int = 2000  # pictures that are only measured on, at most a tenth

    # Smaller pictures cost less, and most of what they teach holds for larger ones.
    early: float = 0.55  # share of the run with smaller pictures
    early_scale: float = 0.75
    smallest_crop: float = 0.65  # of each side
    stretch: float = 0.15  # natural logarithm of the proportions
    contrast: float = 0.2
    colour_shift: float = 12.0  # grey levels, for each channel

    def __post_init__(self) -> None:
        if self.size < self.stride or self.size % self.stride:
            raise TwinlensError(f"The size must be a multiple of {self.stride}, not {self.size}.")

    @property
    def stride(self) -> int:
        """Pixels of the input for each of the last stage: every stage halves the picture."""
        return int(2 ** len(self.widths))

    @property
    def early_size(self) -> int:
        """Pixels of each side in the early part of the run."""
        steps = int(self.size * self.early_scale) // self.stride
        return max(1, steps) * self.stride
