"""Commands about models: models, export, adopt."""

from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from searcher.cli.output import announce, make_missing_baselines, print_json
from searcher.export.install import install
from searcher.library.core import Library
from searcher.library.serializers import models as describe


def models(library: Library, options: Namespace) -> int:
    """List every model: state, dimensions, size, coverage."""
    make_missing_baselines(library)
    ready = library.registry.ready()
    if options.measure:
        library.speeds.request(ready)
    library.speeds.measure(ready)
    documents = describe(library)
    pictures = library.records.count()
    if options.json:
        print_json(documents)
    for d in [] if options.json else documents:
        about = d["reason"]
        if d["state"] == "ready":
            covered = f"{d['coverage']} of {pictures} pictures"
            speed = "–" if d["ms"] is None else d["ms"]
            about = f"{d['dim']}-d  {d['mb']} MB  {speed} ms  {covered}  weights: {d['weights']}"
        print(f"{d['name']:<20} {d['title']:<24} {d['state']:<10} {about}")
    return 0


def export(library: Library, options: Namespace) -> int:
    """Make model files of Keras networks."""
    for name in options.names:
        path = install(name, options.weights, library.settings.models_dir, announce)
        print(f"{name}: ready")
        if options.int8:
            _write_int8(library, path)
    return 0


def adopt(library: Library, options: Namespace) -> int:
    """Turn an external ONNX network into a model file."""
    # onnx takes a second to import, which no other command should pay.
    from searcher.export.adopt import AdoptOptions
    from searcher.export.adopt import adopt as make
    from searcher.export.preprocess import PRESETS

    numbers = {
        name: value
        for name in ("channels", "scale", "mean", "std")
        if (value := getattr(options, name)) is not None
    }
    preprocess = None
    if numbers or options.preprocess:
        preprocess = replace(PRESETS[options.preprocess or "none"], **numbers)
    choices = AdoptOptions(
        layout=options.layout,
        size=options.size,
        output=options.output,
        pool=options.pool,
        preprocess=preprocess,
        title=options.title,
        licence=options.licence,
    )
    adopted = make(Path(options.file), options.name, library.settings.models_dir, choices)
    for guess in adopted.guesses:
        announce(f"guessed: {guess}")
    print(f"{options.name}: ready")
    if options.int8:
        _write_int8(library, adopted.path)
    return 0


def _write_int8(library: Library, path: Path) -> None:
    from searcher.export.int8 import write_int8
    from searcher.export.quantize import CALIBRATION_PICTURES

    announce("calibrating int8")
    variant = write_int8(path, library.some_pictures(CALIBRATION_PICTURES))
    print(f"{variant.stem}: ready")
