"""How the commands about the models' quality print what they find."""

from typing import TYPE_CHECKING

from searcher.cli.output import aligned, counted, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from searcher.evaluation.confusion import ConfusedPair
    from searcher.evaluation.disagreement import ModelComparison
    from searcher.evaluation.evaluation_results import Evaluation
    from searcher.evaluation.hardest import HardestQueries
    from searcher.evaluation.rank_disagreement import RankDisagreements
    from searcher.evaluation.suspicious_labels import SuspiciousLabel

LISTED = 10  # queries
DEPTHS = (1, 2, 3, 5, 10, 15, 20, 50, 100, 200, 500, 1000)


def print_quality(evaluation: "Evaluation") -> None:
    """Print the verdict, and a table of all measures."""
    counts = (
        counted(evaluation.pictures, "picture"),
        counted(evaluation.labels, "label"),
        _queries(len(evaluation.task.queries)),
    )
    print(f"{', '.join(counts)}; [95 % interval]")
    print(*evaluation.sentences(), "", sep="\n")
    names = [quality.model.name for quality in evaluation.models]
    columns = [f"{name:<23}" for name in names]
    print(f"{'':<16}{''.join(columns)}at most")
    measures = aligned(list(evaluation.ceilings), 16)
    for measure, most in zip(measures, evaluation.ceilings.values(), strict=True):
        cells = []
        for quality in evaluation.models:
            mean, ends = quality.means[measure.rstrip()], quality.ci95[measure.rstrip()]
            cells.append(f"{mean:.3f} [{ends[0]:.3f}, {ends[1]:.3f}]")
        print(measure + "".join(f"{cell:<23}" for cell in cells) + f"{most:.3f}")
    speeds = [
        "–" if quality.milliseconds is None else f"{quality.milliseconds:.1f}"
        for quality in evaluation.models
    ]
    print(f"{'ms a picture':<16}" + "".join(f"{speed:<23}" for speed in speeds).rstrip())


def print_curves(evaluation: "Evaluation") -> None:
    """Print the precision and recall of each model at several depths."""
    depth = len(evaluation.ceiling_curves.recall)
    depths = [n for n in DEPTHS if n <= depth]
    curves = {quality.model.name: quality.curves for quality in evaluation.models}
    curves["at most"] = evaluation.ceiling_curves
    for measure in ("precision", "recall"):
        head, *names = aligned([f"{measure} at", *curves], 16)
        print("\n" + head + "".join(f"{n:>8}" for n in depths))
        for name, curve in zip(names, curves.values(), strict=True):
            values = getattr(curve, measure)
            print(name + "".join(f"{values[n - 1]:>8.3f}" for n in depths))


def print_differences(comparison: "ModelComparison") -> None:
    """Print the differences of two models, and the queries that only one gets right."""
    a, b = comparison.names
    print(*comparison.evaluation.sentences(), "", sep="\n")
    title = f"{a} - {b}"
    width = max(12, len(title) + 2)
    print(f"{'':<16}{title:<{width}}95 % interval       p")
    for measure, difference in comparison.differences.items():
        low, high = difference.ci95
        ends = f"[{low:+.3f}, {high:+.3f}]"
        print(f"{measure:<16}{difference.mean:<+{width}.3f}{ends:<20}{difference.p:.4f}")
    for right, wrong, queries in ((a, b, comparison.a_right), (b, a, comparison.b_right)):
        print(
            f"\n{right} is right and {wrong} wrong: {len(queries)} of "
            f"{_queries(len(comparison.evaluation.task.queries))}"
        )
        for query in queries[:LISTED]:
            print(f"  {_place(query.label, query.name)}")


def print_disagreements(found: "RankDisagreements") -> None:
    """Print the queries for which two models find the most different pictures."""
    print(f"mean rank-biased overlap of {' and '.join(found.names)}: {found.mean:.3f}\n")
    for query in found.take(0, LISTED):
        print(f"{query.overlap:.3f}  {_place(query.label, query.name)}")
        for name, near in zip(found.names, query.nearest, strict=True):
            print(f"       {name}: {', '.join(_place(n.label, n.name) for n in near)}")


def print_hardest(queries: "HardestQueries", count: int) -> None:
    """Print the queries that a model, or the best ranking possible, answers worst."""
    print(f"hardest queries of {queries.model or 'the best ranking'} by {queries.measure}")
    for query in queries.take(0, count):
        relevant = "" if queries.model else f"  ({query.relevant} relevant)"
        print(f"{query.score:.3f}  {_place(query.label, query.name)}{relevant}")
        for near in query.nearest:
            print(
                f"       {'right' if near.is_right else 'wrong'}  {_place(near.label, near.name)}"
            )


def print_confusion(model: str, pairs: "Sequence[ConfusedPair]") -> None:
    """Print the labels that a model takes for each other."""
    print(f"labels confused most by {model}: pictures of the one whose nearest is of the other")
    for pair in pairs:
        print(f"{pair.count:>5}  {printable(pair.label)} → {printable(pair.other)}")


def print_suspicious(labels: "Sequence[SuspiciousLabel]") -> None:
    """Print the labels that all models speak against."""
    print(f"{len(labels)} labels that all models speak against")
    for picture in labels:
        place = _place(picture.label, picture.name)
        print(f"{picture.share:>5.0%}  id {picture.id}: {place} → {printable(picture.proposed)}")


def _place(label: str, name: str) -> str:
    return printable(f"{label}/{name}")


def _queries(count: int) -> str:
    return counted(count, "query", "queries")
