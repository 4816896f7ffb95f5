"""The command line: `python -m searcher COMMAND`, with `--json` for programs."""

import argparse
import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tqdm import tqdm

from searcher.doctor import examine
from searcher.errors import TwinlensError
from searcher.evaluate import evaluate as measure
from searcher.export.install import install, make_baselines
from searcher.library import MAX_RESULTS, Library
from searcher.results import Hit
from searcher.settings import Settings, reach_loopback_directly
from searcher.sources import Source, find_sources

Command = Callable[[Library, argparse.Namespace], int]


def models(library: Library, options: argparse.Namespace) -> int:
    """List every model file: state, dimensions, size, coverage."""
    _make_baselines(library)
    coverage = library.coverage()
    pictures = library.records.count()
    documents = [
        {
            "name": m.name,
            "title": m.display,
            "state": m.state,
            "reason": m.reason,
            "dim": m.dim,
            "mb": round(m.megabytes, 1),
            "ms": library.milliseconds(m.name) if m.ready else None,
            "weights": m.weights,
            "coverage": coverage.get(m.name, 0),
        }
        for m in library.zoo.models()
    ]
    if options.json:
        _print_json(documents)
    for d in [] if options.json else documents:
        about = (
            f"{d['dim']}-d  {d['mb']} MB  {d['coverage']} of {pictures}  weights: {d['weights']}"
        )
        print(f"{d['name']:<16} {d['title']:<24} {d['state']:<8} {d['reason'] or about}")
    return 0


def export(library: Library, options: argparse.Namespace) -> int:
    """Make model files of Keras networks."""
    for name in options.names:
        install(name, options.weights, library.settings.models_dir, _announce)
        print(f"{name}: ready")
    return 0


def index(library: Library, options: argparse.Namespace) -> int:
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


def search(library: Library, options: argparse.Namespace) -> int:
    """Find the pictures nearest to one."""
    source = Source(str(Path(options.image).absolute()))
    ranking = library.search(source.read(), source.name, options.model, options.k)
    if options.json:
        _print_json(ranking.document(options.image))
        return 0
    _print_hits(ranking.hits)
    print("  ".join(f"{stage} {ms:.1f} ms" for stage, ms in ranking.timings_ms.items()))
    return 0


def compare(library: Library, options: argparse.Namespace) -> int:
    """Search with two models and say how far they agree."""
    source = Source(str(Path(options.image).absolute()))
    a, b = options.models
    found = library.compare(source.read(), source.name, a, b, options.k)
    if options.json:
        _print_json(found.document(options.image))
        return 0
    for ranking in (found.a, found.b):
        print(ranking.model)
        _print_hits(ranking.hits)
    tau = "–" if found.tau is None else f"{found.tau:.2f}"
    print(f"overlap {found.overlap:.0%}  RBO {found.rbo:.2f}  Kendall's tau {tau}")
    return 0


def evaluate(library: Library, options: argparse.Namespace) -> int:
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


def doctor(library: Library, options: argparse.Namespace) -> int:
    """Check that files, records and vectors agree."""
    diagnosis = examine(library, repair=options.repair)
    if options.json:
        _print_json(diagnosis.document())
    else:
        for line in [*diagnosis.repaired, *diagnosis.problems] or ["Everything agrees."]:
            print(line)
    return 1 if diagnosis.problems else 0


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m searcher", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(command: Command, name: str, as_json: bool = True) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=command.__doc__, description=command.__doc__)
        sub.set_defaults(command=command)
        if as_json:
            sub.add_argument("--json", action="store_true", help="print one JSON document")
        return sub

    def add_k(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("-k", type=int, default=12, help=f"results, 1 to {MAX_RESULTS}")

    add(models, "models")
    sub = add(export, "export", as_json=False)
    sub.add_argument("names", nargs="+", metavar="NAME")
    sub.add_argument("--weights", default="imagenet", help="imagenet, random or FILE.h5")
    sub = add(index, "index")
    sub.add_argument("paths", nargs="+", metavar="PATH")
    sub = add(search, "search")
    sub.add_argument("image", metavar="IMAGE")
    sub.add_argument("--model", required=True, metavar="NAME")
    add_k(sub)
    sub = add(compare, "compare")
    sub.add_argument("image", metavar="IMAGE")
    sub.add_argument("--models", nargs=2, required=True, metavar=("A", "B"))
    add_k(sub)
    sub = add(evaluate, "evaluate")
    sub.add_argument("--models", nargs="+", default=[], metavar="NAME", help="all ready ones")
    sub.add_argument("-k", type=_positive, default=10, help="depth of the average precision")
    sub = add(doctor, "doctor")
    sub.add_argument("--repair", action="store_true", help="mend what can be mended")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Run one command; a sentence on stderr and status 2 where it can't do its work."""
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    options = parse(arguments)
    reach_loopback_directly()
    try:
        library = Library(Settings.from_env())
        try:
            status: int = options.command(library, options)
        finally:
            library.close()
    except TwinlensError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped. What was reported as added is kept.", file=sys.stderr)
        return 130
    return status


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("it must be at least 1")
    return number


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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
