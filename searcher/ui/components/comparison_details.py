"""What the Compare tab shows on request: heat maps, and robustness."""

from dataclasses import dataclass

from searcher.library.core import Library
from searcher.presentation.reasons import Cells, Reasons
from searcher.presentation.steadiness import Robustness
from searcher.search.query import PictureQuery, Query
from searcher.search.results import CompactRanking
from searcher.ui.templating import data_address, render

MOST_REASONS = 6  # hits whose reasons a page keeps for its report


@dataclass(frozen=True)
class DrawnMap:
    """Cells with the picture that they lie on, as a data URL."""

    cells: Cells
    picture: str


@dataclass(frozen=True)
class Explained:
    """Why hits of the comparison that is shown were found, the latest last."""

    rankings: tuple[CompactRanking, ...] = ()
    reasons: tuple[Reasons, ...] = ()

    def with_reasons(
        self, rankings: tuple[CompactRanking, ...], reasons: Reasons | None
    ) -> "Explained":
        """Return them with those of one more hit; those of another comparison are forgotten."""
        if reasons is None:
            return self
        others = [other for other in self.of(rankings) if other.picture_id != reasons.picture_id]
        return Explained(rankings, (*others[-MOST_REASONS + 1 :], reasons))

    def of(self, rankings: tuple[CompactRanking, ...]) -> tuple[Reasons, ...]:
        """Return those of a comparison."""
        return self.reasons if rankings == self.rankings else ()


@dataclass(frozen=True)
class Changed:
    """The robustness of the comparison with these rankings."""

    rankings: tuple[CompactRanking, ...]
    robustness: Robustness


def reasons_html(library: Library, query: Query, reasons: Reasons) -> str:
    """Render why a hit was found, as far as that is known.

    Args:
        library: The library of the hit.
        query: The query, whose picture is shown beside the hit.
        reasons: The reasons of some models.
    """
    hit = data_address(library.stored_query(reasons.picture_id).thumbnail)
    asked = data_address(query.thumbnail) if isinstance(query, PictureQuery) else ""
    maps = [
        [DrawnMap(cells, asked if cells.is_query else hit) for cells in side.cells]
        for side in reasons.sides
    ]
    return render("why.html", name=reasons.name, sides=list(zip(reasons.sides, maps, strict=True)))


def robustness_html(robustness: Robustness) -> str:
    """Render how much of each model's hits survives changes of the query."""
    return render("robustness.html", robustness=robustness)
