"""docs/architecture.md lists every thread, process and lock of the code, and no other."""

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from searcher.config.folders import ROOT

pytestmark = pytest.mark.source
DOCUMENT = ROOT / "docs" / "architecture.md"
CODE = [ROOT / "app.py", *sorted((ROOT / "searcher").rglob("*.py"))]
LOCKS = {"Lock", "RLock", "Condition", "Semaphore", "BoundedSemaphore", "Barrier"}
LOCKS |= {"CapacityLimiter"}
STARTERS = {"Popen", "run", "call", "check_call", "check_output", "Process", "fork", "posix_spawn"}
STARTING = {"subprocess", "multiprocessing", "os"}
MODULES = {"anyio", "threading", "asyncio", "multiprocessing"}
COLUMNS = 5  # kind, name, where, owner, what it does or guards

Entry = tuple[str, str, str]  # kind, name, module


def entries(path: Path) -> Iterator[Entry]:
    """The threads, processes and locks of a module."""
    module = path.relative_to(ROOT).as_posix()
    tree = ast.parse(path.read_text())
    for scope, node in scoped(tree, ""):
        if isinstance(node, ast.Call) and (call := named(node.func)):
            prefix, _, function = call.rpartition(".")
            if function == "Thread":
                yield "thread", text(argument(node, "name")), module
            elif function == "ThreadPoolExecutor":
                prefixes = node.args[1] if len(node.args) > 1 else None
                yield "thread", text(prefixes or argument(node, "thread_name_prefix")), module
            elif prefix in STARTING and function in STARTERS:
                yield "process", scope, module
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            uses = [named(part) for part in ast.walk(node.value)]
            if any(u and u.split(".")[0] in MODULES and u.split(".")[-1] in LOCKS for u in uses):
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                attribute = named(target).removeprefix("self.")
                yield "lock", f"{scope.split('.')[0] or path.stem}.{attribute}", module
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant | ast.JoinedStr)
        if is_text and text(node).endswith(".lock") and text(node) != ".lock":
            yield "file lock", text(node), module


@functools.cache
def of_the_code() -> set[Entry]:
    return {entry for path in CODE for entry in entries(path)}


def scoped(node: ast.AST, scope: str) -> Iterator[tuple[str, ast.AST]]:
    """Every node, with the names of the class and function that it is in."""
    for child in ast.iter_child_nodes(node):
        inner = scope
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            inner = f"{scope}.{child.name}".lstrip(".")
        yield inner, child
        yield from scoped(child, inner)


def named(node: ast.AST) -> str:
    """A dotted name, such as "threading.Lock"; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (value := named(node.value)):
        return f"{value}.{node.attr}"
    return ""


def argument(call: ast.Call, name: str) -> ast.expr | None:
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def text(node: ast.AST | None) -> str:
    """A string as it stands in the code, with its {values}."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(
            text(part) if isinstance(part, ast.Constant) else "{" + value(part) + "}"
            for part in node.values
        )
    return ""


def value(part: ast.expr) -> str:
    return ast.unparse(part.value) if isinstance(part, ast.FormattedValue) else ""


def rows() -> list[list[str]]:
    """The table's cells, without its head."""
    lines = DOCUMENT.read_text().splitlines()
    kinds = re.compile(r"\| (thread|process|lock|file lock) \|")
    cells = [line.strip("|").split("|") for line in lines if kinds.match(line)]
    return [[cell.strip() for cell in row] for row in cells]


def listed() -> set[Entry]:
    return {
        (kind, name.strip("`"), module)
        for kind, name, where, *_ in rows()
        for module in re.findall(r"`([^`]+)`", where)
    }


def test_the_table_lists_what_the_code_has() -> None:
    assert of_the_code() - listed() == set()
    assert listed() - of_the_code() == set()


def test_every_row_names_an_owner_and_what_it_is_for() -> None:
    table = rows()
    assert table
    assert [row for row in table if len(row) != COLUMNS or not all(row)] == []


def test_every_thread_has_a_name() -> None:
    assert [module for kind, name, module in of_the_code() if (kind, name) == ("thread", "")] == []


def test_only_one_module_locks_files() -> None:
    assert [path.name for path in CODE if "flock(" in path.read_text()] == ["file_locks.py"]
