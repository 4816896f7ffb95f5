"""Options of `evaluate` and `compare-models` about queries, and what is relevant to them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from searcher.evaluation.plan import Plan

LabelFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Labels of CSV or COCO JSON instead of the library's, several a picture: CSV with "
        "several lines of a picture, or a|b.",
    ),
]
Qrels = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="What is relevant to which query, instead of labels: TREC's format, or CSV with "
        "query,picture,relevance[,junk].",
    ),
]
Protocol = Annotated[
    str,
    typer.Option(
        metavar="easy|medium|hard",
        help="Of Revisited Oxford and Paris, where --qrels says easy, hard, unclear or negative.",
    ),
]
Queries = Annotated[
    list[Path] | None,
    typer.Option(metavar="PATH…", help="Queries that are not in the library: folders or files."),
]
QueryFolder = Annotated[
    Path | None,
    typer.Option(metavar="PATH", help="The pictures of a folder are queries, all others gallery."),
]
QueryLabel = Annotated[str, typer.Option(metavar="LABEL", help="Those with a label are queries.")]
QueryList = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Those that a file names are queries: one on each line."),
]
QueryShare = Annotated[
    float, typer.Option(metavar="S", help="A share of all is queries, drawn by --seed: 0.2.")
]
Seed = Annotated[int, typer.Option(metavar="N", min=0, help="Of --query-share.")]


def read_plan(
    labels: Path | None,
    qrels: Path | None,
    protocol: str,
    queries: Sequence[Path] | None,
    folder: Path | None,
    label: str,
    names: Path | None,
    share: float,
    seed: int,
) -> "Plan":
    """Return the plan of a task from the values of the options, in the order above.

    Raises:
        BadLabels: A file can't be read.
        BadSource: A folder of queries does not exist.
        InvalidRequest: Options exclude each other.
        NotEnoughLabels: A folder of queries is empty.
    """
    from searcher.datasets.label_sets import read_label_sets
    from searcher.datasets.qrels import read_qrels
    from searcher.errors import BadSource, NotEnoughLabels
    from searcher.evaluation.plan import Plan
    from searcher.evaluation.query_choice import QueryChoice, read_list
    from searcher.images.sources import find_sources, printable

    if folder is not None and not folder.is_dir():
        raise BadSource("source.missing", name=printable(str(folder)))
    files = tuple(find_sources(queries or []))
    if queries and not files:
        raise NotEnoughLabels("truth.no_query_files")
    listed = read_list(names) if names is not None else ()
    choice = QueryChoice(str(folder or ""), label, listed, share, seed)
    judged = read_qrels(qrels, has_classes=bool(protocol)) if qrels is not None else None
    sets = read_label_sets(labels) if labels is not None else None
    return Plan(sets, judged, protocol, files, choice)
