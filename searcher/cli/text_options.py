"""Options of `adopt` about the side for words of a network whose files lie loose."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from searcher.models.text_format import MAX_LENGTH

if TYPE_CHECKING:
    from searcher.export.text_source import TextSource

Words = Annotated[
    bool,
    typer.Option("--words/--no-words", help="Bring the side for words where there is one."),
]
Text = Annotated[
    Path | None, typer.Option(metavar="FILE.onnx", help="The side for words of a FILE.onnx.")
]
TokenizerFile = Annotated[
    Path | None,
    typer.Option("--tokenizer", metavar="FILE.json", help="Of --text; by default the one beside."),
]
TextLength = Annotated[
    int | None, typer.Option(min=1, max=MAX_LENGTH, help="The most tokens of a text of --text.")
]
PadId = Annotated[
    int | None, typer.Option(min=0, help="The token that shorter texts of --text are padded with.")
]
Lowercase = Annotated[
    bool, typer.Option("--lowercase", help="Texts of --text are made lower-case first.")
]


def text_source(
    text: Path | None,
    tokenizer: Path | None,
    length: int | None,
    pad_id: int | None,
    lowercase: bool,
) -> "TextSource | None":
    """Return the side for words that the options name, None if there is none."""
    if text is None:
        given = {"--tokenizer": tokenizer, "--text-length": length, "--pad-id": pad_id}
        given |= {"--lowercase": lowercase or None}
        for option, value in given.items():
            if value is not None:
                raise typer.BadParameter("only with --text", param_hint=option)
        return None
    for option, path in {"--text": text, "--tokenizer": tokenizer}.items():
        if path is not None and not path.is_file():
            raise typer.BadParameter(f"no file {path}", param_hint=option)
    from searcher.export.text_source import TextSource, settings_beside

    configs = settings_beside(tokenizer or text)
    return TextSource(text, configs, "", length, pad_id, lowercase, tokenizer)
