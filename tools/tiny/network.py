"""The network: a small residual network with a projection to the teacher's space."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from tools.tiny.config import Config


class ConvNorm(nn.Module):
    """A convolution without bias and its batch norm."""

    def __init__(self, channels: int, width: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, width, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        """[N, channels, H, W] -> [N, width, H / stride, W / stride]."""
        normed: Tensor = self.norm(self.conv(x))
        return normed


class Block(nn.Module):
    """Two convolutions of 3 x 3 beside a shortcut.

    A shortcut that halves the picture averages before its convolution of 1 x 1, so that it drops
    no pixels: the ResNet-D of He et al., "Bag of tricks" (CVPR 2019).
    """

    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__()
        self.first = ConvNorm(channels, width, 3, stride)
        self.second = ConvNorm(width, width, 3)
        self.pool = nn.AvgPool2d(stride) if stride > 1 else None
        self.shortcut = ConvNorm(channels, width, 1) if channels != width or stride > 1 else None

    def forward(self, x: Tensor) -> Tensor:
        """[N, channels, H, W] -> [N, width, H / stride, W / stride]."""
        beside = self.pool(x) if self.pool else x
        beside = self.shortcut(beside) if self.shortcut else beside
        return functional.relu(self.second(functional.relu(self.first(x))) + beside)


class Network(nn.Module):
    """Pictures in, a direction in the teacher's space and a guess at the label out."""

    def __init__(self, config: Config, labels: int) -> None:
        super().__init__()
        stem, *stages = config.widths
        self.stem = ConvNorm(3, stem, 3, stride=2)
        blocks: list[Block] = []
        channels = stem
        for width in stages:
            for number in range(config.blocks):
                blocks.append(Block(channels, width, stride=1 if number else 2))
                channels = width
        self.blocks = nn.Sequential(*blocks)
        self.norm = nn.BatchNorm1d(channels)
        self.project = nn.Linear(channels, config.dim)
        self.classify = nn.Linear(channels, labels)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """[N, 3, H, W] normalised -> embedding [N, dim], not of unit length, and logits."""
        maps = self.blocks(functional.relu(self.stem(pixels)))
        features = self.norm(maps.mean((2, 3)))
        return self.project(features), self.classify(features)


def normalised(pixels: Tensor, config: Config) -> Tensor:
    """[N, 3, H, W] from 0 to 255 -> about zero mean and unit deviation."""
    mean = torch.tensor(config.mean, device=pixels.device).view(1, 3, 1, 1)
    centred = (pixels.float() - mean) / config.deviation
    return centred.contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def embed(network: Network, images: Tensor, config: Config) -> Tensor:
    """uint8 [N, H, W, 3] -> unit vectors [N, dim], as the model file gives them."""
    network.eval()
    embedding, _ = network(normalised(images.permute(0, 3, 1, 2), config))
    return functional.normalize(embedding)
