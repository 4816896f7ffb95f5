"""Every message of the library that a visitor can be shown, read from the code."""

import ast
from collections.abc import Iterator
from pathlib import Path

from searcher import errors
from searcher.config.settings import ROOT

PACKAGE = ROOT / "searcher"
ERRORS = {name for name, kind in vars(errors).items() if isinstance(kind, type)}
# What only the command line and the start of the server say.
ELSEWHERE = {
    "archive.py",
    "__main__.py",
    "adopt.py",
    "onnx_reader.py",
    "quantize.py",
    "server.py",
    "settings.py",
    "int8.py",
    "watch.py",
}


def of_the_library() -> set[str]:
    """The sentences of the library's errors, every value in them written as 7."""
    paths = [path for path in PACKAGE.rglob("*.py") if path.name not in ELSEWHERE]
    return {
        sentence
        for path in paths
        if "cli" not in path.parts
        for call in calls(path)
        if isinstance(call.func, ast.Name) and call.func.id in ERRORS
        for sentence in sentences(call)
    }


def sentences(call: ast.Call) -> Iterator[str]:
    """The finished sentences among a call's arguments."""
    for argument in call.args:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value
        elif isinstance(argument, ast.JoinedStr):
            pieces = (p.value if isinstance(p, ast.Constant) else "7" for p in argument.values)
            yield "".join(str(piece) for piece in pieces)


def calls(path: Path) -> Iterator[ast.Call]:
    tree = ast.parse(path.read_text())
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))
