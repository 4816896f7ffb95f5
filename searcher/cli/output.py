"""Output of commands."""

import json
import sys
from typing import TYPE_CHECKING, Any

from searcher.images.shown_names import composed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from searcher.library.core import Library
    from searcher.search.query import Query
    from searcher.search.results import Ranking


def write_missing_models(library: "Library") -> None:
    """Write missing model files that need no download; print an error to stderr if that fails."""
    from searcher.errors import ExportFailed
    from searcher.export.install import install, make_baselines, make_text_file

    folder = library.settings.models_dir
    try:
        make_baselines(folder)
        for name in library.installs.pending_bundled():
            install(name, "imagenet", folder, lambda stage: None)
            library.installs.forget(name)
        for network in library.installs.without_text():
            make_text_file(folder, network)
    except OSError as error:
        print(f"The baseline models can't be written ({error.strerror}).", file=sys.stderr)
    except ExportFailed as error:
        print(error, file=sys.stderr)


def counted(count: int, one: str, many: str = "") -> str:
    """Return a number with what it counts: "1 query", "2 queries"; by default with an s."""
    return f"{count} {one if count == 1 else many or f'{one}s'}"


def announce(stage: object) -> None:
    """Print progress to stderr."""
    print(stage, file=sys.stderr)


def print_json(document: Any) -> None:
    """Print the JSON document of `--json`."""
    json.dump(document, sys.stdout, indent=2)
    print()


def print_hits(ranking: "Ranking") -> None:
    """Print a ranking, one line per hit, after the query's own copies."""
    for hit in [*ranking.own_copies, *ranking.hits]:
        path = printable(hit.record.path)
        rank, note = (hit.rank, "") if hit.rank else ("–", "  (the query)")
        print(f"{rank:>3}  {hit.distance:.4f}  {hit.similarity:>7.2%}  {path}{note}")


def print_undo(batch: str) -> None:
    """Print how removed pictures are brought back, if there are any."""
    if batch:
        print(f"`remove --undo {batch}` brings them back within a week.")


def print_unseen(query: "Query", rankings: "list[Ranking]") -> None:
    """Print to stderr which parts of a query the models can't see."""
    from searcher.search.query import parts_of

    parts = parts_of(query)
    for ranking in rankings:
        if names := ", ".join(printable(parts[place].query.name) for place in ranking.unseen):
            print(f"{ranking.model} can't see: {names}", file=sys.stderr)


def aligned(texts: "Sequence[str]", least: int = 0) -> list[str]:
    """Pad the texts of a table's column with spaces: to the longest and two more, or to `least`."""
    width = max([least, *(len(text) + 2 for text in texts)])
    return [f"{text:<{width}}" for text in texts]


def printable(path: str) -> str:
    """Replace undecodable bytes and control characters, which terminals would obey."""
    clean = composed(path.encode("utf-8", "replace").decode("utf-8"))
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in clean)
