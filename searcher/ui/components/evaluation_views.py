"""The pictures behind a measurement's numbers, rendered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from searcher.evaluation.confusion import Confusion, ConfusionMatrix
from searcher.evaluation.disagreement import SORTED_BY, ModelComparison
from searcher.evaluation.hardest import HardestQueries
from searcher.evaluation.measurements import Measurement
from searcher.evaluation.neighbours import Neighbour
from searcher.evaluation.rank_disagreement import RankDisagreements
from searcher.library.core import Library
from searcher.library.query_service import MAX_MODELS
from searcher.presentation.comparison_view import KEYS
from searcher.ui.components.evaluation_corrections import corrections
from searcher.ui.components.evaluation_state import (
    CONFUSION,
    DISAGREEMENTS,
    HARDEST,
    OVERLAP,
    ViewState,
    depths,
)
from searcher.ui.i18n import number, tr
from searcher.ui.templating import render

PAGE = 12  # queries, each with its neighbours
SHOWN = 6  # neighbours of a query
MAX_LABELS = 2000  # in the list of all labels


@dataclass(frozen=True)
class NearRow:
    """What a model finds for a query; `key` is its letter, `note` its score."""

    key: str
    title: str
    note: str
    near: list[Neighbour]


@dataclass(frozen=True)
class QueryCard:
    """A query with what was found for it.

    `href` opens it in Compare; "" for a file, which is not in the library and has no thumbnail.
    """

    id: int
    name: str
    label: str
    href: str
    rows: list[NearRow]


@dataclass(frozen=True)
class View:
    """What a view shows: a sentence, queries, and how many there are; a matrix for CONFUSION."""

    sentence: str
    cards: list[QueryCard] = field(default_factory=list)
    count: int = 0
    matrix: ConfusionMatrix | None = None


class Viewer:
    """Renders the views of a measurement."""

    def __init__(self, library: Library, measurement: Measurement) -> None:
        self._library = library
        self._measurement = measurement
        self._titles = {model.name: model.display for model in measurement.models}

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
            corrected=corrected,
            has_more=state.look and count > self._shown(state, bool(corrected)),
            read_only=self._library.settings.read_only,
            compare=self.compare,
        )

    def compare(self, picture_id: int, names: Sequence[str]) -> str:
        """Return the address of Compare with a picture as the query."""
        models = ",".join(dict.fromkeys(names))
        return "?" + urlencode({"tab": "compare", "picture": str(picture_id), "models": models})

    def _shown(self, state: ViewState, is_corrected: bool) -> int:
        return state.pages * (2 * PAGE if is_corrected else PAGE)

    def _view(self, state: ViewState) -> View:
        if state.look == HARDEST:
            return self._hardest(state)
        if state.look == DISAGREEMENTS:
            return self._overlaps(state) if state.side == OVERLAP else self._disputed(state)
        if state.look == CONFUSION:
            return self._confusion(state)
        return View("")

    def _hardest(self, state: ViewState) -> View:
        assert self._measurement.evaluation
        queries = HardestQueries(
            self._measurement.evaluation, state.model, state.measure, state.label
        )
        names = self._with_others(state.model)
        cards = [
            self._card(
                query.row, names, [(state.model, f"{state.measure} {number(query.score, 2)}")]
            )
            for query in queries.take(0, state.pages * PAGE, SHOWN)
        ]
        sentence = tr(
            "The queries that {model} answers worst, by {measure}.",
            model=self._titles[state.model],
            measure=state.measure,
        )
        return View(sentence, cards, len(queries.rows))

    def _disputed(self, state: ViewState) -> View:
        evaluation = self._measurement.evaluation
        assert evaluation
        comparison = ModelComparison(evaluation, *state.pair)
        queries = comparison.a_right if state.side == "a" else comparison.b_right
        right, wrong = state.pair if state.side == "a" else reversed(state.pair)
        cards = [
            self._card(
                query.row,
                state.pair,
                [
                    (name, f"{SORTED_BY} {number(score, 2)}")
                    for name, score in zip(state.pair, query.scores, strict=True)
                ],
            )
            for query in queries[: state.pages * PAGE]
        ]
        sentence = tr(
            "{n} of {count} queries: the nearest picture is right in {right} and wrong in {wrong}. "
            "The greatest difference in {measure} comes first.",
            n=len(queries),
            count=len(evaluation.task.queries),
            right=self._titles[right],
            wrong=self._titles[wrong],
            measure=SORTED_BY,
        )
        return View(sentence, cards, len(queries))

    def _overlaps(self, state: ViewState) -> View:
        found = RankDisagreements(self._measurement.neighbours, *state.pair)
        cards = [
            self._card(
                query.row,
                state.pair,
                [(state.pair[0], f"RBO {number(query.overlap, 2)}"), (state.pair[1], "")],
            )
            for query in found.take(0, state.pages * PAGE, 0)
        ]
        sentence = tr(
            "Where they find the most different pictures, by rank-biased overlap: 1 for the same "
            "ranking, 0 for nothing in common. The mean is {mean:.2f}.",
            mean=found.mean,
        )
        return View(sentence, cards, len(found.rows))

    def _confusion(self, state: ViewState) -> View:
        confusion = Confusion(self._measurement.neighbours, state.model, int(state.k))
        matrix = confusion.matrix()
        if state.label and state.label not in matrix.labels:
            matrix = confusion.matrix(first=state.label)
        rows: list[int] = []
        if state.label:
            rows = confusion.queries(state.label, state.other).tolist()
        names = self._with_others(state.model)
        cards = [self._card(row, names, [(state.model, "")]) for row in rows[: state.pages * PAGE]]
        return View("", cards, len(rows), matrix)

    def _card(
        self, row: int, compared: Sequence[str], models: Sequence[tuple[str, str]]
    ) -> QueryCard:
        """Return a query with its neighbours in some models, each with a note."""
        neighbours = self._measurement.neighbours
        queries = neighbours.queries
        return QueryCard(
            int(queries.ids[row]),
            queries.names[row],
            str(queries.labels[row]),
            self.compare(int(queries.ids[row]), compared) if neighbours.is_stored(row) else "",
            [
                NearRow(key, self._titles[name], note, neighbours.near(name, row, SHOWN))
                for key, (name, note) in zip(KEYS, models, strict=False)
            ],
        )

    def _with_others(self, model: str) -> list[str]:
        """Return a model and those that it is compared with, at least two if there are."""
        others = [*self._titles, *(other.name for other in self._library.registry.ready())]
        measured = [model, *self._titles][:MAX_MODELS]
        return measured if len(set(measured)) > 1 else list(dict.fromkeys([model, *others]))[:2]

    def _labels(self) -> list[str]:
        return sorted(set(self._measurement.neighbours.queries.labels.tolist()))
