"""Commands about queries: search, compare."""

from typing import Annotated

import typer

from searcher.cli.options import Images, Json, Minus, MinusTexts, Results, Texts, Weights, Where
from searcher.cli.output import print_hits, print_json, print_unseen
from searcher.cli.report_options import Language, Logo, Remarks, ReportFile, ReportOptions, Title
from searcher.cli.session import open_library


def search(
    model: Annotated[str, typer.Option(metavar="NAME")],
    images: Images = None,
    text: Texts = None,
    minus: Minus = None,
    minus_text: MinusTexts = None,
    weight: Weights = None,
    where: Where = "",
    k: Results = 12,
    json: Json = False,
) -> None:
    """Find the pictures most similar to one, to words, or to a sum of several."""
    with open_library() as library:
        from searcher.cli.query_arguments import QueryArguments

        arguments = QueryArguments(images, text, minus, minus_text, weight)
        query = arguments.read(library)
        ranking = library.search(query, model, k, where)
        if json:
            print_json(ranking.document(arguments.name(query)))
            return
        print_unseen(query, [ranking])
        print_hits(ranking)
        print("  ".join(f"{stage} {ms:.1f} ms" for stage, ms in ranking.timings_ms.items()))


def compare(
    models: Annotated[list[str], typer.Option(metavar="A B…", help="2 to 6 models.")],
    images: Images = None,
    text: Texts = None,
    minus: Minus = None,
    minus_text: MinusTexts = None,
    weight: Weights = None,
    where: Where = "",
    k: Results = 12,
    robustness: Annotated[
        bool,
        typer.Option("--robustness", help="Also measure how many hits a changed picture finds."),
    ] = False,
    why: Annotated[
        int, typer.Option("--why", metavar="N", min=0, help="Also explain the first N hits of all.")
    ] = 0,
    report: ReportFile = None,
    title: Title = "",
    remarks: Remarks = "",
    logo: Logo = None,
    language: Language = "en",
    json: Json = False,
) -> None:
    """Search with several models, and measure their agreement."""
    options = ReportOptions(report, title, remarks, logo, language)
    options.check()
    with open_library() as library:
        from searcher.cli.comparison_extras import ComparisonExtras
        from searcher.cli.query_arguments import QueryArguments, pictures_among

        pictures = pictures_among(models[2:], library.registry.names())
        models = [*models[:2], *(name for name in models[2:] if name not in pictures)]
        images = [*(images or []), *pictures]
        arguments = QueryArguments(images, text, minus, minus_text, weight)
        query = arguments.read(library)
        comparison = library.compare(query, models, k, where)
        details = ComparisonExtras.measure(library, query, comparison, k, where, robustness, why)
        options.write(library, lambda: details.report(library, query, comparison))
        if json:
            print_json(comparison.document(arguments.name(query)) | details.document())
            return
        print_unseen(query, list(comparison.rankings))
        for ranking in comparison.rankings:
            print(ranking.model)
            print_hits(ranking)
        for pair in comparison.pairs:
            tau = "–" if pair.tau is None else f"{pair.tau:.2f}"
            names = f"{' and '.join(pair.models)}: " if len(comparison.pairs) > 1 else ""
            print(f"{names}overlap {pair.overlap:.0%}  RBO {pair.rbo:.2f}  Kendall's tau {tau}")
        details.print()
