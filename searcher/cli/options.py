"""Arguments that several commands share."""

from typing import Annotated

import typer

from searcher.config.constants import MAX_RESULTS

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Images = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="IMAGE",
        help="Files, or id:NUMBER of pictures of the library; FILE#left,top,right,bottom is a "
        "region, in shares from 0 to 1.",
    ),
]
Texts = Annotated[
    list[str] | None, typer.Option("--text", metavar="T", help="Words; may be repeated.")
]
Minus = Annotated[
    list[str] | None,
    typer.Option("--minus", metavar="IMAGE…", help="Pictures that count against."),
]
MinusTexts = Annotated[
    list[str] | None,
    typer.Option("--minus-text", metavar="T", help="Words that count against; may be repeated."),
]
Weights = Annotated[
    list[float] | None,
    typer.Option(
        "--weight",
        metavar="W…",
        help="A weight above 0 for each part, in the order of --text, IMAGE, --minus and "
        "--minus-text, or one for all that count against; 1 by default.",
    ),
]
Results = Annotated[int, typer.Option("-k", help=f"Results, 1 to {MAX_RESULTS}.")]
Int8 = Annotated[
    bool,
    typer.Option("--int8", help="Also write NAME-int8, calibrated on the library's pictures."),
]
Archive = Annotated[str, typer.Argument(metavar="FILE.zip")]
Where = Annotated[
    str,
    typer.Option(
        metavar="FILTER",
        help="Only pictures that meet a condition, such as "
        """'label == "dog" and width > 1000 and added > "2026-11-01"'.""",
    ),
]
