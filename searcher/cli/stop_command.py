"""The command stop: stops a job of any process, by its id."""

from typing import Annotated

import typer

from searcher.cli.options import Json
from searcher.cli.output import print_json, printable
from searcher.cli.session import open_library


def stop(
    job: Annotated[int, typer.Argument(metavar="ID", help="The id of a job, from `status`.")],
    json: Json = False,
) -> None:
    """Stop a job of an app or of another command; what is done until then is kept."""
    with open_library() as library:
        from searcher.errors import NotFound

        running = {document["id"]: document for document in library.job_store.read()}
        if job not in running:
            raise NotFound("job.not_found", job=job)
        library.identity.require(vectors=False)
        library.job_store.request_stop(job)
        if json:
            print_json({"stopping": True})
        else:
            print(f"Stopping: {printable(running[job]['what'])}.")
