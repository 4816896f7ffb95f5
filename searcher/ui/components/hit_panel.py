"""The panel beside the results: a picture beside the query, its figures per model, actions."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import gradio as gr
from markupsafe import Markup

from searcher.errors import NotFound, TwinlensError
from searcher.images.pictures import THUMBNAIL_SIZE, reencode
from searcher.library.core import Library
from searcher.presentation.comparison_view import KEYS
from searcher.presentation.reasons import find_reasons
from searcher.search.query import TextQuery
from searcher.search.results import CompactRanking, Hit
from searcher.ui import toasts
from searcher.ui.components import page_search, scripts
from searcher.ui.components.comparison_details import Explained, reasons_html
from searcher.ui.components.query_bar import part_names
from searcher.ui.i18n import browser_html, date_and_time, number, sentence, tr
from searcher.ui.requests.arguments import read_event, read_id, read_ids
from searcher.ui.requests.error_handling import raise_refusals, show_errors
from searcher.ui.requests.live_query import LiveQuery
from searcher.ui.requests.page_part import PagePart
from searcher.ui.requests.page_query import PageQuery
from searcher.ui.security.limits import costly
from searcher.ui.templating import data_address, render, thumbnail_address

PROGRESS = gr.Progress()
Rankings = Callable[[Any], Sequence[CompactRanking]]


@dataclass(frozen=True)
class PanelPart:
    """A part of the query; `picture` is a URL, "" for words; `sign` is "" for a single part."""

    name: str
    picture: str
    sign: str


@dataclass(frozen=True)
class Row:
    """What one model says of the hit.

    Attributes:
        key: The model's letter.
        title: The model's title.
        count: The number of hits that it has.
        hit: Its hit, of rank 0 for the query itself; None if the picture is not among them.
        share: The percentile of the distance, 0 to 1; None where there are too few pictures.
    """

    key: str
    title: str
    count: int
    hit: Hit | None
    share: float | None


@dataclass(frozen=True)
class HitPanel:
    """The panel of a tab. It opens at the event "tl-hit" of a card in the same row or tab.

    Its select events have {"action", "id"}, as those of hits have; see `QueryInputs.connect`. Its
    click events have {"action", "ids"}, where the action is "open" or "remove".

    Attributes:
        library: The library.
        html: The component.
        has_query: Whether the picture is shown beside a query.
    """

    library: Library
    html: gr.HTML
    has_query: bool

    def closed(self) -> str:
        """Return the value for new results, which closes the panel."""
        return _closed(self.has_query)

    def opened(self, picture_id: int) -> str:
        """Return the value for a picture without a query; it closes if the picture was removed."""
        return self._html(PageQuery(), [], picture_id)

    def connect(
        self,
        live: gr.State,
        displayed: gr.State,
        rankings: Rankings,
        explained: gr.State | None = None,
    ) -> None:
        """Connect the events of a panel with a query.

        Args:
            live: The tab's LiveQuery.
            displayed: The tab's state of what it shows, None before the first search.
            rankings: Returns the rankings in that state.
            explained: Gets the Explained of the latest pictures.
        """
        kept = [explained] if explained else []

        @show_errors
        def show(live: LiveQuery, displayed: Any, event: gr.EventData) -> str:
            picture_id = next(iter(read_ids(read_event(event, "ids"))), 0)
            found = rankings(displayed) if displayed else []
            return self._html(live.query, found, picture_id)

        # Named so that the endpoint of programs can be called `explain`.
        def show_reasons(
            live: LiveQuery,
            displayed: Any,
            event: gr.EventData,
            progress: Any = PROGRESS,
            *before: Explained,
        ) -> Iterator[list[Any]]:
            def values(html: str) -> list[Any]:
                return [html, *[gr.skip()] * len(kept)]

            def advance(share: float, title: str) -> None:
                progress(share, desc=title)

            with raise_refusals():
                picture_id = read_id(read_event(event, "id"))
                found = rankings(displayed) if displayed else []
                query = live.query
                models = {
                    key: ranking.model
                    for key, ranking in zip(KEYS, found, strict=False)
                    if page_search.is_seen(query, self.library.registry.get(ranking.model))
                }
                yield values(self._html(query, found, picture_id, pending=True))
                why, reasons = "", None
                try:
                    opened = query.library_query(page_search.open_queries(self.library, query))
                    for reasons in find_reasons(self.library, opened, picture_id, models, advance):
                        why = reasons_html(self.library, opened, reasons)
                        yield values(self._html(query, found, picture_id, why, pending=True))
                except TwinlensError:
                    yield values(self._html(query, found, picture_id))
                    raise
                html = self._html(query, found, picture_id, why)
                yield [html, *(e.with_reasons(tuple(found), reasons) for e in before)]

        inputs, outputs = [live, displayed], [self.html, *kept]
        quiet: dict[str, Any] = {
            "preprocess": False,
            "api_visibility": "private",
            "show_progress": "hidden",
        }
        self.html.click(show, inputs, self.html, concurrency_limit=4, **quiet)
        self.html.input(show_reasons, [*inputs, *kept], outputs, **quiet, **costly("explain"))

    def _html(
        self,
        query: PageQuery,
        rankings: Sequence[CompactRanking],
        picture_id: int,
        why: str = "",
        pending: bool = False,
    ) -> str:
        """Render a picture beside the query; close the panel if the picture was removed.

        Args:
            query: The tab's query.
            rankings: The rankings that the tab shows.
            picture_id: The picture.
            why: The HTML of its heat maps.
            pending: Whether more heat maps follow.
        """
        try:
            record = self.library.record(picture_id)
        except NotFound as error:  # it was removed
            toasts.warning(sentence(error.message), title=tr("Warning"))
            return _closed(self.has_query, time.time_ns())
        rows = []
        for key, ranking in zip(KEYS, rankings, strict=False):
            if not ranking.ids:  # the model sees nothing of the query
                continue
            title = self.library.registry.get(ranking.model).display
            expanded = ranking.expand({picture_id: record})
            hit = next(iter([*expanded.own_copies, *expanded.hits]), None)
            share = None
            if hit and hit.rank:
                percentiles = self.library.percentiles(ranking.model, ranking.signature)
                share = percentiles.percentile(hit.distance)
            rows.append(Row(key, title, len(ranking.ids) - ranking.own, hit, share))
        return render(
            "panel.html",
            has_query=self.has_query,
            removable=not (self.has_query or self.library.settings.read_only),
            record=record,
            added=date_and_time(datetime.fromtimestamp(record.added)),
            parts=self._parts(query),
            rows=rows,
            why=Markup(why),
            pending=pending,
        )

    def _parts(self, query: PageQuery) -> list[PanelPart]:
        names = part_names(self.library, query.active)
        is_sum = len(query.active) > 1
        return [
            PanelPart(
                names[part.key],
                self._picture(part),
                f"{'−' if part.weight < 0 else '+'} {number(abs(part.weight), 1)}"
                if is_sum
                else "",
            )
            for part in query.active
        ]

    def _picture(self, part: PagePart) -> str:
        """Return the URL of a part's picture: uploads and regions have none but a data URL."""
        if part.picture_id is not None and part.box is None:
            return thumbnail_address(part.picture_id)
        try:
            query = part.query(self.library)
            if isinstance(query, TextQuery):
                return ""
            return data_address(reencode(query.picture, THUMBNAIL_SIZE, quality=80))
        except TwinlensError:  # the upload is too old
            return part.preview


def hit_panel(library: Library, tab: str, has_query: bool = True) -> HitPanel:
    """Build the panel of a tab; place it in the row of its results, or in the tab."""
    key = f"{tab}-panel"
    html = gr.HTML(
        browser_html(key, lambda: _closed(has_query)),
        elem_id=key,
        elem_classes="tl-panel-source",
        js_on_load=scripts.PANEL,
    )
    return HitPanel(library, html, has_query)


def _closed(has_query: bool, change: int = 0) -> str:
    """Render the panel without a picture; another `change` makes the browser see a new value."""
    return render("panel.html", has_query=has_query, change=change, record=None, parts=[])
