"""Queries with what models find for them, as Evaluate and its reports list them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from searcher.evaluation.confusion import Confusion, ConfusionMatrix
from searcher.evaluation.disagreement import SORTED_BY, ModelComparison
from searcher.evaluation.hardest import HardestQueries
from searcher.evaluation.measurements import Measurement
from searcher.evaluation.neighbours import Neighbour
from searcher.evaluation.rank_disagreement import RankDisagreements
from searcher.presentation.comparison_view import KEYS
from searcher.presentation.wording import number, tr

SHOWN = 6  # neighbours of a query


@dataclass(frozen=True)
class NearRow:
    """What a model finds for a query.

    Attributes:
        key: The model's letter.
        title: Its title.
        note: Its score in words; "" for none.
        near: Its nearest pictures.
        name: Its name.
        score: Its score; None for none.
    """

    key: str
    title: str
    note: str
    near: list[Neighbour]
    name: str = ""
    score: float | None = None


@dataclass(frozen=True)
class QueryCard:
    """A query with what was found for it.

    `is_stored` is false for a file, which is not in the library and has no thumbnail.
    """

    id: int
    name: str
    label: str
    is_stored: bool
    rows: list[NearRow]


@dataclass(frozen=True)
class QueryList:
    """A sentence, queries, and how many there are; a matrix for confused labels."""

    sentence: str
    cards: list[QueryCard] = field(default_factory=list)
    count: int = 0
    matrix: ConfusionMatrix | None = None


Score = tuple[str, str, float | None]  # a model's name, its score in words, and the score


class CaseFinder:
    """Lists queries of a measurement."""

    def __init__(self, measurement: Measurement) -> None:
        self._measurement = measurement
        self.titles = {model.name: model.display for model in measurement.models}

    def hardest(self, model: str, measure: str, label: str, count: int) -> QueryList:
        """Return the queries that a model answers worst; `label` leaves out those of others."""
        assert self._measurement.evaluation
        queries = HardestQueries(self._measurement.evaluation, model, measure, label)
        cards = [
            self._scored(query.row, [(model, f"{measure} {number(query.score, 2)}", query.score)])
            for query in queries.take(0, count, SHOWN)
        ]
        sentence = tr(
            "The queries that {model} answers worst, by {measure}.",
            model=self.titles[model],
            measure=measure,
        )
        return QueryList(sentence, cards, len(queries.rows))

    def limiting(self, measure: str, label: str, count: int) -> QueryList:
        """Return the queries for which the best ranking possible has the lowest values."""
        assert self._measurement.evaluation
        queries = HardestQueries(self._measurement.evaluation, "", measure, label)
        cards = []
        for query in queries.take(0, count, SHOWN):
            note = tr(
                "{measure} at most {score}; relevant pictures: {n}",
                measure=measure,
                score=number(query.score, 2),
                n=number(query.relevant),
            )
            row = NearRow(KEYS[0], "", note, query.nearest, "", query.score)
            cards.append(self._card(query.row, [row]))
        sentence = tr(
            "The queries for which even the best ranking possible has the lowest {measure}, and "
            "what it puts first.",
            measure=measure,
        )
        return QueryList(sentence, cards, len(queries.rows))

    def disputed(self, pair: tuple[str, str], side: str, count: int) -> QueryList:
        """Return the queries that only one of two models gets right; `side` "a" for the first."""
        evaluation = self._measurement.evaluation
        assert evaluation
        comparison = ModelComparison(evaluation, *pair)
        queries = comparison.a_right if side == "a" else comparison.b_right
        right, wrong = pair if side == "a" else reversed(pair)
        cards = [
            self._scored(
                query.row,
                [
                    (name, f"{SORTED_BY} {number(score, 2)}", score)
                    for name, score in zip(pair, query.scores, strict=True)
                ],
            )
            for query in queries[:count]
        ]
        sentence = tr(
            "{n} of {count} queries: the nearest picture is right in {right} and wrong in {wrong}. "
            "The greatest difference in {measure} comes first.",
            n=len(queries),
            count=len(evaluation.task.queries),
            right=self.titles[right],
            wrong=self.titles[wrong],
            measure=SORTED_BY,
        )
        return QueryList(sentence, cards, len(queries))

    def overlaps(self, pair: tuple[str, str], count: int) -> QueryList:
        """Return the queries for which two models find the most different pictures."""
        found = RankDisagreements(self._measurement.neighbours, *pair)
        cards = [
            self._scored(
                query.row,
                [
                    (pair[0], f"RBO {number(query.overlap, 2)}", query.overlap),
                    (pair[1], "", query.overlap),
                ],
            )
            for query in found.take(0, count, 0)
        ]
        sentence = tr(
            "Where they find the most different pictures, by rank-biased overlap: 1 for the same "
            "ranking, 0 for nothing in common. The mean is {mean:.2f}.",
            mean=found.mean,
        )
        return QueryList(sentence, cards, len(found.rows))

    def confused(self, model: str, k: int, label: str, other: str, count: int) -> QueryList:
        """Return the matrix of labels that a model confuses, and the queries of a label."""
        confusion = Confusion(self._measurement.neighbours, model, k)
        matrix = confusion.matrix()
        if label and label not in matrix.labels:
            matrix = confusion.matrix(first=label)
        rows: list[int] = confusion.queries(label, other).tolist() if label else []
        cards = [self._scored(row, [(model, "", None)]) for row in rows[:count]]
        return QueryList("", cards, len(rows), matrix)

    def _scored(self, row: int, scores: Sequence[Score]) -> QueryCard:
        """Return a query with its neighbours in some models."""
        near = self._measurement.neighbours.near
        return self._card(
            row,
            [
                NearRow(key, self.titles[name], note, near(name, row, SHOWN), name, score)
                for key, (name, note, score) in zip(KEYS, scores, strict=False)
            ],
        )

    def _card(self, row: int, rows: list[NearRow]) -> QueryCard:
        neighbours = self._measurement.neighbours
        queries = neighbours.queries
        return QueryCard(
            int(queries.ids[row]),
            queries.names[row],
            str(queries.labels[row]),
            neighbours.is_stored(row),
            rows,
        )
