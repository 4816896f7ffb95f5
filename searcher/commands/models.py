"""Commands about models: models, export, adopt."""

from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from searcher.commands.output import announce, make_missing_models, print_json
from searcher.documents import models as describe
from searcher.export.install import install
from searcher.library import Library


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
    from searcher.export.adopt import Wishes
    from searcher.export.adopt import adopt as make
    from searcher.export.preprocess import PRESETS

    said = {
        name: value
        for name in ("channels", "scale", "mean", "std")
        if (value := getattr(options, name)) is not None
    }
    preprocess = None
    if said or options.preprocess:
        preprocess = replace(PRESETS[options.preprocess or "none"], **said)
    wishes = Wishes(
        layout=options.layout,
        size=options.size,
        output=options.output,
        pool=options.pool,
        preprocess=preprocess,
        title=options.title,
        licence=options.licence,
    )
    adopted = make(Path(options.file), options.name, library.settings.models_dir, wishes)
    for guess in adopted.guesses:
        announce(f"guessed: {guess}")
    print(f"{options.name}: ready")
    if options.int8:
        _write_twin(library, adopted.path)
    return 0


def _write_twin(library: Library, path: Path) -> None:
    from searcher.export.quantize import CALIBRATION_PICTURES
    from searcher.export.twin import write_twin

    announce("calibrating int8")
    twin = write_twin(path, library.some_pictures(CALIBRATION_PICTURES))
    print(f"{twin.stem}: ready")
