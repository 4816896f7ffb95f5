"""The section of a report on the queries on which two models disagree."""

from collections.abc import Sequence

from searcher.evaluation.disagreement import ModelComparison
from searcher.evaluation.measurements import Measurement
from searcher.library.core import Library
from searcher.presentation.cases import CaseFinder, QueryList
from searcher.presentation.query_parts import pictures_of, query_parts
from searcher.presentation.report_parts import NUMBER, Column, Part, Row, Table
from searcher.presentation.reports import Section
from searcher.presentation.wording import sentence, tr

KEY = "disagreements"
LISTED = 12  # queries of each kind


def disagreement_section(
    library: Library, measurement: Measurement, pair: tuple[str, str], count: int = LISTED
) -> Section:
    """Return the section of two models.

    Args:
        library: The library.
        measurement: What was measured, which is not measured again.
        pair: The names of both models.
        count: How many queries of each kind are listed.
    """
    finder = CaseFinder(measurement)
    a, b = (finder.titles[name] for name in pair)
    lists: list[tuple[str, str, QueryList]] = []
    parts: list[Part] = []
    said: Sequence[str] = ()
    if evaluation := measurement.evaluation:
        lists += [
            (
                "a_right",
                tr("{a} is right, {b} is wrong", a=a, b=b),
                finder.disputed(pair, "a", count),
            ),
            (
                "b_right",
                tr("{a} is right, {b} is wrong", a=b, b=a),
                finder.disputed(pair, "b", count),
            ),
        ]
        comparison = ModelComparison(evaluation, *pair)
        parts.append(_differences(comparison, a, b))
        said = [sentence(message) for message in evaluation.messages()]
    lists.append(("overlap", tr("They find different pictures"), finder.overlaps(pair, count)))
    for key, title, found in lists:
        parts += query_parts(key, title, found)
    title = tr("Where {a} and {b} disagree", a=a, b=b)
    pictures = pictures_of(library, [found for _, _, found in lists])
    return Section(KEY, title, [lists[0][2].sentence, *said], parts, pictures=pictures)


def _differences(comparison: ModelComparison, a: str, b: str) -> Table:
    first, second = (comparison.evaluation.quality(name) for name in comparison.names)
    columns = [
        Column("measure", tr("Quality measure")),
        Column("a", a, NUMBER, 3),
        Column("b", b, NUMBER, 3),
        Column("difference", tr("Difference"), NUMBER, 3, has_ends=True),
        Column("p", tr("p-value"), NUMBER, 4),
    ]
    rows: list[Row] = []
    best: set[tuple[int, str]] = set()
    for place, (measure, difference) in enumerate(comparison.differences.items()):
        values = (round(value, 4) for value in (difference.mean, *difference.ci95))
        numbers = dict(zip(columns[3].keys, values, strict=True))
        means = {"a": first.means[measure], "b": second.means[measure]}
        rows.append({"measure": measure, **means, **numbers, "p": round(difference.p, 4)})
        if difference.is_significant:
            best.add((place, "difference"))
    return Table(
        "differences", tr("Differences, query by query"), columns, rows, best=frozenset(best)
    )
