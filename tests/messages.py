"""Every message of the page that a visitor can be shown, read from the code."""

import ast
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, nodes

from searcher.config.folders import ROOT
from searcher.ui.templating import TEMPLATES

PACKAGE = ROOT / "searcher"
SPEAKERS = {"tr", "rich", "here", "_"}


def of_the_page() -> set[str]:
    """What is given to `tr`, `rich` and `here`, in Python and in templates."""
    found = set()
    for path in (PACKAGE / "ui").rglob("*.py"):
        for call in calls(path):
            if isinstance(call.func, ast.Name) and call.func.id in SPEAKERS and call.args:
                found |= {
                    part.value
                    for part in ast.walk(call.args[0])
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                }
    environment = Environment(autoescape=True)
    for template in TEMPLATES.iterdir():
        for spoken in environment.parse(template.read_text()).find_all(nodes.Call):
            if isinstance(spoken.node, nodes.Name) and spoken.node.name in SPEAKERS:
                constants = spoken.find_all(nodes.Const)
                found |= {part.value for part in constants if part in spoken.args}
    return found


def calls(path: Path) -> Iterator[ast.Call]:
    tree = ast.parse(path.read_text())
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))
