"""What each command does: calls the library, prints text for people or one document for programs.

Each returns the exit status and raises TwinlensError where it can't do its work.
"""

import json
import sys
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from searcher.doctor import examine
from searcher.evaluate import evaluate as measure
from searcher.export.install import install, make_baselines
from searcher.library import Library
from searcher.results import Hit
from searcher.search import Query
from searcher.sources import Source, find_sources


def models(library: Library, options: Namespace) -> int:
    """List every model: state, dimensions, size, coverage."""
    _make_baselines(library)
    coverage = library.coverage()
    pictures = library.records.count()
    documents = [
        {
            "name": m.name,
            "title": m.display,
            "state": m.state,
            "reason": m.reason,
            "dim": m.dim if m.ready else None,
            "mb": round(m.megabytes, 3) if m.ready else None,
            "ms": library.milliseconds(m.name) if m.ready else None,
            "weights": m.weights,
            "coverage": coverage.get(m.name, 0),
        }
        for m in library.models()
    ]
    if options.json:
        _print_json(documents)
    for d in [] if options.json else documents:
        about = d["reason"]
        if d["state"] == "ready":
            covered = f"{d['coverage']} of {pictures} pictures"
            about = f"{d['dim']}-d  {d['mb']} MB  {d['ms']} ms  {covered}  weights: {d['weights']}"
        print(f"{d['name']:<20} {d['title']:<24} {d['state']:<10} {about}")
    return 0


def export(library: Library, options: Namespace) -> int:
    """Make model files of Keras networks."""
    for name in options.names:
        path = install(name, options.weights, library.settings.models_dir, _announce)
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
        _announce(f"guessed: {guess}")
    print(f"{options.name}: ready")
    if options.int8:
        _write_twin(library, adopted.path)
    return 0


def index(library: Library, options: Namespace) -> int:
    """Add pictures to the library."""
    _make_baselines(library)
    sources = list(find_sources(Path(path) for path in options.paths))
    with tqdm(total=len(sources), unit="picture", disable=None, file=sys.stderr) as bar:

        def advance(done: int) -> None:
            bar.update(done - bar.n)

        report = library.ingest(sources, advance)
    if options.json:
        _print_json(report.document())
        return 0
    print(f"{report.added} added, {report.known} known, {len(report.skipped)} skipped.")
    for name, count in report.embedded.items():
        spent = report.seconds_embedding[name]
        rate = f", {count / spent:.1f} pictures a second" if spent else ""
        print(f"{name}: {count} embedded in {spent:.1f} s{rate}")
    for path, reason in report.skipped:
        print(f"skipped {_shown(path)}: {reason}", file=sys.stderr)
    return 0


def search(library: Library, options: Namespace) -> int:
    """Find the pictures nearest to one."""
    source = Source(str(Path(options.image).absolute()))
    ranking = library.search(Query(source.name, source.read()), options.model, options.k)
    if options.json:
        _print_json(ranking.document(options.image))
        return 0
    _print_hits(ranking.hits)
    print("  ".join(f"{stage} {ms:.1f} ms" for stage, ms in ranking.timings_ms.items()))
    return 0


def compare(library: Library, options: Namespace) -> int:
    """Search with two models and say how far they agree."""
    source = Source(str(Path(options.image).absolute()))
    a, b = options.models
    found = library.compare(Query(source.name, source.read()), a, b, options.k)
    if options.json:
        _print_json(found.document(options.image))
        return 0
    for ranking in (found.a, found.b):
        print(ranking.model)
        _print_hits(ranking.hits)
    tau = "–" if found.tau is None else f"{found.tau:.2f}"
    print(f"overlap {found.overlap:.0%}  RBO {found.rbo:.2f}  Kendall's tau {tau}")
    return 0


def evaluate(library: Library, options: Namespace) -> int:
    """Measure each model on the library's labels, leave-one-out."""
    found = measure(library, options.models, options.k)
    if options.json:
        _print_json(found.document())
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


def doctor(library: Library, options: Namespace) -> int:
    """Check that files, records and vectors agree."""
    diagnosis = examine(library, repair=options.repair)
    if options.json:
        _print_json(diagnosis.document())
    else:
        for line in [*diagnosis.repaired, *diagnosis.problems] or ["Everything agrees."]:
            print(line)
    return 1 if diagnosis.problems else 0


def _write_twin(library: Library, path: Path) -> None:
    from searcher.export.quantize import CALIBRATION_PICTURES
    from searcher.export.twin import write_twin

    _announce("calibrating int8")
    twin = write_twin(path, library.some_pictures(CALIBRATION_PICTURES))
    print(f"{twin.stem}: ready")


def _make_baselines(library: Library) -> None:
    try:
        make_baselines(library.settings.models_dir)
    except OSError as error:
        print(f"The baseline models can't be written ({error.strerror}).", file=sys.stderr)


def _announce(stage: str) -> None:
    print(stage, file=sys.stderr)


def _print_json(document: Any) -> None:
    json.dump(document, sys.stdout, indent=2)
    print()


def _print_hits(hits: list[Hit]) -> None:
    for hit in hits:
        where = _shown(hit.record.path)
        print(f"{hit.rank:>3}  {hit.distance:.4f}  {hit.similarity:>7.2%}  {where}")


def _shown(path: str) -> str:
    """A path with bytes that are not UTF-8 replaced, so that any terminal can print it."""
    return path.encode("utf-8", "replace").decode("utf-8")
