"""Arguments that several commands share."""

from typing import Annotated

import typer

from searcher.config.constants import MAX_RESULTS

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Image = Annotated[str, typer.Argument(metavar="IMAGE")]
Results = Annotated[int, typer.Option("-k", help=f"Results, 1 to {MAX_RESULTS}.")]
Int8 = Annotated[
    bool,
    typer.Option("--int8", help="Also write NAME-int8, calibrated on the library's pictures."),
]
Archive = Annotated[str, typer.Argument(metavar="FILE.zip")]
