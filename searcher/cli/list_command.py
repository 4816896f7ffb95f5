"""The command `pictures`: list the library by words and facets."""

from typing import Annotated

import typer

from searcher.cli.options import Json
from searcher.cli.output import print_json, printable
from searcher.cli.session import open_library


def pictures(
    words: Annotated[
        list[str] | None,
        typer.Argument(help="Words, label:L, source:upload, added:7d, added:2026-11, lacks:MODEL"),
    ] = None,
    page: Annotated[int, typer.Option(min=1, metavar="N", help="The page, of 48.")] = 1,
    oldest: Annotated[bool, typer.Option("--oldest", help="The oldest first.")] = False,
    json: Json = False,
) -> None:
    """List pictures, the latest first, and count them by label, source, time and model."""
    with open_library() as library:
        from searcher.library.serializers import listing

        document = listing(library, " ".join(words or []), page - 1, oldest)
    if json:
        print_json(document)
        return
    for picture in document["pictures"]:
        print(f"{picture['id']:>19}  {printable(picture['label'])}  {printable(picture['name'])}")
    if document["more"]:
        print(f"… and more: --page {page + 1}")
    for name, counts in document["facets"].items():
        for value, count in counts.items():
            print(f"{name}:{printable(value)}  {count}")
