"""How commands print."""

import json
import sys
from typing import Any

from searcher.errors import ExportFailed
from searcher.export.install import install, make_baselines
from searcher.library import Library
from searcher.results import Hit


def make_missing_models(library: Library) -> None:
    """Write the models that need no download; say so where they can't be."""
    folder = library.settings.models_dir
    try:
        make_baselines(folder)
        for name in library.installs.at_hand():
            install(name, "imagenet", folder, lambda stage: None)
            library.installs.forget(name)
    except OSError as error:
        print(f"The baseline models can't be written ({error.strerror}).", file=sys.stderr)
    except ExportFailed as error:
        print(error, file=sys.stderr)


def announce(stage: str) -> None:
    """Say what goes on, beside the output."""
    print(stage, file=sys.stderr)


def print_json(document: Any) -> None:
    """Print the one document of `--json`."""
    json.dump(document, sys.stdout, indent=2)
    print()


def print_hits(hits: list[Hit]) -> None:
    """Print a ranking, a line a hit."""
    for hit in hits:
        where = shown(hit.record.path)
        print(f"{hit.rank:>3}  {hit.distance:.4f}  {hit.similarity:>7.2%}  {where}")


def shown(path: str) -> str:
    """A path with bytes that are not UTF-8 replaced, so that any terminal can print it."""
    return path.encode("utf-8", "replace").decode("utf-8")
