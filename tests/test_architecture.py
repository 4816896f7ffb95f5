"""The packages of searcher/: imports point down, module names and heavy imports are unique."""

import ast
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from searcher.config.folders import ROOT

pytestmark = pytest.mark.source
PACKAGE = ROOT / "searcher"
# From the lowest layer up: a package imports only those before it.
FLOORS = """
types text_encoding messages errors file_locks memory cores files config
images hub_access datasets models metrics
stores stores.private search indexing export library evaluation publishing
presentation
ui.assets ui.gradio_internals ui.i18n ui.toasts ui.templating ui.theme ui.monitoring ui.requests
ui.security ui.zero_gpu
ui.delivery ui.components ui.tabs ui.api ui.events ui.app ui.server
serve cli __main__
""".split()
MAX_FILES = 10  # Python files directly in searcher/
PATHS = sorted(PACKAGE.rglob("*.py"))


@cache
def imports(path: Path) -> set[str]:
    """What a file imports, wherever in it: dotted names of modules and of what is in them."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def floor_of(module: str) -> str:
    """The longest name in FLOORS that a module, without `searcher.`, lies in."""
    fitting = [floor for floor in FLOORS if f"{module}.".startswith(f"{floor}.")]
    return max(fitting, key=len, default="")


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def outside(package: str) -> list[Path]:
    return [path for path in PATHS if not path.is_relative_to(PACKAGE / package)]


def test_every_module_lies_in_a_room() -> None:
    faces = {path for path in PATHS if path.name == "__init__.py"}
    assert [
        name_of(path) for path in PATHS if path not in faces and not floor_of(name_of(path))
    ] == []


@pytest.mark.parametrize("floor", FLOORS)
def test_arrows_point_down(floor: str) -> None:
    below = FLOORS[: FLOORS.index(floor) + 1]
    for path in PATHS:
        if floor_of(name_of(path)) != floor:
            continue
        targets = {
            floor_of(n.removeprefix("searcher."))
            for n in imports(path)
            if n.startswith("searcher.")
        }
        assert targets <= {*below, ""}, f"{name_of(path)} imports {targets - set(below)}"


def test_the_command_line_and_the_page_know_nothing_of_each_other() -> None:
    for path in PATHS:
        names = {n.split(".")[1] for n in imports(path) if n.startswith("searcher.")}
        floor = floor_of(name_of(path))
        if floor.startswith("ui"):
            assert "cli" not in names
        elif floor != "serve":
            assert "ui" not in names, path


def test_tabs_do_not_import_each_other() -> None:
    for path in (PACKAGE / "ui" / "tabs").glob("*.py"):
        assert not [n for n in imports(path) if n.startswith("searcher.ui.tabs")], path


def test_few_files_lie_directly_in_the_package() -> None:
    assert len(list(PACKAGE.glob("*.py"))) <= MAX_FILES


def test_no_module_name_is_used_twice() -> None:
    packages = [path.parent.name for path in PATHS if path.name == "__init__.py"]
    modules = [path.stem for path in PATHS if not path.stem.startswith("__")]
    assert [name for name, n in Counter(packages + modules).items() if n > 1] == []


# These move what is written already: a batch of the trash, the repaired file of the records.
MOVERS = {"files", "library.trash", "stores.private.redis_files"}


def test_files_are_replaced_by_one_writer_only() -> None:
    replacing = {name_of(path) for path in PATHS if "os.replace(" in path.read_text()}
    assert replacing == MOVERS
    assert not [path for path in outside("files.py") if '.part"' in path.read_text()]


PUBLIC = {"gradio.components", "gradio.events", "gradio.themes"}  # modules that are documented


def test_private_modules_of_gradio_are_imported_by_one_package_only() -> None:
    for path in outside("ui/gradio_internals"):
        modules = {
            node.module
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.ImportFrom) and node.module
        }
        modules |= {n for n in imports(path) if n.startswith("gradio.") and n.count(".") > 1}
        private = {m for m in modules if m.startswith(("gradio.", "gradio_client."))}
        assert not {m for m in private if not m.startswith(tuple(PUBLIC))}, path


@pytest.mark.parametrize(
    ("library", "rooms"),
    [
        ("gradio", "ui"),
        ("tensorflow", "export"),
        ("keras", "export"),
        ("tf2onnx", "export"),
        ("pymilvus", "stores"),
        ("redis", "stores"),
        ("huggingface_hub", "hub_access export datasets publishing"),
        ("spaces", "ui"),
        ("httpx2", "hub_access export datasets"),
    ],
)
def test_a_library_is_imported_in_its_rooms_only(library: str, rooms: str) -> None:
    others = set.intersection(*(set(outside(room)) for room in rooms.split()))
    users = [path for path in others if any(n.split(".")[0] == library for n in imports(path))]
    assert users == []
