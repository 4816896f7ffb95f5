"""Preprocessing of pixels before a network's first layer."""

from dataclasses import dataclass

from searcher.errors import CannotAdopt

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Preprocess:
    """(pixel x scale - mean) / std per channel, in the order of `channels`; pixels 0 to 255."""

    channels: str = "RGB"
    scale: float = 1.0
    mean: Triple = (0.0, 0.0, 0.0)
    std: Triple = (1.0, 1.0, 1.0)

    def __str__(self) -> str:
        """Describe the preprocessing, as in `RGB, (pixel x 0.003922 - [0.485 …]) / [0.229 …]`."""
        mean, std = (" ".join(f"{v:g}" for v in values) for values in (self.mean, self.std))
        return f"{self.channels}, (pixel x {self.scale:.6g} - [{mean}]) / [{std}]"


PRESETS = {
    "none": Preprocess(),
    "unit": Preprocess(scale=1 / 255),
    # torchvision's, after Krizhevsky's statistics of the training set.
    "imagenet": Preprocess(scale=1 / 255, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)),
    # keras.applications.imagenet_utils, modes "caffe" and "tf".
    "caffe": Preprocess(channels="BGR", mean=(103.939, 116.779, 123.68)),
    "tf": Preprocess(scale=1 / 127.5, mean=(1.0, 1.0, 1.0)),
    # Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", 2021.
    "clip": Preprocess(
        scale=1 / 255,
        mean=(0.48145466, 0.4578275, 0.40821073),
        std=(0.26862954, 0.26130258, 0.27577711),
    ),
    "siglip": Preprocess(scale=1 / 255, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5)),
}


def assumed_scale(mean: Triple | None, std: Triple | None) -> float:
    """Return the scale that goes with a mean and a standard deviation.

    torchvision and preprocessor_config.json give those of pixels from 0 to 1.

    Raises:
        CannotAdopt: The numbers do not tell.
    """
    numbers = [abs(number) for number in (*(mean or ()), *(std or ()))]
    if max(numbers, default=0) <= 1:
        return 1 / 255
    if mean and min(abs(number) for number in mean) > 1 and min(std or (2.0,)) >= 1:
        return 1.0
    raise CannotAdopt("adopt.scale")
