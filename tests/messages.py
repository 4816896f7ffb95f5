"""Every message of the page and of the library that a visitor can be shown, read from the code."""

import ast
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, nodes

from searcher import errors
from searcher.settings import ROOT
from searcher.ui.html import TEMPLATES

PACKAGE = ROOT / "searcher"
SPEAKERS = {"tr", "rich", "here", "_"}
ERRORS = {name for name, kind in vars(errors).items() if isinstance(kind, type)}
# What only the command line and the start of the server say.
ELSEWHERE = {
    "__main__.py",
    "adopt.py",
    "batching.py",
    "foreign.py",
    "interpret.py",
    "preprocess.py",
    "processor_config.py",
    "quantize.py",
    "serve.py",
    "settings.py",
    "twin.py",
    "watch.py",
}


def of_the_page() -> set[str]:
    """What is given to `tr`, `rich` and `here`, in Python and in templates."""
    found = set()
    for path in (PACKAGE / "ui").glob("*.py"):
        for call in calls(path):
            if isinstance(call.func, ast.Name) and call.func.id in SPEAKERS and call.args:
                found |= {
                    part.value
                    for part in ast.walk(call.args[0])
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                }
    environment = Environment(autoescape=True)
    for template in TEMPLATES.iterdir():
        for call in environment.parse(template.read_text()).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in SPEAKERS:
                found |= {part.value for part in call.find_all(nodes.Const) if part in call.args}
    return found


def of_the_library() -> set[str]:
    """The sentences of the library's errors, every value in them written as 7."""
    paths = [path for path in PACKAGE.rglob("*.py") if path.name not in ELSEWHERE]
    return {
        sentence
        for path in paths
        if "commands" not in path.parts
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
