"""The command that serves the page."""

import os
from typing import Annotated

import typer


def serve(
    share: Annotated[
        bool,
        typer.Option(
            "--share",
            help="SHARE=1: also by a link of Gradio's for a week. Everybody who has it may come "
            "in: set AUTH, or READ_ONLY=1.",
        ),
    ] = False,
) -> None:
    """Serve the page until Ctrl-C; settings are environment variables."""
    from searcher.serve import main

    if share:
        os.environ["SHARE"] = "1"
    main()
