"""Commands about the models' quality: evaluate, compare-models."""

from typing import TYPE_CHECKING, Annotated

import typer

from searcher.cli.options import Json
from searcher.cli.output import aligned, print_json
from searcher.cli.session import open_library
from searcher.cli.task_options import (
    LabelFile,
    Protocol,
    Qrels,
    Queries,
    QueryFolder,
    QueryLabel,
    QueryList,
    QueryShare,
    Seed,
    read_plan,
)

if TYPE_CHECKING:
    from searcher.evaluation.evaluation_results import Evaluation
    from searcher.evaluation.plan import Plan
    from searcher.library.core import Library

Depth = Annotated[int, typer.Option("-k", min=1, help="The depth at which rankings are cut.")]


def evaluate(
    models: Annotated[
        list[str] | None, typer.Option(metavar="NAME…", help="By default all that are ready.")
    ] = None,
    k: Depth = 10,
    labels: LabelFile = None,
    qrels: Qrels = None,
    protocol: Protocol = "",
    queries: Queries = None,
    query_folder: QueryFolder = None,
    query_label: QueryLabel = "",
    query_list: QueryList = None,
    query_share: QueryShare = 0.0,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Measure each model on labels, leave-one-out, or on judgements, and say which to choose."""
    with open_library() as library:
        asked = query_folder, query_label, query_list, query_share, seed
        plan = read_plan(labels, qrels, protocol, queries, *asked)
        evaluation = _evaluate(library, models or [], k, plan)
        if json:
            print_json({**evaluation.document(), "sentences": evaluation.sentences()})
            return
        counts = f"{evaluation.pictures} pictures, {evaluation.labels} labels"
        print(f"{counts}, {len(evaluation.task.queries)} queries; [95 % interval]")
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


def compare_models(
    a: Annotated[str, typer.Argument(metavar="A")],
    b: Annotated[str, typer.Argument(metavar="B")],
    k: Depth = 10,
    labels: LabelFile = None,
    qrels: Qrels = None,
    protocol: Protocol = "",
    queries: Queries = None,
    query_folder: QueryFolder = None,
    query_label: QueryLabel = "",
    query_list: QueryList = None,
    query_share: QueryShare = 0.0,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Compare two models query by query: differences, and the queries that only one gets right."""
    with open_library() as library:
        from searcher.evaluation.disagreement import ModelComparison, require_two

        require_two(a, b)
        asked = query_folder, query_label, query_list, query_share, seed
        plan = read_plan(labels, qrels, protocol, queries, *asked)
        comparison = ModelComparison(_evaluate(library, [a, b], k, plan), a, b)
        if json:
            print_json(comparison.document())
            return
        print(*comparison.evaluation.sentences(), "", sep="\n")
        print(f"{'':<16}{f'{a} - {b}':<12}95 % interval       p")
        for measure, difference in comparison.differences.items():
            low, high = difference.ci95
            ends = f"[{low:+.3f}, {high:+.3f}]"
            print(f"{measure:<16}{difference.mean:<+12.3f}{ends:<20}{difference.p:.4f}")
        for right, wrong, disputed in ((a, b, comparison.a_right), (b, a, comparison.b_right)):
            print(
                f"\n{right} is right and {wrong} wrong: {len(disputed)} of "
                f"{len(comparison.evaluation.task.queries)} queries"
            )
            for query in disputed[:10]:
                print(f"  {query.label}/{query.name}")


def _evaluate(library: "Library", names: list[str], k: int, plan: "Plan") -> "Evaluation":
    from searcher.evaluation.evaluate import evaluate as measure

    registry = library.registry
    library.speeds.measure([registry.get(name) for name in names] or registry.ready())
    return measure(library, names, k, plan=plan)
