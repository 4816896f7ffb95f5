"""Commands about models: models, export, adopt."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from searcher.cli.options import Int8, Json
from searcher.cli.output import announce, print_json, write_baselines
from searcher.cli.session import open_library
from searcher.export.preprocess import PRESETS, Preprocess, Triple

if TYPE_CHECKING:
    from searcher.library.core import Library

PRESET_NUMBERS = "; ".join(f"{name}: {preset}" for name, preset in PRESETS.items())
PER_CHANNEL = "One number, or one per channel."
Numbers = list[str] | None


def models(
    json: Json = False,
    measure: Annotated[
        bool, typer.Option("--measure", help="Measure every model's speed again.")
    ] = False,
) -> None:
    """List every model: state, dimensions, size, coverage."""
    with open_library() as library:
        from searcher.library.serializers import models as describe

        write_baselines(library)
        ready = library.registry.ready()
        if measure:
            library.speeds.request(ready)
        library.speeds.measure(ready)
        documents = describe(library)
        pictures = library.records.count()
    if json:
        print_json(documents)
        return
    for d in documents:
        details = d["reason"]
        if d["state"] == "ready":
            coverage = f"{d['coverage']} of {pictures} pictures"
            speed = "–" if d["ms"] is None else d["ms"]
            details = f"{d['dim']}-d  {d['mb']} MB  {speed} ms  {coverage}  weights: {d['weights']}"
        print(f"{d['name']:<20} {d['title']:<24} {d['state']:<10} {details}")


def export(
    names: Annotated[list[str], typer.Argument(metavar="NAME…")],
    weights: Annotated[str, typer.Option(help="imagenet, random or FILE.h5.")] = "imagenet",
    int8: Int8 = False,
) -> None:
    """Make model files of Keras networks."""
    with open_library() as library:
        from searcher.export.install import install

        for name in names:
            path = install(name, weights, library.settings.models_dir, announce)
            print(f"{name}: ready")
            if int8:
                _write_int8(library, path)


def adopt(
    file: Annotated[str, typer.Argument(metavar="FILE.onnx")],
    name: Annotated[str, typer.Option()],
    title: Annotated[str, typer.Option(help="Name in the page; by default NAME.")] = "",
    licence: Annotated[str, typer.Option()] = "",
    layout: Annotated[Literal["NCHW", "NHWC"] | None, typer.Option()] = None,
    size: Annotated[
        int | None, typer.Option(min=1, help="Side in pixels, if the graph allows any.")
    ] = None,
    preprocess: Annotated[
        Literal["none", "imagenet", "caffe", "tf", "clip"] | None,
        typer.Option(help=PRESET_NUMBERS),
    ] = None,
    channels: Annotated[Literal["RGB", "BGR"] | None, typer.Option()] = None,
    scale: Annotated[
        float | None, typer.Option(help="(pixel x scale - mean) / std, pixels 0 to 255.")
    ] = None,
    mean: Annotated[Numbers, typer.Option(metavar="X…", help=PER_CHANNEL)] = None,
    std: Annotated[Numbers, typer.Option(metavar="X…", help=PER_CHANNEL)] = None,
    output: Annotated[
        str | None,
        typer.Option(metavar="TENSOR", help="The tensor with the features, an inner one, too."),
    ] = None,
    int8: Int8 = False,
    pool: Annotated[
        Literal["max", "avg"] | None, typer.Option(help="Pooling of a feature map.")
    ] = None,
) -> None:
    """Make a model file of an external ONNX network.

    Missing options are guessed from its graph.
    """
    normalisation = None
    if any(value is not None for value in (preprocess, channels, scale, mean, std)):
        preset = PRESETS[preprocess or "none"]
        normalisation = Preprocess(
            channels=channels or preset.channels,
            scale=preset.scale if scale is None else scale,
            mean=_triple("--mean", mean) or preset.mean,
            std=_triple("--std", std) or preset.std,
        )
    with open_library() as library:
        # Imported here because onnx takes a second to import.
        from searcher.export.adopt import AdoptOptions
        from searcher.export.adopt import adopt as make

        choices = AdoptOptions(
            layout=layout,
            size=size,
            output=output,
            pool=pool,
            preprocess=normalisation,
            title=title,
            licence=licence,
        )
        adopted = make(Path(file), name, library.settings.models_dir, choices)
        for guess in adopted.guesses:
            announce(f"guessed: {guess}")
        print(f"{name}: ready")
        if int8:
            _write_int8(library, adopted.path)


def _triple(option: str, words: Numbers) -> Triple | None:
    """Parse one number or three, separated by spaces or commas."""
    if words is None:
        return None
    try:
        numbers = [float(part) for word in words for part in word.split(",") if part]
    except ValueError as error:
        raise typer.BadParameter(f"not a number in {' '.join(words)}", param_hint=option) from error
    if len(numbers) not in (1, 3):
        raise typer.BadParameter(f"one number or three, not {len(numbers)}", param_hint=option)
    first, second, third = numbers * (3 // len(numbers))
    return first, second, third


def _write_int8(library: "Library", path: Path) -> None:
    from searcher.export.int8 import write_int8
    from searcher.export.quantize import CALIBRATION_PICTURES

    announce("calibrating int8")
    variant = write_int8(path, library.some_pictures(CALIBRATION_PICTURES))
    print(f"{variant.stem}: ready")
