"""The order of models: in every list, and for a first choice."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from searcher.models.catalog import BASELINES, CATALOGUE

if TYPE_CHECKING:
    from searcher.models.registry import Model

# Models of the catalogue come first, then other files, then the baselines.
FIRST = tuple(CATALOGUE)
LAST = tuple(BASELINES)
# Networks for words and pictures that a person installed, then those of the first start: by their
# precision over photographs.
PREFERRED = (
    *("siglip2_base", "siglip_base", "clip_vit_b32", "mobileclip_s0", "dinov2_small"),
    *("words", "efficientnet_lite2", "efficientnet_lite0", "resnet50", "vgg16"),
)


def sort_key(model: "Model") -> tuple[int, str]:
    """Return the key by which models are ordered in every list."""
    name = model.name
    if name in LAST:
        return len(FIRST) + 1 + LAST.index(name), name
    return FIRST.index(name) if name in FIRST else len(FIRST), name


def best_models(
    ready: "Iterable[Model]", count: int, covered: Callable[[str], int] = lambda name: 0
) -> "list[Model]":
    """Return at most `count` models for a first choice, the best first; see `by_preference`.

    Args:
        ready: The models that are ready for searches.
        count: The number of models.
        covered: Returns how many pictures a model has vectors of. Models that were installed a
            moment ago, and have seen less than half of the pictures, come last.
    """
    models = by_preference(ready)
    most = max((covered(model.name) for model in models), default=0)
    return sorted(models, key=lambda model: 2 * covered(model.name) < most)[:count]


def is_baseline(model: "Model") -> bool:
    """Whether a model is a yardstick for others only: a baseline, or an untrained network."""
    return model.name in BASELINES or model.untrained


def contenders(models: "Iterable[Model]") -> "list[Model]":
    """Return the models that are not baselines; all where fewer than two would be left."""
    every = list(models)
    others = [model for model in every if not is_baseline(model)]
    return others if len(others) > 1 else every


def by_preference(models: "Iterable[Model]") -> "list[Model]":
    """Sort models for a first choice, the one that is likely to be best first.

    Trained networks, then the baselines, then untrained networks, then models without a network,
    which can't search for new pictures.
    """

    def key(model: "Model") -> tuple[bool, bool, bool, int]:
        rank = PREFERRED.index(model.name) if model.name in PREFERRED else len(PREFERRED)
        return not model.embeds, model.untrained, model.name in BASELINES, rank

    return sorted(models, key=key)
