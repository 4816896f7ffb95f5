"""Random crops, flips and shifts of colour: no epoch sees a picture twice the same way."""

import torch
from torch import Tensor
from torch.nn import functional

from tools.tiny.config import Config


def augment(pictures: Tensor, side: int, config: Config, generator: torch.Generator) -> Tensor:
    """uint8 [N, 3, H, W] -> float32 [N, 3, side, side] from 0 to 255.

    `generator` is a CPU generator, so that all devices draw the same numbers.
    """
    n = len(pictures)

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        drawn = torch.rand(n, *shape, generator=generator) * (high - low) + low
        return drawn.to(pictures.device)

    scale = uniform(config.smallest_crop, 1)
    stretch = torch.exp(uniform(-config.stretch, config.stretch))
    width, height = (scale * stretch).clamp(max=1), (scale / stretch).clamp(max=1)
    crop = torch.zeros(n, 2, 3, device=pictures.device)
    crop[:, 0, 0] = width * torch.where(uniform(0, 1) < 0.5, 1.0, -1.0)
    crop[:, 1, 1] = height
    crop[:, 0, 2] = uniform(-1, 1) * (1 - width)
    crop[:, 1, 2] = uniform(-1, 1) * (1 - height)
    grid = functional.affine_grid(crop, [n, 3, side, side], align_corners=False)
    cropped = functional.grid_sample(
        pictures.float(), grid, mode="bilinear", padding_mode="reflection", align_corners=False
    )
    gain = uniform(1 - config.contrast, 1 + config.contrast, 1, 1, 1)
    shift = uniform(-config.colour_shift, config.colour_shift, 3, 1, 1)
    return (cropped * gain + shift).clamp(0, 255)
