"""Why a hit was found: heat maps of occlusion, before they are drawn."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from searcher.library.core import Library
from searcher.messages.message import Message, message
from searcher.metrics.occlusion import GRID
from searcher.presentation.wording import gettext_noop, tr
from searcher.search.query import PictureQuery, Query
from searcher.types import FloatArray

# The thirds of a picture, by rows from the top left.
POSITIONS = (
    (gettext_noop("top left"), gettext_noop("top middle"), gettext_noop("top right")),
    (gettext_noop("middle left"), gettext_noop("middle middle"), gettext_noop("middle right")),
    (gettext_noop("bottom left"), gettext_noop("bottom middle"), gettext_noop("bottom right")),
)


@dataclass(frozen=True)
class Cells:
    """How much a match depends on each cell of a picture: 0 to 1, by rows."""

    is_query: bool
    strengths: Sequence[Sequence[float]]

    @property
    def label(self) -> str:
        """What the picture is."""
        return tr("query") if self.is_query else tr("hit")

    @property
    def strongest(self) -> str:
        """The position of the strongest cell in words."""
        row, column = np.unravel_index(int(np.argmax(self.strengths)), (GRID, GRID))
        return tr(POSITIONS[int(row) * 3 // GRID][int(column) * 3 // GRID])


@dataclass(frozen=True)
class ReasonSide:
    """One model's cells of the query, if it is a picture, and of the hit; or why none."""

    key: str
    title: str
    similarity: float = 0.0
    cells: Sequence[Cells] = ()
    reason: Message | None = None


@dataclass(frozen=True)
class Reasons:
    """Why a picture was found, model by model."""

    picture_id: int
    name: str
    sides: tuple[ReasonSide, ...]

    def document(self) -> dict[str, Any]:
        """The reasons as a JSON document."""
        return {
            "id": self.picture_id,
            "name": self.name,
            "models": [
                {
                    "title": side.title,
                    "similarity": round(side.similarity, 6) if side.cells else None,
                    **{
                        "query" if cells.is_query else "hit": [list(row) for row in cells.strengths]
                        for cells in side.cells
                    },
                }
                for side in self.sides
            ],
        }


Progress = Callable[[float, str], object]  # called with a share, 0 to 1, and a model's title


def find_reasons(
    library: Library,
    query: Query,
    picture_id: int,
    models: Mapping[str, str],
    progress: Progress = lambda share, title: None,
) -> Iterator[Reasons]:
    """Explain a hit by occlusion, model by model.

    Args:
        library: The library of the hit.
        query: The query.
        picture_id: The id of the hit.
        models: The names of models that see the query, by their letters.
        progress: Shows the progress.

    Yields:
        The reasons of all models finished so far.
    """
    (record,) = library.records.get([picture_id])
    name = record.name if record else tr("this picture")
    hit = library.stored_query(picture_id, "The chosen picture")
    sides: tuple[ReasonSide, ...] = ()
    for key, model in models.items():
        chosen = library.registry.get(model)
        title = chosen.display
        if not chosen.embeds:
            sides += (ReasonSide(key, title, reason=message("model.not_explained", model=title)),)
            yield Reasons(picture_id, name, sides)
            continue

        def report_share(share: float, title: str = title) -> None:
            progress(share, title)

        # Each picture is decoded once for all models.
        explanation = library.explain(query, hit, model, report_share)
        losses = [(False, explanation.hit)]
        if isinstance(query, PictureQuery) and explanation.query is not None:
            losses.insert(0, (True, explanation.query))
        # Scaled so that each model's strongest cell is 1.
        largest = max(1e-9, *(float(loss.max()) for _, loss in losses))
        cells = [Cells(is_query, _strengths(loss, largest)) for is_query, loss in losses]
        sides += (ReasonSide(key, title, explanation.similarity, cells),)
        yield Reasons(picture_id, name, sides)


def _strengths(loss: FloatArray, largest: float) -> list[list[float]]:
    strengths: list[list[float]] = np.clip(loss / largest, 0, 1).round(3).tolist()
    return strengths
