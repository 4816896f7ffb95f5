"""Commands about models: models, export, adopt."""

import contextlib
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from searcher.commands.output import announce, make_missing_models, print_json
from searcher.documents import models as describe
from searcher.errors import BadImage, CannotAdopt, ExportFailed
from searcher.export.install import install
from searcher.images import Picture, open_picture
from searcher.library import Library
from searcher.resizing import Fit
from searcher.sources import find_sources

if TYPE_CHECKING:
    from searcher.export.preprocess import Preprocess

TRIED = 6  # sample pictures that a network is tried on


def models(library: Library, options: Namespace) -> int:
    """List every model: state, dimensions, size, coverage."""
    make_missing_models(library)
    documents = describe(library)
    pictures = library.records.count()
    if options.json:
        print_json(documents)
    for d in [] if options.json else documents:
        about = d["reason"]
        if d["state"] == "ready":
            covered = f"{d['coverage']} of {pictures} pictures"
            about = f"{d['dim']}-d  {d['mb']} MB  {d['ms']} ms  {covered}  weights: {d['weights']}"
        print(f"{d['name']:<20} {d['title']:<24} {d['state']:<10} {about}")
    return 0


def export(library: Library, options: Namespace) -> int:
    """Make model files of known networks."""
    for name in options.names:
        folder = library.settings.models_dir
        path = install(name, options.weights, folder, announce, options.output)
        print(f"{name}: ready")
        if options.int8:
            _write_twin(library, path)
    return 0


def adopt(library: Library, options: Namespace) -> int:
    """Turn a foreign ONNX network into a model file."""
    # onnx takes a second to import, which no other command should pay.
    from searcher.export.adopt import Wishes, list_tensors
    from searcher.export.adopt import adopt as make
    from searcher.export.catalogue import BASELINES

    source = Path(options.file)
    if options.list:
        print("\n".join(list_tensors(source)))
        return 0
    if not options.name:
        raise CannotAdopt("Give the model a name: --name NAME.")
    fit = None
    if options.fit or options.resample or options.resize:
        fit = Fit(
            options.fit or ("crop" if options.resize else "stretch"),
            options.resize,
            options.resample or "bilinear",
        )
    wishes = Wishes(
        input=options.input,
        layout=options.layout,
        size=options.size,
        output=options.output,
        output_layout=options.output_layout,
        pool=options.pool,
        preprocess=_preprocess(options),
        fit=fit,
        title=options.title,
        weights=options.weights_note,
        licence=options.licence,
        force=options.force,
    )
    samples = _samples(library.settings.samples_dir)
    adopted = make(source, options.name, library.settings.models_dir, wishes, samples)
    for line in adopted.report:
        announce(line)
    for guess in adopted.guesses:
        announce(f"guessed: {guess}")
    print(f"{options.name}: ready")
    if options.int8:
        _write_twin(library, adopted.path)
    announce(
        "Next: `python -m searcher index FOLDER` gives it vectors (a running app does that by "
        f"itself), then compare: `python -m searcher compare IMAGE --models {options.name} "
        f"{next(iter(BASELINES))}`."
    )
    return 0


def _preprocess(options: Namespace) -> "Preprocess | None":
    """What the options say of pixels; None where they say nothing."""
    from searcher.export.preprocess import PRESETS, assumed_scale

    said = {
        name: value
        for name in ("channels", "scale", "mean", "std")
        if (value := getattr(options, name)) is not None
    }
    if not said and not options.preprocess:
        return None
    if "scale" not in said and not options.preprocess and ("mean" in said or "std" in said):
        said["scale"] = assumed_scale(options.mean, options.std)
        announce(f"assumed: --scale {said['scale']:.6g}, by the size of --mean and --std")
    return replace(PRESETS[options.preprocess or "none"], **said)


def _samples(folder: Path) -> list[Picture]:
    """A few of the sample pictures, to try a network on."""
    if not folder.is_dir():
        return []
    sources = sorted(find_sources([folder]), key=lambda source: source.path)
    pictures = []
    for source in sources[:: max(1, len(sources) // TRIED)][:TRIED]:
        with contextlib.suppress(BadImage):
            pictures.append(open_picture(source.read(), source.name))
    return pictures


def _write_twin(library: Library, path: Path) -> None:
    """Write the int8 variant beside a model; where that can't be, the model itself still is."""
    from searcher.export.quantize import CALIBRATION_PICTURES
    from searcher.export.twin import drawbacks, write_twin

    announce("calibrating int8")
    try:
        twin = write_twin(path, library.some_pictures(CALIBRATION_PICTURES))
    except ExportFailed as error:
        announce(f"No int8 variant: {error}")
        return
    for note in drawbacks(path, twin):
        announce(note)
    print(f"{twin.stem}: ready")
