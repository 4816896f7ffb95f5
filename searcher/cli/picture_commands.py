"""Commands about pictures: remove, doctor."""

from typing import Annotated

import typer

from searcher.cli.command_job import open_job
from searcher.cli.options import Json
from searcher.cli.output import counted, print_json, print_undo
from searcher.cli.session import open_library


def remove(
    ids: Annotated[list[int] | None, typer.Option("--id", metavar="ID…")] = None,
    paths: Annotated[
        list[str] | None,
        typer.Option("--path", metavar="PATH…", help="A file, or a folder with everything in it."),
    ] = None,
    labels: Annotated[list[str] | None, typer.Option("--label", metavar="LABEL…")] = None,
    undo: Annotated[
        str | None,
        typer.Option(metavar="[BATCH]", help="Restore what was removed last, or an earlier batch."),
    ] = None,
    json: Json = False,
) -> None:
    """Move pictures to the trash for a week; files outside the data folder stay."""
    if not all(name.strip() for name in labels or []):  # as of an unset variable
        raise typer.BadParameter("it is empty: is a variable unset?", param_hint="--label")
    with open_library() as library:
        from searcher.library import trash
        from searcher.library.removal import detach
        from searcher.library.upkeep import put_in_order

        put_in_order(library)
        if undo is not None:
            restored = trash.undo(library, undo)
            library.index(library.incomplete())
            if json:
                print_json({"restored": restored})
            else:
                print(f"{restored} restored.")
            return
        removed, remaining = detach(library, paths or [], labels or [])
        removal = trash.remove(library, removed + (ids or []))
        if json:
            document = {"removed": removal.count, "trash": removal.batch}
            print_json(document | ({"remaining": remaining} if remaining else {}))
        else:
            print(f"{removal.count} removed.")
            if remaining:
                print(f"{remaining} stay, as they are elsewhere, too.")
            print_undo(removal.batch)


def doctor(
    repair: Annotated[bool, typer.Option("--repair", help="Repair what can be repaired.")] = False,
    deep: Annotated[bool, typer.Option("--deep", help="Check the vectors, too.")] = False,
    adopt_stores: Annotated[
        bool,
        typer.Option(
            "--adopt-stores",
            help="Accept Redis and Milvus as this data folder's, whatever they contain.",
        ),
    ] = False,
    rebuild: Annotated[
        bool,
        typer.Option("--rebuild", help="Fill empty stores from the data folder, and repair."),
    ] = False,
    json: Json = False,
) -> None:
    """Check that files, records and vectors agree; the status is 1 where they don't."""
    with open_library() as library:
        from searcher.library.doctor import examine

        if adopt_stores:
            library.identity.adopt()
            library.acknowledge_recoveries()  # the user accepts what the stores lack
        if rebuild:
            library.identity.claim()
        with open_job(library, "job.checking") as job:
            diagnosis = examine(library, repair or rebuild, deep, job.advance)
    if json:
        print_json(diagnosis.document())
    else:
        for line in [*diagnosis.repaired, *diagnosis.problems]:
            print(line)
        if not diagnosis.repaired and not diagnosis.problems:
            print("Everything agrees.")
        if diagnosis.trash:
            are = counted(diagnosis.trash, "picture is", "pictures are")
            print(f"{are} in the trash, each for a week.")
    raise typer.Exit(1 if diagnosis.problems else 0)
