"""Random weights under which different pictures get different vectors."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

GAIN = 1.6  # of weights over 1/sqrt(fan-in): strong enough for attention to choose
POSITIONS = (
    "position",
    "pos_embed",
    "cls_token",
    "class_embedding",
    "register",
    "relative",
    "probe",
)


def seed(module: nn.Module, number: int) -> nn.Module:
    """Draw all weights anew, in a fixed order."""
    generator = torch.Generator().manual_seed(number)

    def normal(shape: torch.Size) -> Tensor:
        return torch.randn(shape, generator=generator)

    with torch.no_grad():
        for name, weight in module.named_parameters():
            if weight.ndim == 0:
                continue
            if any(word in name for word in POSITIONS):
                weight.copy_(0.3 * normal(weight.shape))
            elif weight.numel() > max(weight.shape):
                weight.copy_(GAIN * normal(weight.shape) * weight[0].numel() ** -0.5)
            elif name.endswith("bias"):
                weight.copy_(0.2 * normal(weight.shape))
            else:
                weight.copy_(1 + 0.2 * normal(weight.shape))
    return module.eval()


def calibrate(module: nn.Module, pixels: Tensor) -> nn.Module:
    """Set the statistics of batch normalisation to those of `pixels`."""
    norms = list(_batch_norms(module))
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = 1.0
        norm.train()
    if norms:
        with torch.no_grad():
            module(pixels)
    return module.eval()


def _batch_norms(module: nn.Module) -> Iterator[nn.BatchNorm2d]:
    return (part for part in module.modules() if isinstance(part, nn.BatchNorm2d))
