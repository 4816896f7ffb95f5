"""The pictures behind a measurement's numbers, rendered."""

from collections.abc import Callable, Mapping

from searcher.evaluation.measurements import Measurement
from searcher.evaluation.paired import Difference
from searcher.library.core import Library
from searcher.presentation.cases import CaseFinder, QueryCard, QueryList
from searcher.ui.components.compare_address import compare_address, with_others
from searcher.ui.components.evaluation_corrections import corrections
from searcher.ui.components.evaluation_state import (
    CONFUSION,
    DISAGREEMENTS,
    HARDEST,
    LIMITS,
    OVERLAP,
    ViewState,
    depths,
)
from searcher.ui.templating import render

PAGE = 12  # queries, each with its neighbours
SHOWN = 6  # neighbours of a query
MAX_LABELS = 2000  # in the list of all labels


class Viewer:
    """Renders the views of a measurement."""

    def __init__(self, library: Library, measurement: Measurement) -> None:
        self._library = library
        self._measurement = measurement
        self._finder = CaseFinder(measurement)
        self._titles = self._finder.titles

    def html(self, state: ViewState, base: Mapping[str, str], is_new: bool = False) -> str:
        """Render a view.

        Args:
            state: The view and its choices.
            base: The other parameters of the page's address.
            is_new: Whether the page scrolls to it.
        """
        evaluation = self._measurement.evaluation
        view = self._view(state)
        corrected = corrections(self._library, self._measurement, state)
        count = corrected.count if corrected else view.count
        return render(
            "evaluation_look.html",
            link=dict(base) | state.address(),
            state=state,
            is_new=is_new,
            has_truth=evaluation is not None,
            has_labels=evaluation is not None and evaluation.task.has_single_labels,
            has_copies=bool(evaluation and evaluation.near_copies),
            titles=self._titles,
            measures=list(evaluation.ceilings) if evaluation else [],
            depths=depths(self._measurement),
            labels=self._labels()[:MAX_LABELS] if state.look == CONFUSION else [],
            view=view,
            measured=self._differences(state),
            corrected=corrected,
            has_more=state.look and count > self._shown(state, bool(corrected)),
            read_only=self._library.settings.read_only,
            address=self._address(state),
            compare=compare_address,
        )

    def _address(self, state: ViewState) -> Callable[[QueryCard], str]:
        models = self._compared(state)
        return lambda card: compare_address(card.id, models) if card.is_stored else ""

    def _shown(self, state: ViewState, is_corrected: bool) -> int:
        return state.pages * (2 * PAGE if is_corrected else PAGE)

    def _view(self, state: ViewState) -> QueryList:
        count = state.pages * PAGE
        if state.look == HARDEST:
            return self._finder.hardest(state.model, state.measure, state.label, count)
        if state.look == LIMITS:
            return self._finder.limiting(state.measure, state.label, count)
        if state.look == DISAGREEMENTS:
            if state.side == OVERLAP:
                return self._finder.overlaps(state.pair, count)
            return self._finder.disputed(state.pair, state.side, count)
        if state.look == CONFUSION:
            return self._finder.confused(state.model, int(state.k), state.label, state.other, count)
        return QueryList("")

    def _compared(self, state: ViewState) -> list[str]:
        """Return the models with which a query of a view opens in Compare."""
        if state.look == DISAGREEMENTS:
            return list(state.pair)
        return with_others(self._library, [*filter(None, [state.model]), *self._titles])

    def _differences(self, state: ViewState) -> list[tuple[str, Difference, str]]:
        """Return the rows of `differences.html`, which open nothing else than what is shown."""
        evaluation = self._measurement.evaluation
        if not evaluation or state.look != DISAGREEMENTS:
            return []
        differences = evaluation.comparison(*state.pair).differences
        return [(measure, difference, "") for measure, difference in differences.items()]

    def _labels(self) -> list[str]:
        return sorted(set(self._measurement.neighbours.queries.labels.tolist()))
