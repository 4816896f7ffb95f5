"""What the Map tab shows: the page's elements, and where the current query lies on each map."""

import json
from collections.abc import Mapping, Sequence

import numpy as np

from searcher.errors import TwinlensError
from searcher.evaluation.map_documents import page_document
from searcher.evaluation.maps import Map, Maps
from searcher.library.core import Library
from searcher.metrics.projection import PCA, TSNE
from searcher.ui.assets import map_code
from searcher.ui.components import page_search
from searcher.ui.delivery.map_data import MapData
from searcher.ui.i18n import gettext_noop, tr
from searcher.ui.requests.page_query import PageQuery
from searcher.ui.templating import SMALL_THUMBNAILS, render

NEAREST = 10  # hits between which a query lies that is no picture of the map
TITLES = {TSNE: gettext_noop("t-SNE"), PCA: gettext_noop("PCA")}


class MapView:
    """Renders maps, and keeps the documents that the browser fetches for them."""

    def __init__(self, library: Library, maps: Maps, data: MapData) -> None:
        self._library = library
        self._maps = maps
        self._data = data

    def html(
        self,
        names: Sequence[str],
        method: str,
        query: PageQuery,
        link: Mapping[str, str],
        again: bool = False,
        is_partial: bool = False,
    ) -> str:
        """Render one or two maps.

        Args:
            names: The models.
            method: PCA or TSNE.
            query: The current query, which is shown on the maps.
            link: The parameters of the page's address.
            again: Whether to make what was stopped.
            is_partial: Whether there may be more pictures soon.

        Raises:
            ModelNotReady: A model is not ready.
            StoreUnavailable: Redis or Milvus does not answer.
        """
        library = self._library
        maps = [self._maps.of(name, method, again) for name in names]

        def progress() -> float | None:
            shares = [self._maps.of(name, method).progress for name in names]
            making = [share for share in shares if share is not None]
            return (sum(making) + len(shares) - len(making)) / len(shares) if making else None

        parts = [(view.model, view.method, view.state, view.rows is None) for view in maps]
        labels = tuple(sorted(library.records.index.labels().items()))
        key = self._data.put((*parts, labels), lambda: page_document(library, maps), progress)
        return render(
            "map.html",
            link=link,
            is_partial=is_partial,
            maps=maps,
            method=method,
            titles=TITLES,
            code=f"{map_code()}index.js",
            source=f"twinlens/maps/{key}.json",
            progress_source=f"twinlens/maps/{key}/progress",
            progress=progress(),
            query=json.dumps(query_positions(library, maps, query)),
            words=json.dumps(_words()),
            shown=len({int(i) for view in maps for i in view.ids}),
            total=max(view.total for view in maps),
            thumbnails=SMALL_THUMBNAILS,
            may_write=not library.settings.read_only,
        )


def query_positions(
    library: Library, maps: Sequence[Map], query: PageQuery
) -> list[list[float] | None]:
    """Return where a query lies on each map, [x, y] from 0 to 1; None where that is unknown.

    A picture on the map lies where it is; another query at the mean of its nearest hits there,
    weighted by the inverse of their squared distance.
    """
    nowhere: list[list[float] | None] = [None] * len(maps)
    if not any(part.weight > 0 for part in query.active):
        return nowhere
    rows = [{int(i): row for row, i in enumerate(view.ids)} for view in maps]
    part = query.active[0]
    if len(query.active) == 1 and part.picture_id is not None and part.box is None:
        return [
            view.projection.points[row[part.picture_id]].tolist()
            if part.picture_id in row
            else None
            for view, row in zip(maps, rows, strict=True)
        ]
    models = [library.registry.get(view.model) for view in maps]
    try:
        queries = page_search.open_queries(library, query)
        rankings = page_search.rank(library, query, queries, models, NEAREST)
    except TwinlensError:  # of an upload that is gone; its tab says so
        return nowhere
    positions: list[list[float] | None] = []
    for view, row, ranking in zip(maps, rows, rankings, strict=True):
        hits = [hit for hit in ranking.hits if hit.record.id in row]
        weights = np.array([1 / max(hit.distance**2, 1e-6) for hit in hits])
        points = view.projection.points[[row[hit.record.id] for hit in hits]]
        positions.append(np.average(points, axis=0, weights=weights).tolist() if hits else None)
    return positions


def _words() -> dict[str, str]:
    return {
        "query": tr("Query"),
        "right": tr("The nearest picture has the same label"),
        "wrong": tr("The nearest picture has another label"),
        "share": tr(
            "{share} % of the pictures lie nearest to one of the same label", share="{share}"
        ),
        "agreement": tr("{n} of 10 neighbours in common", n="{n}"),
    }
