"""Commands about the models' quality: evaluate, compare-models."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from searcher.cli.command_job import measuring
from searcher.cli.evaluation_output import (
    print_confusion,
    print_curves,
    print_differences,
    print_disagreements,
    print_hardest,
    print_quality,
    print_suspicious,
)
from searcher.cli.options import Json
from searcher.cli.output import print_json
from searcher.cli.report_options import (
    Language,
    Logo,
    Remarks,
    ReportFile,
    ReportOptions,
    Title,
)
from searcher.cli.report_sections import Details, disagreement_report, evaluation_report
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
    from searcher.evaluation.measurements import Measurement
    from searcher.evaluation.plan import Plan
    from searcher.library.core import Library

LISTED = 100  # queries in JSON documents
STOPPED = "Stopped."
EVALUATING = "job.evaluating"  # a job, as the page calls it

Depth = Annotated[int, typer.Option("-k", min=1, help="The depth at which rankings are cut.")]


def evaluate(
    models: Annotated[
        list[str] | None, typer.Option(metavar="NAME…", help="By default all that are ready.")
    ] = None,
    k: Depth = 10,
    hardest: Annotated[
        int,
        typer.Option(metavar="N", min=0, help="Also list N queries that a model answers worst."),
    ] = 0,
    limits: Annotated[
        int,
        typer.Option(
            metavar="N", min=0, help="Also list N queries that even the best ranking answers worst."
        ),
    ] = 0,
    confusion: Annotated[
        int, typer.Option(metavar="N", min=0, help="Also list N pairs of labels it confuses most.")
    ] = 0,
    model: Annotated[
        str, typer.Option(metavar="M", help="Of this model; by default the best one.")
    ] = "",
    by: Annotated[
        str, typer.Option("--by", metavar="MEASURE", help="The measure of --hardest and --limits.")
    ] = "p@10",
    suspicious: Annotated[
        bool, typer.Option("--suspicious", help="Also list labels that all models speak against.")
    ] = False,
    curves: Annotated[
        bool, typer.Option("--curves", help="Also print precision and recall by depth.")
    ] = False,
    labels: LabelFile = None,
    qrels: Qrels = None,
    protocol: Protocol = "",
    queries: Queries = None,
    query_folder: QueryFolder = None,
    query_label: QueryLabel = "",
    query_list: QueryList = None,
    query_share: QueryShare = 0.0,
    seed: Seed = 0,
    report: ReportFile = None,
    title: Title = "",
    remarks: Remarks = "",
    logo: Logo = None,
    language: Language = "en",
    json: Json = False,
) -> None:
    """Measure each model on labels, leave-one-out, or on judgements, and say which to choose."""
    options = ReportOptions(report, title, remarks, logo, language)
    options.check()
    with open_library(STOPPED) as library:
        if model:
            library.registry.get(model)
        if model and models and model not in models:
            raise typer.BadParameter("it must be one of --models", param_hint="--model")
        asked = query_folder, query_label, query_list, query_share, seed
        plan = read_plan(labels, qrels, protocol, queries, *asked)
        evaluation = _evaluate(library, models or [], k, plan)
        if (confusion or suspicious) and not evaluation.task.has_single_labels:
            raise typer.BadParameter(
                "they need one label a picture, without --qrels and --labels",
                param_hint="--confusion, --suspicious",
            )
        asked_for = Details(model, hardest, limits, confusion, by, suspicious)
        details = _details(evaluation, asked_for)
        options.write(library, lambda: evaluation_report(library, evaluation, asked_for))
        if json:
            documents = {name: document for name, (document, _) in details.items()}
            sentences = {"sentences": evaluation.sentences()}
            print_json(evaluation.document() | sentences | documents)
            return
        print_quality(evaluation)
        if curves:
            print_curves(evaluation)
        for _, show in details.values():
            print()
            show()


def compare_models(
    a: Annotated[str, typer.Argument(metavar="A")],
    b: Annotated[str, typer.Argument(metavar="B")],
    k: Depth = 10,
    by_overlap: Annotated[
        bool,
        typer.Option(
            "--by-overlap",
            help="List the queries for which they find the most different pictures instead, as "
            "without labels.",
        ),
    ] = False,
    labels: LabelFile = None,
    qrels: Qrels = None,
    protocol: Protocol = "",
    queries: Queries = None,
    query_folder: QueryFolder = None,
    query_label: QueryLabel = "",
    query_list: QueryList = None,
    query_share: QueryShare = 0.0,
    seed: Seed = 0,
    report: ReportFile = None,
    title: Title = "",
    remarks: Remarks = "",
    logo: Logo = None,
    language: Language = "en",
    json: Json = False,
) -> None:
    """Compare two models query by query: differences, and the queries that only one gets right."""
    options = ReportOptions(report, title, remarks, logo, language)
    options.check()
    with open_library(STOPPED) as library:
        from searcher.evaluation.disagreement import ModelComparison, require_two
        from searcher.evaluation.rank_disagreement import RankDisagreements

        require_two(a, b)
        asked = query_folder, query_label, query_list, query_share, seed
        plan = read_plan(labels, qrels, protocol, queries, *asked)
        measurement = _measure(library, [a, b], k, plan)
        options.write(library, lambda: disagreement_report(library, measurement, a, b))
        if by_overlap or not measurement.evaluation:
            found = RankDisagreements(measurement.neighbours, a, b)
            if json:
                print_json(found.document(LISTED))
            else:
                print_disagreements(found)
            return
        comparison = ModelComparison(measurement.evaluation, a, b)
        if json:
            print_json(comparison.document())
        else:
            print_differences(comparison)


def _details(
    evaluation: "Evaluation", asked: Details
) -> "dict[str, tuple[Any, Callable[[], None]]]":
    """Return what options ask for besides the quality: documents, and how each is printed."""
    from searcher.evaluation.confusion import Confusion
    from searcher.evaluation.hardest import HardestQueries
    from searcher.evaluation.neighbours import Neighbours
    from searcher.evaluation.suspicious_labels import suspicious_labels

    model, hardest, limits, confusion, by, suspicious = asked
    name = model or evaluation.verdict.best
    details: dict[str, tuple[Any, Callable[[], None]]] = {}
    if hardest:
        queries = HardestQueries(evaluation, name, by)
        details["hardest"] = queries.document(hardest), lambda: print_hardest(queries, hardest)
    if limits:
        possible = HardestQueries(evaluation, "", by)
        details["limits"] = possible.document(limits), lambda: print_hardest(possible, limits)
    if confusion:
        pairs = Confusion(Neighbours.of(evaluation), name).pairs(confusion)
        documents = [pair.document() for pair in pairs]
        details["confusion"] = documents, lambda: print_confusion(name, pairs)
    if suspicious:
        labels = suspicious_labels(Neighbours.of(evaluation))
        documents = [label.document() for label in labels]
        details["suspicious"] = documents, lambda: print_suspicious(labels)
    return details


def _evaluate(library: "Library", names: list[str], k: int, plan: "Plan") -> "Evaluation":
    from searcher.evaluation.evaluate import evaluate as measure

    registry = library.registry
    with measuring(library, EVALUATING) as advance:
        library.speeds.measure([registry.get(name) for name in names] or registry.ready())
        return measure(library, names, k, advance, plan=plan)


def _measure(library: "Library", names: list[str], k: int, plan: "Plan") -> "Measurement":
    from searcher.evaluation.measurements import Measurements

    with measuring(library, EVALUATING) as advance:
        library.speeds.measure([library.registry.get(name) for name in names])
        return Measurements(library).take(names, k, advance, plan=plan)
