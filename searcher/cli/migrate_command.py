"""The command that carries a library from one kind of stores to another."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from searcher.cli.command_job import open_job
from searcher.cli.options import Json
from searcher.cli.output import counted, print_json
from searcher.cli.session import open_library

if TYPE_CHECKING:
    from searcher.config.settings import Settings
    from searcher.library.core import Library
    from searcher.library.migration import Migration
    from searcher.library.migration_sides import Progress

STOPPED = "Stopped. Run it again to go on; the stores in use are as they were."


def migrate(
    to_milvus: Annotated[
        str | None,
        typer.Option("--to-milvus", metavar="URI", help="Carry the vectors to this Milvus."),
    ] = None,
    to_redis: Annotated[
        str | None, typer.Option("--to-redis", metavar="URL", help="Carry all else to this Redis.")
    ] = None,
    to_embedded: Annotated[
        bool, typer.Option("--to-embedded", help="Carry back what is on servers.")
    ] = False,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace", help="Give up what the target has of this library, from another time."
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Carry records, vectors and votes to servers, or back; goes on after an interruption."""
    for option, address in (("--to-milvus", to_milvus), ("--to-redis", to_redis)):
        if address is not None and not address.strip():
            raise typer.BadParameter("it is empty: is a variable unset?", param_hint=option)
    if to_embedded == bool(to_milvus or to_redis):
        raise typer.BadParameter(
            "give --to-milvus, --to-redis or both, or --to-embedded", param_hint="migrate"
        )
    with open_library(STOPPED) as library:
        from searcher.library.migration import migrate as carry

        target = _target(library.settings, to_milvus, to_redis, to_embedded)
        with _progress(library) as progress:
            migration = carry(library, target, replace, progress)
    print_json(migration.document()) if json else _print(migration)


def _target(
    settings: "Settings", milvus: str | None, redis: str | None, embedded: bool
) -> "Settings":
    """Return the settings with the addresses of the target. Raises InvalidSetting."""
    from searcher.config.store_addresses import milvus_address, redis_address

    if embedded:
        return settings.model_copy(update={"milvus_uri": None, "redis_url": None})
    changes = {"milvus_uri": milvus_address(milvus)} if milvus else {}
    changes |= {"redis_url": redis_address(redis)} if redis else {}
    return settings.model_copy(update=changes)


@contextmanager
def _progress(library: "Library") -> "Iterator[Progress]":
    """Show a job, and a progress bar for each thing that is carried."""
    from tqdm import tqdm

    from searcher.library.jobs import PICTURES, VECTORS
    from searcher.library.migration_sides import RECORDS

    with ExitStack() as bars, open_job(library, "job.migrating") as job:
        shown, bar = "", tqdm(disable=True)

        def advance(what: str, done: int, total: int) -> None:
            nonlocal shown, bar
            if what != shown:
                bar = tqdm(desc=what, total=total, disable=None, file=sys.stderr)
                bars.enter_context(closing(bar))
                shown = what
            bar.update(done - bar.n)
            job.advance(done, total, PICTURES if what == RECORDS else VECTORS)

        yield advance


def _print(migration: "Migration") -> None:
    vectors = sum(migration.models.values())
    print(
        f"{counted(migration.pictures, 'picture')} and {counted(vectors, 'vector')} of "
        f"{counted(len(migration.models), 'model')} are there, and agree with those here."
    )
    names = " and ".join(migration.settings)
    what = f"Set {names} to what you gave" if any(migration.settings.values()) else f"Unset {names}"
    print(f"{what} from now on; the former stores are as they were.")
