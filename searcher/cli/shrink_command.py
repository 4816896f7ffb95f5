"""The command that measures smaller vectors of some models, and stores them."""

from typing import TYPE_CHECKING, Annotated

import typer

from searcher.cli.command_job import measuring, open_job
from searcher.cli.options import Json
from searcher.cli.output import aligned, counted, print_json
from searcher.cli.report_options import Language, Logo, Remarks, ReportFile, ReportOptions, Title
from searcher.cli.session import open_library
from searcher.metrics.cost import DEFAULT_PRICE, MAX_PRICE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from searcher.evaluation.index_recall import IndexRecall
    from searcher.evaluation.shrink import Shrinkage
    from searcher.evaluation.shrink_changes import Changes
    from searcher.library.core import Library
    from searcher.presentation.reports import Section

MEASURING = "job.measuring_costs"


def shrink(
    models: Annotated[list[str], typer.Argument(metavar="MODEL…")],
    price: Annotated[
        float, typer.Option(min=0, max=MAX_PRICE, help="Of a GB of memory for a month.")
    ] = DEFAULT_PRICE,
    apply: Annotated[
        str,
        typer.Option(
            metavar="VARIANT", help="Store vectors like pca-256 or int8; float32 undoes it."
        ),
    ] = "",
    changes: Annotated[
        str,
        typer.Option(
            metavar="VARIANT",
            help="List the queries that find other pictures with vectors, or in HNSW by ef-64.",
        ),
    ] = "",
    count: Annotated[
        int, typer.Option(min=1, max=500, help="The number of queries of --changes.")
    ] = 12,
    ef: Annotated[
        bool, typer.Option("--ef", help="Measure a Milvus server's HNSW for five values of ef.")
    ] = False,
    report: ReportFile = None,
    title: Title = "",
    remarks: Remarks = "",
    logo: Logo = None,
    language: Language = "en",
    json: Json = False,
) -> None:
    """Measure smaller vectors of models: quality, bytes, milliseconds and money."""
    options = ReportOptions(report, title, remarks, logo, language)
    options.check()
    names = list(dict.fromkeys(models))
    others = "--apply, --changes, --ef"
    if len(names) > 1 and (apply or changes or ef):
        raise typer.BadParameter("they need a single model", param_hint=others)
    if report and (apply or changes or ef):
        raise typer.BadParameter(f"it goes without {others}", param_hint="--report")
    with open_library() as library:
        from searcher.errors import InvalidRequest
        from searcher.evaluation.index_recall import measure_index
        from searcher.evaluation.shrink import MAX_MODELS, measure_each
        from searcher.evaluation.shrink_changes import find_changes
        from searcher.library import vector_variants as stored
        from searcher.library.jobs import VECTORS

        if len(names) > MAX_MODELS:
            raise InvalidRequest("request.models_of_costs", most=MAX_MODELS)
        chosen = [library.registry.get(name) for name in names]
        model = names[0]
        if apply:
            variant = stored.find_variant(library, chosen[0], apply)
            with open_job(library, "job.shrinking", title=chosen[0].display) as job:
                stored.shrink(
                    library,
                    chosen[0],
                    variant,
                    lambda done, total: job.advance(done, total, VECTORS),
                )
            print_json({"model": model, "stored": variant.name}) if json else print(
                f"{model}: {variant.name} vectors of {variant.bytes} bytes are used."
            )
        elif changes:
            with open_job(library, MEASURING):
                found_changes = find_changes(library, model, changes, count)
            print_json(found_changes.document()) if json else _print_changes(found_changes)
        elif ef:
            with measuring(library, MEASURING) as advance:
                recall = measure_index(library, model, advance)
            print_json(recall.document()) if json else _print_recall(recall)
        else:
            with measuring(library, MEASURING) as advance:
                library.speeds.measure(chosen)
                found = measure_each(library, names, price, advance)
            options.write(library, lambda: _report(library, found))
            documents = [shrinkage.document() for shrinkage in found]
            if json:
                print_json(documents if len(documents) > 1 else documents[0])
                return
            for number, shrinkage in enumerate(found):
                print("\n" if number else "", end="")
                _print(shrinkage)


def _report(library: "Library", found: "Sequence[Shrinkage]") -> "list[Section]":
    from searcher.presentation.cost_report import cost_report, find_recommended

    documents = {shrinkage.model.display: shrinkage.document() for shrinkage in found}
    return [cost_report(library, documents, find_recommended(library, documents.values()))]


def _print(shrinkage: "Shrinkage") -> None:
    print(
        f"{shrinkage.model.name}: {counted(shrinkage.pictures, 'picture')}, "
        f"{counted(shrinkage.queries, 'query', 'queries')}, "
        f"{shrinkage.stored.name} vectors are stored"
    )
    head, *names = aligned(["", *(p.variant.name for p in shrinkage.points)])
    columns = ("p@10", "overlap", "bytes", "ms", "GB", "price", "")
    print(head + "".join(f"{name:>9}" for name in columns))
    for name, point in zip(names, shrinkage.points, strict=True):
        quality = "–" if point.quality is None else f"{point.quality:.3f}"
        notes = ["recommended"] if point.variant.name == shrinkage.recommended else []
        notes += [] if point.can_be_stored else ["can't be stored here"]
        print(
            f"{name}{quality:>9}{point.overlap:>9.1%}{point.variant.bytes:>9}"
            f"{point.milliseconds:>9.2f}{point.cost.gb:>9.2f}{point.cost.price:>9.2f}"
            f"  {', '.join(notes)}".rstrip()
        )
    hours = shrinkage.points[0].cost.hours
    time = "not measured yet" if hours is None else f"{hours:.1f} h"
    print(f"A million pictures: embedding takes {time} here; memory and its price a month above.")


def _print_changes(changes: "Changes") -> None:
    of_queries = f"{changes.changed} of {counted(changes.queries, 'query has', 'queries have')}"
    print(
        f"{changes.model.name}, {changes.variant}: {of_queries} other pictures among the first ten"
    )
    if changes.worse is not None:
        print(f"precision@10 falls for {changes.worse} and rises for {changes.better}")
    for case in changes.cases:
        gain = "" if case.gain is None else f"{case.gain:+.1f}  "
        print(f"{gain}{case.label}/{case.name}")
        for title, pictures in (("lost", case.lost), ("found", case.found)):
            names = ", ".join(f"{picture.label}/{picture.name}" for picture in pictures)
            print(f"  {title}: {names or '–'}")


def _print_recall(recall: "IndexRecall") -> None:
    print(f"{recall.model.name}: {recall.indexed} of {recall.pictures} vectors are in HNSW")
    print("   ef   recall@10      ms")
    for point in recall.points:
        used = "  used" if point.ef == recall.ef else ""
        print(f"{point.ef:>5}{point.recall:>12.3f}{point.milliseconds:>8.2f}{used}")
