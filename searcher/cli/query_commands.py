"""Commands that ask: search, compare, evaluate."""

from argparse import Namespace
from pathlib import Path

from searcher.cli.output import print_hits, print_json
from searcher.evaluation.evaluate import evaluate as measure
from searcher.images.sources import Source
from searcher.library.core import Library
from searcher.search.query import UploadedQuery


def search(library: Library, options: Namespace) -> int:
    """Find the pictures nearest to one."""
    source = Source(str(Path(options.image).absolute()))
    ranking = library.search(UploadedQuery(source.name, source.read()), options.model, options.k)
    if options.json:
        print_json(ranking.document(options.image))
        return 0
    print_hits(ranking.hits)
    print("  ".join(f"{stage} {ms:.1f} ms" for stage, ms in ranking.timings_ms.items()))
    return 0


def compare(library: Library, options: Namespace) -> int:
    """Search with two models and say how far they agree."""
    source = Source(str(Path(options.image).absolute()))
    a, b = options.models
    comparison = library.compare(UploadedQuery(source.name, source.read()), a, b, options.k)
    if options.json:
        print_json(comparison.document(options.image))
        return 0
    for ranking in (comparison.a, comparison.b):
        print(ranking.model)
        print_hits(ranking.hits)
    tau = "–" if comparison.tau is None else f"{comparison.tau:.2f}"
    print(f"overlap {comparison.overlap:.0%}  RBO {comparison.rbo:.2f}  Kendall's tau {tau}")
    return 0


def evaluate(library: Library, options: Namespace) -> int:
    """Measure each model on the library's labels, leave-one-out."""
    found = measure(library, options.models, options.k)
    if options.json:
        print_json(found.document())
        return 0
    measures = list(found.models[0].means)
    print(f"{found.pictures} pictures, {found.labels} labels; [95 % interval]")
    print(f"{'':<16}" + "".join(f"{name:<23}" for name in measures) + "ms a picture")
    for quality in found.models:
        cells = (
            f"{quality.means[m]:.3f} [{quality.ci95[m][0]:.3f}, {quality.ci95[m][1]:.3f}]  "
            for m in measures
        )
        print(f"{quality.model.name:<16}{''.join(cells)}{quality.milliseconds:.1f}")
    return 0
