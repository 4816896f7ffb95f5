"""Robustness of hits against changes of the query, in words and figures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from searcher.errors import ModelNotReady
from searcher.library.core import Library
from searcher.messages.message import Message, message
from searcher.metrics.robustness import CHANGES, CROP, JPEG_QUALITY
from searcher.models.registry import Model
from searcher.presentation.comparison_view import KEYS
from searcher.presentation.wording import gettext_noop, tr
from searcher.search.query import Query

CHANGE_LABELS = dict(
    zip(
        CHANGES,
        (
            gettext_noop("turned by 90°"),
            gettext_noop("mirrored"),
            gettext_noop("cropped to {share:.0%}"),
            gettext_noop("blurred"),
            gettext_noop("greyscale"),
            gettext_noop("JPEG quality {quality}"),
        ),
        strict=True,
    )
)


@dataclass(frozen=True)
class Robustness:
    """How much of each model's first hits survives changes of the query.

    Attributes:
        titles: The models' titles by their letters.
        names: The models' names by their letters.
        survival: The shares by change, in the order of the models.
        k: How many hits were compared.
        reasons: Why models were not measured.
    """

    titles: dict[str, str]
    names: dict[str, str]
    survival: dict[str, list[float]]
    k: int
    reasons: list[Message]

    @property
    def labelled(self) -> dict[str, dict[str, float]]:
        """The shares by the models' letters, by what each change is called."""
        return {
            change_label(change): dict(zip(self.titles, shares, strict=True))
            for change, shares in self.survival.items()
        }

    @property
    def means(self) -> dict[str, float]:
        """The mean of each model's shares, by its letter."""
        means = np.mean(list(self.survival.values()), axis=0).tolist()
        return dict(zip(self.titles, means, strict=True))


def change_label(change: str) -> str:
    """Return what a change of CHANGES is called."""
    return tr(CHANGE_LABELS[change], share=CROP, quality=JPEG_QUALITY)


def measure_robustness(
    library: Library,
    query: Query,
    models: Sequence[Model],
    k: int,
    where: str = "",
    progress: Callable[[float], None] = lambda share: None,
) -> Robustness:
    """Measure how much of each model's hits survives changes of the query.

    Args:
        library: The library.
        query: A picture.
        models: The models, of which those without a network are named only.
        k: How many hits are compared.
        where: A condition that hits must meet.
        progress: Called with the share of the work that is done.

    Raises:
        ModelNotReady: No model has a network.
    """
    columns = {key: model for key, model in zip(KEYS, models, strict=False) if model.embeds}
    reasons = [
        message("model.not_measured", model=model.display) for model in models if not model.embeds
    ]
    if not columns:
        raise ModelNotReady.of(reasons[0])
    names = {key: model.name for key, model in columns.items()}
    survival = library.robustness(query, list(names.values()), k, where, progress)
    titles = {key: model.display for key, model in columns.items()}
    return Robustness(titles, names, survival, k, reasons)
