"""What the Compare tab shows on request: heat maps, robustness, and the report."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from markupsafe import Markup

from searcher.library.core import Library
from searcher.library.query_label import query_label
from searcher.metrics.occlusion import GRID, Explanation
from searcher.metrics.robustness import CHANGES, CROP, JPEG_QUALITY
from searcher.search.query import (
    ComposedQuery,
    Part,
    PictureQuery,
    Query,
    StoredQuery,
    TextQuery,
    parts_of,
)
from searcher.search.results import Comparison
from searcher.types import FloatArray
from searcher.ui.assets import static
from searcher.ui.components.comparison import comparison_view
from searcher.ui.i18n import date_and_time, gettext_noop, number, tr
from searcher.ui.templating import data_address, render

REPORT_STYLE = static("report.css")
# The thirds of a picture, by rows from the top left.
POSITIONS = (
    (gettext_noop("top left"), gettext_noop("top middle"), gettext_noop("top right")),
    (gettext_noop("middle left"), gettext_noop("middle middle"), gettext_noop("middle right")),
    (gettext_noop("bottom left"), gettext_noop("bottom middle"), gettext_noop("bottom right")),
)
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
class HeatMap:
    """A picture with a heat map.

    Attributes:
        label: Query or hit.
        picture: A data URL.
        cells: Strengths of the cells, 0 to 1, by rows.
        strongest: The position of the strongest cell in words.
    """

    label: str
    picture: str
    cells: list[list[float]]
    strongest: str


@dataclass(frozen=True)
class WhySide:
    """One model's heat maps of the query, if it is a picture, and of the hit."""

    key: str
    title: str
    similarity: float
    maps: list[HeatMap]


@dataclass(frozen=True)
class ReportPart:
    """A part of the query in the report.

    Attributes:
        picture: A data URL; "" for words.
        name: The words, or the name of the picture.
        weight: Sign and weight in a composed query, else "".
    """

    picture: str
    name: str
    weight: str


def why(
    library: Library,
    query: Query,
    picture_id: int,
    models: Mapping[str, str],
    progress: Callable[..., object],
) -> Iterator[str]:
    """Explain a hit by occlusion heat maps, model by model.

    Args:
        library: The library of the hit.
        query: The query.
        picture_id: The id of the hit.
        models: The names of models that see the query, by their letters.
        progress: Called with a share from 0 to 1 and `desc`.

    Yields:
        HTML with the heat maps of all models finished so far.
    """
    (record,) = library.records.get([picture_id])
    name = record.name if record else tr("this picture")
    hit = library.stored_query(picture_id, "The chosen picture")
    views: list[WhySide] = []
    for key, model in models.items():
        title = library.registry.get(model).display

        def report_share(share: float, title: str = title) -> None:
            progress(share, desc=title)

        # Each picture is decoded once for all models.
        explanation = library.explain(query, hit, model, report_share)
        views.append(_why_side(query, hit, key, title, explanation))
        yield render("why.html", name=name, sides=views)


def _why_side(
    query: Query, hit: StoredQuery, key: str, title: str, explanation: Explanation
) -> WhySide:
    maps: list[tuple[str, PictureQuery, FloatArray]]
    maps = [(gettext_noop("hit"), hit, explanation.hit)]
    if isinstance(query, PictureQuery) and explanation.query is not None:
        maps.insert(0, (gettext_noop("query"), query, explanation.query))
    # Scaled so that each model's strongest cell is 1.
    largest = max(1e-9, *(float(loss.max()) for _, _, loss in maps))
    heat_maps = [
        _heat_map(label, data_address(picture.thumbnail), loss, largest)
        for label, picture, loss in maps
    ]
    return WhySide(key, title, explanation.similarity, heat_maps)


def robustness_html(survival: dict[str, list[float]], titles: Sequence[str], k: int) -> str:
    """Render the robustness table.

    Args:
        survival: For each change of the query the share of the top k that remains, by model.
        titles: The models' titles, in the same order.
        k: How many hits were compared.
    """
    means = np.mean(list(survival.values()), axis=0).tolist()
    changes = {
        tr(CHANGE_LABELS[change], share=CROP, quality=JPEG_QUALITY): shares
        for change, shares in survival.items()
    }
    return render("robustness.html", survival=changes, titles=titles, means=means, k=k)


def report_html(
    library: Library, query: Query, comparison: Comparison, blind: Collection[str] = ()
) -> str:
    """Render a comparison as one self-contained HTML document.

    Args:
        library: The library.
        query: The query.
        comparison: The comparison.
        blind: The names of models that see nothing of the query.
    """
    ids = {i for ranking in comparison.rankings for i in ranking.ids}
    addresses = {i: data_address(library.stored_query(i, "hit").thumbnail) for i in ids}
    view = comparison_view(library, comparison, query_label(library, query), blind)
    return render(
        "report.html",
        style=Markup(REPORT_STYLE.read_text()),
        parts=[_report_part(part, isinstance(query, ComposedQuery)) for part in parts_of(query)],
        date=date_and_time(datetime.now()),
        pictures=library.records.count(),
        view=view,
        columns=view.columns,
        pictures_by_id=addresses,
    )


def _report_part(part: Part, is_composed: bool) -> ReportPart:
    picture = "" if isinstance(part.query, TextQuery) else data_address(part.query.thumbnail)
    sign = "−" if part.weight < 0 else "+"
    weight = f"{sign} {number(abs(part.weight), 2)}" if is_composed else ""
    return ReportPart(picture, part.query.name, weight)


def _heat_map(label: str, picture: str, loss: FloatArray, largest: float) -> HeatMap:
    strength = np.clip(loss / largest, 0, 1)
    row, column = np.unravel_index(int(strength.argmax()), strength.shape)
    return HeatMap(label, picture, strength.tolist(), _position(int(row), int(column)))


def _position(row: int, column: int) -> str:
    """Return the position of a cell in words, for screen readers."""
    return POSITIONS[row * 3 // GRID][column * 3 // GRID]
