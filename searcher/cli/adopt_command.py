"""The command adopt."""

from collections.abc import Callable
from typing import Annotated, Literal, TypeVar

import typer

from searcher.cli.command_job import installing
from searcher.cli.network_source import find_source
from searcher.cli.options import Int8
from searcher.cli.output import announce
from searcher.cli.session import open_library
from searcher.cli.text_options import (
    Lowercase,
    PadId,
    Text,
    TextLength,
    TokenizerFile,
    Words,
    text_source,
)
from searcher.cli.variants import write_int8_variant
from searcher.export.preprocess import PRESETS, Preprocess, Triple, assumed_scale
from searcher.models.catalog import BASELINES
from searcher.models.hub_layout import VARIANTS
from searcher.models.model_names import check_name

T = TypeVar("T")

PRESET_NUMBERS = "; ".join(f"{name}: {preset}" for name, preset in PRESETS.items())
PER_CHANNEL = "One number, or one per channel."
Numbers = list[str] | None
Layout = Literal["NCHW", "NHWC"]


def adopt(
    file: Annotated[str, typer.Argument(metavar="FILE.onnx|FOLDER|hf:OWNER/NAME[@REVISION]")],
    name: Annotated[
        str,
        typer.Option(help="Of the model file, without .onnx; a file needs one."),
    ] = "",
    variant: Annotated[
        str | None,
        typer.Option(
            help=f"Of a folder or on the Hub: {', '.join(VARIANTS)}; by default the first there is."
        ),
    ] = None,
    list_tensors: Annotated[
        bool, typer.Option("--list", help="Print the tensors with their shapes, and stop.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a model that has the name.")
    ] = False,
    title: Annotated[str, typer.Option(help="Name in the page; by default NAME.")] = "",
    licence: Annotated[str, typer.Option()] = "",
    weights_note: Annotated[str, typer.Option(help="The origin of the weights.")] = "",
    source: Annotated[
        str | None, typer.Option("--input", metavar="TENSOR", help="The tensor for pictures.")
    ] = None,
    layout: Annotated[Layout | None, typer.Option(help="Of the input.")] = None,
    size: Annotated[
        str | None, typer.Option(metavar="HxW", help="Pixels; one number for both sides.")
    ] = None,
    fit: Annotated[
        Literal["stretch", "crop"] | None,
        typer.Option(help="Stretch pictures to the size, or crop their centre."),
    ] = None,
    resize: Annotated[
        int, typer.Option(min=0, help="Pixels of the short side before cropping.")
    ] = 0,
    resample: Annotated[
        Literal["nearest", "box", "bilinear", "bicubic", "lanczos"] | None,
        typer.Option(help="By default bilinear."),
    ] = None,
    preprocess: Annotated[
        Literal["none", "unit", "imagenet", "caffe", "tf", "clip", "siglip"] | None,
        typer.Option(help=PRESET_NUMBERS),
    ] = None,
    channels: Annotated[Literal["RGB", "BGR"] | None, typer.Option()] = None,
    scale: Annotated[
        str | None,
        typer.Option(
            metavar="X", help="(pixel x scale - mean) / std, pixels 0 to 255; 1/255 is allowed."
        ),
    ] = None,
    mean: Annotated[Numbers, typer.Option(metavar="X…", help=PER_CHANNEL)] = None,
    std: Annotated[Numbers, typer.Option(metavar="X…", help=PER_CHANNEL)] = None,
    output: Annotated[
        str | None,
        typer.Option(metavar="TENSOR", help="The tensor with the features, an inner one, too."),
    ] = None,
    output_layout: Annotated[Layout | None, typer.Option(help="Of a feature map.")] = None,
    pool: Annotated[
        Literal["avg", "mean", "max", "cls"] | None,
        typer.Option(help="Pooling of a feature map or of tokens."),
    ] = None,
    words: Words = True,
    text: Text = None,
    tokenizer: TokenizerFile = None,
    text_length: TextLength = None,
    pad_id: PadId = None,
    lowercase: Lowercase = False,
    int8: Int8 = False,
) -> None:
    """Make a model file of an external ONNX network.

    It is a file, a folder with the layout of the Hugging Face Hub, or a repository there. Missing
    options are read from files beside it, or from its graph.
    """
    # Imported here because numpy takes a while to import.
    from searcher.export.adopt_choices import combine_fit, parse_sides

    sides = None if size is None else _parse("--size", size, parse_sides)
    factor = None if scale is None else _parse("--scale", scale, _fraction)
    numbers = _triple("--mean", mean), _triple("--std", std)
    words_of = text_source(text, tokenizer, text_length, pad_id, lowercase)
    resizing = _parse("--resize", str(resize), lambda text: combine_fit(fit, int(text), resample))
    with open_library() as library:
        network = find_source(file, variant, words and text is None)
        name = name or network.name
        if not name and not list_tensors:
            raise typer.BadParameter("a name for the model is needed", param_hint="--name")
        # Imported here because onnx takes a second to import.
        from searcher.export import onnx_reader
        from searcher.export.adopt import AdoptOptions
        from searcher.export.adopt import adopt as make
        from searcher.export.reference import PROBES
        from searcher.export.tensor_list import list_tensors as all_tensors
        from searcher.images.sampling import draw_pictures

        if list_tensors:
            for kind, tensor, operator in all_tensors(onnx_reader.load(network.fetch())):
                print(f"{kind:<7} {tensor}  {operator}".rstrip())
            return
        options = AdoptOptions(
            input=source,
            layout=layout,
            size=sides,
            output=output,
            output_layout=output_layout,
            pool=pool,
            preprocess=_preprocess(preprocess, channels, factor, *numbers),
            fit=resizing,
            title=title,
            weights=weights_note,
            licence=licence,
            force=force,
            words=words,
            text=words_of,
        )
        check_name(name, library.settings.models_dir, force)  # before a download
        with installing(library, title or name) as show:
            path = network.fetch(show)
            pictures = draw_pictures(library.settings.samples_dir, PROBES)
            options = network.complete(options, path)
            adoption = make(path, name, library.settings.models_dir, options, pictures)
        for line in adoption.report:
            announce(line)
        for guess in adoption.guesses:
            announce(f"guessed: {guess}")
        print(f"{name}: ready")
        if int8:
            write_int8_variant(library, adoption.path, force)
    announce(
        "Next: `twinlens index FOLDER` embeds pictures with it (a running app does so by itself); "
        f"`twinlens compare IMAGE --models {name} {next(iter(BASELINES))}` compares it."
    )


def _preprocess(
    preset: str | None,
    channels: str | None,
    scale: float | None,
    mean: Triple | None,
    std: Triple | None,
) -> Preprocess | None:
    """Return the preprocessing of the options, None if there are none."""
    if preset is None and channels is None and scale is None and mean is None and std is None:
        return None
    if scale is None and preset is None and (mean or std):
        scale = assumed_scale(mean, std)
        announce(f"assumed: --scale {scale:.6g}, because of the size of --mean and --std")
    base = PRESETS[preset or "none"]
    return Preprocess(
        channels=channels or base.channels,
        scale=base.scale if scale is None else scale,
        mean=mean or base.mean,
        std=std or base.std,
    )


def _parse(option: str, text: str, parse: Callable[[str], T]) -> T:
    try:
        return parse(text)
    except (ValueError, ZeroDivisionError) as error:
        raise typer.BadParameter(text, param_hint=option) from error


def _fraction(text: str) -> float:
    """Parse `0.0039` or `1/255`."""
    above, slash, below = text.partition("/")
    return float(above) / (float(below) if slash else 1)


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
