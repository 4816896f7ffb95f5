"""The command `label`: set the label of pictures, and undo it."""

from typing import Annotated

import typer

from searcher.cli.options import Json
from searcher.cli.output import print_json
from searcher.cli.session import open_library


def label(
    to: Annotated[str | None, typer.Option("--set", metavar="LABEL", help='"" for none.')] = None,
    ids: Annotated[list[int] | None, typer.Option("--id", metavar="ID…")] = None,
    paths: Annotated[
        list[str] | None,
        typer.Option("--path", metavar="PATH…", help="A file, or a folder with everything in it."),
    ] = None,
    labels: Annotated[
        list[str] | None, typer.Option("--label", metavar="LABEL…", help="All with these labels.")
    ] = None,
    undo: Annotated[
        str | None,
        typer.Option(metavar="[BATCH]", help="Undo the latest change, or an earlier batch."),
    ] = None,
    json: Json = False,
) -> None:
    """Give pictures another label."""
    if (to is None) == (undo is None):
        raise typer.BadParameter("give one of both", param_hint="--set, --undo")
    with open_library() as library:
        from searcher.library.relabelling import set_label, undo_label
        from searcher.library.removal import find
        from searcher.library.upkeep import put_in_order

        put_in_order(library)
        if to is None:
            restored = undo_label(library, undo or "")
            if json:
                print_json({"restored": restored})
            else:
                print(f"{restored} have their former label.")
            return
        result = set_label(library, find(library, paths or [], labels or []) + (ids or []), to)
        if json:
            print_json({"labelled": result.count, "batch": result.batch})
            return
        print(f"{result.count} got another label.")
        if result.batch:
            print(f"`label --undo {result.batch}` gives them their former one.")
