"""The command that publishes the checkout and its models as a Space of the Hugging Face Hub."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from searcher.cli.options import Json
from searcher.cli.output import announce, print_json
from searcher.config.terminal import FAILED, INTERRUPTED
from searcher.errors import PublishFailed, TwinlensError

if TYPE_CHECKING:
    from searcher.publishing.space import Publication

ZERO_GPU = "zero-a10g"  # as in searcher.publishing.space, which takes long to import


def publish(
    space: Annotated[str, typer.Argument(metavar="OWNER/NAME")],
    hardware: Annotated[
        str,
        typer.Option(
            metavar="HARDWARE",
            help="ZeroGPU, which free accounts may use; cpu-basic and others need PRO.",
        ),
    ] = ZERO_GPU,
    models: Annotated[
        list[str] | None, typer.Option(metavar="NAME…", help="By default all of MODELS_DIR.")
    ] = None,
    model_repository: Annotated[
        str,
        typer.Option(
            metavar="OWNER/NAME",
            help="Put the model files into this repository of models instead of the Space.",
        ),
    ] = "",
    bucket: Annotated[
        str,
        typer.Option(
            metavar="OWNER/NAME",
            help="Keep the arena's votes in this bucket, and use the models that it has.",
        ),
    ] = "",
    private: Annotated[
        bool, typer.Option("--private", help="Only you see what is created.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace a Space that has another app.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List files, sizes and deletions; send nothing.")
    ] = False,
    json: Json = False,
) -> None:
    """Publish this checkout and its models as a Space, after `hf auth login`."""
    try:
        from searcher.config.startup import start
        from searcher.models.registry import ModelRegistry
        from searcher.publishing.space import Plan, prepare

        settings = start()
        names = tuple(models or ())
        plan = Plan(space, hardware, private, names, model_repository, bucket, replace)
        registry = ModelRegistry(settings.models_dir, settings.model_cache, settings.verdicts)
        publication = prepare(plan, registry)
        surplus = deletions(publication, dry_run)
        if not json:
            _print(publication, surplus or [])
        address = None if dry_run else _send(publication)
    except TwinlensError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(FAILED) from error
    except KeyboardInterrupt as stop:
        print("Stopped. Run it again to go on.", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from stop
    if json:
        print_json(publication.document() | {"deletions": surplus, "url": address})


def deletions(publication: "Publication", dry_run: bool) -> list[str] | None:
    """Return what the Space has beyond the publication; None where a dry run can't ask the Hub.

    Raises:
        PublishFailed: The Hub refuses or can't be reached, unless nothing is to be sent.
    """
    from searcher.publishing.publish import deletions as ask

    try:
        return ask(publication)
    except PublishFailed as error:
        if not dry_run:
            raise
        announce(f"What publishing would delete is not known. {error}")
        return None


def _send(publication: "Publication") -> str:
    from searcher.publishing.publish import publish as send

    address = send(publication)
    announce(f"Published: {address}")
    return address


def _print(publication: "Publication", surplus: list[str]) -> None:
    document = publication.document()
    for name in surplus:
        print(f"{'deleted':>12}  {name}")
    for name, size in document["files"].items():
        print(f"{size:>12,}  {name}")
    for name, size in document["models"].items():
        print(f"{size:>12,}  {name} ({document['model_repository']})")
    count = len(document["files"]) + len(document["models"])
    print(
        f"{document['bytes']:>12,}  bytes in {count} files, on {document['hardware']}", flush=True
    )
