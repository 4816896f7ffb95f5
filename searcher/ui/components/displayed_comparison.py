"""What the Compare tab shows: a comparison, or the finished example that the page opens on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from searcher.errors import InvalidRequest, TwinlensError
from searcher.library.core import Library
from searcher.library.query_label import query_label
from searcher.library.worker import Worker
from searcher.models.registry import Model
from searcher.presentation.comparison_section import comparison_section
from searcher.presentation.reports import Section
from searcher.search.query import Query
from searcher.search.results import CompactRanking, Comparison, Ranking
from searcher.ui.components import page_search
from searcher.ui.components.comparison import comparison_html
from searcher.ui.components.comparison_details import Changed, Explained
from searcher.ui.components.first_view import has_examples
from searcher.ui.components.hit_panel import HitPanel
from searcher.ui.components.query_bar import bar_html
from searcher.ui.requests.live_query import LiveQuery
from searcher.ui.requests.page_query import PageQuery
from searcher.ui.requests.parsing import library_picture


@dataclass(frozen=True)
class ComparisonState:
    """The displayed comparison: its query, and the models' rankings."""

    query: PageQuery
    rankings: tuple[CompactRanking, ...]

    @property
    def ids(self) -> list[int]:
        """The ids of the pictures that it shows."""
        return [picture_id for ranking in self.rankings for picture_id in ranking.ids]


@dataclass(frozen=True)
class ComparisonView:
    """Returns values of the result, the panel, the robustness, both buttons, and the state."""

    library: Library
    worker: Worker
    panel: HitPanel

    def empty(self, html: str) -> list[Any]:
        """Return the values of other HTML in place of a comparison."""
        return [html, self.panel.closed(), "", gr.Row(visible=False), gr.skip(), None]

    def values(
        self,
        state: ComparisonState,
        rankings: Sequence[Ranking],
        models: Sequence[Model],
        opened: Query,
    ) -> list[Any]:
        """Return the values of a comparison.

        Args:
            state: The comparison.
            rankings: Its rankings, with records.
            models: Their models.
            opened: The library's query.
        """
        query = state.query
        blind = page_search.blind_to(self.library, query, models)
        label = query_label(self.library, opened)
        is_partial = self.worker.status.is_partial(model.name for model in models)
        is_picture = len(query.active) == 1 and not query.active[0].text
        return [
            comparison_html(self.library, Comparison.of(*rankings), label, blind, is_partial),
            self.panel.closed(),
            "",
            gr.Row(visible=True),
            gr.Button(visible=is_picture),
            state,
        ]

    def report(
        self, state: ComparisonState | None, changed: Changed | None, explained: Explained
    ) -> Section:
        """Return the section of a report on what is shown, which is not searched for again.

        Raises:
            InvalidRequest: Nothing is shown.
        """
        if state is None:
            raise InvalidRequest("request.nothing_shown")
        library, query = self.library, state.query
        comparison = Comparison.of(*library.expand(state.rankings))
        models = [library.registry.get(ranking.model) for ranking in comparison.rankings]
        is_same = changed is not None and changed.rankings == state.rankings
        return comparison_section(
            library,
            query.library_query(page_search.open_queries(library, query)),
            comparison,
            page_search.blind_to(library, query, models),
            changed.robustness if changed and is_same else None,
            explained.of(state.rankings),
        )

    def example(self, live: LiveQuery) -> list[Any] | None:
        """Make the example the query; return the bar, the values, and the picture box's value.

        Returns:
            None if there is none, or the query was changed meanwhile.
        """
        before, example = live.query, self.worker.example
        if example is None or not has_examples(self.library):
            return None
        query = PageQuery.of_address({"picture": str(example.picture_id)})
        try:
            path = library_picture(self.library, example.picture_id)
            models = [self.library.registry.get(name) for name in example.models]
            state = ComparisonState(query, example.rankings)
            rankings = self.library.expand(example.rankings)
            opened = self.library.stored_query(example.picture_id)
            values = self.values(state, rankings, models, opened)
            bar = bar_html(self.library, query, {}, {})
        except TwinlensError:  # it was removed, or a store does not answer, which the status says
            return None
        return [bar, *values, path] if live.exchange(before, query) else None
