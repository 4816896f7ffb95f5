"""Commands about models: models, export."""

from typing import Annotated

import typer

from searcher.cli.command_job import installing
from searcher.cli.options import Int8, Json
from searcher.cli.output import aligned, announce, counted, print_json, write_missing_models
from searcher.cli.session import open_library
from searcher.cli.variants import write_int8_variant


def models(
    json: Json = False,
    measure: Annotated[
        bool, typer.Option("--measure", help="Measure every model's speed again.")
    ] = False,
) -> None:
    """List every model: state, dimensions, size, coverage, and whether it understands words."""
    with open_library() as library:
        from searcher.library.serializers import models as describe

        write_missing_models(library)
        ready = library.registry.ready()
        if measure:
            library.speeds.request(ready)
        library.speeds.measure(ready)
        documents = describe(library)
        pictures = library.records.count()
        for problem in library.registry.checks.unused():
            announce(problem)
    if json:
        print_json(documents)
        return
    names = aligned([d["name"] for d in documents], 20)
    titles = aligned([d["title"] for d in documents], 24)
    for d, name, title in zip(documents, names, titles, strict=True):
        details = d["reason"]
        if d["state"] == "ready":
            coverage = f"{d['coverage']} of {counted(pictures, 'picture')}"
            speed = "–" if d["ms"] is None else f"{d['ms']} ms on {d['device']}"
            source = f"{'weights' if d['embeds'] else 'vectors'}: {d['weights']}"
            details = f"{d['dim']}-d  {d['mb']} MB  {speed}  {coverage}  {source}"
            details += f"  words: {d['reason'] or ('yes' if d['words'] else 'no')}"
        print(f"{name} {title} {d['state']:<10} {details}")


def export(
    names: Annotated[list[str], typer.Argument(metavar="NAME…")],
    weights: Annotated[
        str, typer.Option(metavar="imagenet|random|FILE.h5", help="The weights.")
    ] = "imagenet",
    output: Annotated[
        str, typer.Option(metavar="TENSOR", help="One of the outputs that a network offers.")
    ] = "",
    int8: Int8 = False,
) -> None:
    """Make model files of networks of the catalogue."""
    with open_library() as library:
        from searcher.export.install import Installation

        for name in names:
            installation = Installation(name, weights, library.settings.models_dir, output)
            with installing(library, installation.title, announce) as show:
                path = installation.run(show)
                print(f"{name}: ready")
                if int8:
                    write_int8_variant(library, path)
