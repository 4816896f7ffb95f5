"""What the Compare tab shows on request: heat maps, robustness, and the report."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from markupsafe import Markup

from searcher.errors import ModelNotReady
from searcher.library.core import Library
from searcher.library.query_label import query_label
from searcher.messages.message import Message, message
from searcher.metrics.occlusion import GRID, Explanation
from searcher.metrics.robustness import CHANGES, CROP, JPEG_QUALITY
from searcher.models.registry import Model
from searcher.presentation.comparison_view import KEYS, NOTHING, comparison_view
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
    """One model's heat maps of the query, if it is a picture, and of the hit; or why none."""

    key: str
    title: str
    similarity: float = 0.0
    maps: list[HeatMap] = field(default_factory=list)
    reason: Message | None = None


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
        chosen = library.registry.get(model)
        title = chosen.display
        if not chosen.embeds:
            reason = message("model.not_explained", model=title)
            views.append(WhySide(key, title, reason=reason))
            yield render("why.html", name=name, sides=views)
            continue

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


def robustness_html(
    library: Library,
    query: Query,
    models: Sequence[Model],
    k: int,
    where: str,
    progress: Callable[[float], None],
) -> str:
    """Measure and render how much of each model's hits survives changes of the query.

    Args:
        library: The library.
        query: A picture.
        models: The models, of which those without a network are named only.
        k: How many hits are compared.
        where: A condition that hits must meet.
        progress: Called with the share of the work that is done.
    """
    columns = {key: model for key, model in zip(KEYS, models, strict=False) if model.embeds}
    reasons = [
        message("model.not_measured", model=model.display) for model in models if not model.embeds
    ]
    if not columns:
        raise ModelNotReady.of(reasons[0])
    names = [model.name for model in columns.values()]
    survival = library.robustness(query, names, k, where, progress)
    changes = {
        tr(CHANGE_LABELS[change], share=CROP, quality=JPEG_QUALITY): dict(
            zip(columns, shares, strict=True)
        )
        for change, shares in survival.items()
    }
    means = np.mean(list(survival.values()), axis=0).tolist()
    return render(
        "robustness.html",
        survival=changes,
        titles={key: model.display for key, model in columns.items()},
        means=dict(zip(columns, means, strict=True)),
        k=k,
        reasons=reasons,
    )


def report_html(
    library: Library,
    query: Query,
    comparison: Comparison,
    blind: Mapping[str, Message] = NOTHING,
) -> str:
    """Render a comparison as one self-contained HTML document.

    Args:
        library: The library.
        query: The query.
        comparison: The comparison.
        blind: Why models see nothing of the query, by their names.
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
