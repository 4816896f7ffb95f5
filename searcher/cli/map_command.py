"""The command about maps."""

from typing import Annotated

import typer

from searcher.cli.command_job import open_job
from searcher.cli.options import Json
from searcher.cli.output import counted, print_json
from searcher.cli.session import open_library
from searcher.errors import InvalidRequest


def map(
    model: Annotated[str, typer.Argument(metavar="MODEL")],
    method: Annotated[
        str, typer.Option(help="tsne, which keeps neighbours, or pca.", metavar="METHOD")
    ] = "tsne",
    json: Json = False,
) -> None:
    """Place the pictures in two dimensions, as a model sees them."""
    with open_library() as library:
        from tqdm import tqdm

        from searcher.evaluation.map_documents import document
        from searcher.evaluation.maps import Maps
        from searcher.library.jobs import PERCENT
        from searcher.metrics.projection import METHODS

        if method not in METHODS:
            raise InvalidRequest("request.choice")
        title = library.registry.get(model).display
        with (
            open_job(library, "job.map", title=title) as job,
            tqdm(total=100, unit="%", disable=None, leave=False) as bar,
        ):

            def step(share: float) -> None:
                bar.update(100 * share - bar.n)
                job.advance(100 * share, 100, PERCENT)

            view = Maps(library).make(model, method, step)
        if json:
            print_json(document(view))
            return
        print(f"{view.title}: {len(view.ids)} of {counted(view.total, 'picture')}, {view.method}")
        for picture_id, (x, y) in zip(view.ids, view.projection.points, strict=True):
            print(f"{picture_id:<20} {x:.4f} {y:.4f}")
