"""Options of `index` about vectors that come from elsewhere."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from searcher.cli.command_job import open_job
from searcher.cli.output import announce

if TYPE_CHECKING:
    from searcher.library.core import Library
    from searcher.library.vector_proposals import VectorFiles

Vectors = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Make a model of vectors from elsewhere: a row for each picture, .npy, .npz or "
        ".parquet.",
    ),
]
Ids = Annotated[
    str,
    typer.Option(
        metavar="FILE|COLUMN",
        help="Of --vectors: a file with a line for each row, or a column, with the picture's id, "
        "path or file name.",
    ),
]
Column = Annotated[
    str,
    typer.Option(
        metavar="COLUMN",
        help="Of --vectors: the column or array of vectors, if there are several.",
    ),
]
Name = Annotated[str, typer.Option(help="Of the model; by default that of the file.")]
Title = Annotated[str, typer.Option(help="Name in the page; by default NAME.")]
Force = Annotated[
    bool, typer.Option("--force", help="Replace vectors from elsewhere that have the name.")
]


def vector_files(
    vectors: Path | None, ids: str, column: str, name: str, title: str, force: bool
) -> "VectorFiles | None":
    """Return the files that the options name, None if there are none.

    Raises:
        typer.BadParameter: An option lacks --vectors, or names no file.
    """
    if vectors is None:
        given = {"--ids": ids, "--column": column, "--name": name, "--title": title}
        for option, value in (given | {"--force": force}).items():
            if value:
                raise typer.BadParameter("only with --vectors", param_hint=option)
        return None
    if not vectors.is_file():
        raise typer.BadParameter(f"no file {vectors}", param_hint="--vectors")
    from searcher.library.vector_proposals import VectorFiles

    # A name that a file has is that of the file, as it is where numpy has no columns.
    path = Path(ids) if ids and (Path(ids).is_file() or vectors.suffix == ".npy") else None
    if path is not None and not path.is_file():
        raise typer.BadParameter(f"no file {ids}", param_hint="--ids")
    return VectorFiles(
        vectors,
        vectors.name,
        column,
        "" if path else ids,
        path,
        path.name if path else "",
        title,
        (path or vectors).absolute().parent,
    )


def add_vectors(library: "Library", files: "VectorFiles", name: str, force: bool) -> dict[str, Any]:
    """Make a model of vectors, and copy them into its collection; return its document."""
    from tqdm import tqdm

    from searcher.library.jobs import VECTORS
    from searcher.library.vector_proposals import default_name, install

    name = name or default_name(files.name)
    with (
        open_job(library, "job.copying_vectors", title=files.title or name) as job,
        tqdm(unit="row", disable=None, file=sys.stderr, leave=False) as bar,
    ):

        def advance(count: int) -> None:
            bar.update(count - bar.n)
            job.advance(count, 0, VECTORS)

        result = install(library, files, name, force, advance)
    return {"model": name, "title": files.title or name} | result.document()


def print_vectors(document: dict[str, Any]) -> None:
    """Print what `add_vectors` returned."""
    count, rows, dim = document["vectors"], document["rows"], document["dim"]
    print(f"{document['model']}: ready, {count} vectors of {rows} rows, {dim} dimensions.")
    for entry in document["skipped"]:
        announce(f"skipped: {entry['reason']}")
