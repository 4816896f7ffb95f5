"""How the tests are divided among the workers of pytest-xdist: whole files, the longest first.

The tests of a file share what its fixtures start. pytest-xdist's own `--dist loadgroup` puts groups
into the ids of tests, which pytest 9.2 ignores: it would divide all files, and each worker would
start everything.
"""

import re
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

# The longest files, which workers take first, so that none runs last alone.
LONG = (
    *("test_export", "test_chaos", "test_export_kills", "test_memory", "test_browser_bring"),
    *("test_int8", "test_junk_values", "test_browser_library", "test_browser_address"),
    *("test_browser_hub", "test_browser_events", "test_decode_memory", "test_browser_opening"),
    *("test_browser_panel", "test_accessibility", "test_browser_search", "test_identity_remedies"),
    *("test_damage_milvus", "test_crash", "test_browser_identity", "test_model_check", "test_mcp"),
    *("test_hub_install", "test_install", "test_damage_redis", "test_cli", "test_browser_compare"),
    *("test_store_outages", "test_private_stores", "test_server_limits", "test_migrate"),
    *("test_spaces", "test_worker", "test_vector_models", "test_shrunken_vectors"),
    *("test_registration", "test_trash"),
)
# Files of long tests that share no fixture that takes long: workers take one test at a time.
SPREAD = {"test_chaos", "test_crash", "test_install", "test_int8", "test_memory"}
# Files with tests on a standalone Milvus, all that `make test-server` imports.
ON_SERVER = {
    *("test_identity", "test_library", "test_migrate", "test_partial_runs", "test_removal"),
    *("test_secured", "test_server_index", "test_shards", "test_shrunken_vectors"),
    *("test_standalone", "test_trash", "test_vector_fields", "test_vectors"),
    *("test_vectors_connection", "test_watch"),
}
CRASHED = pytest.StashKey[bool]()  # whether a worker has
OF_ALL = re.compile(r"^pytestmark = .*", re.MULTILINE)  # the markers of all tests of a file


def is_left_out(path: Path, expression: str) -> bool:
    """Whether an expression of markers leaves out every test of a file."""
    if not path.name.startswith("test_"):
        return False
    if expression == "milvus_server":
        return path.stem not in ON_SERVER
    marks = re.findall(r"mark\.(\w+)", "".join(OF_ALL.findall(path.read_text("utf-8"))))
    return any(f"not {mark}" in expression.split(" and ") for mark in marks)


def rank(path: Path) -> int:
    """The place of a file in the order of the tests."""
    return LONG.index(path.stem) if path.stem in LONG else len(LONG)


def unit(nodeid: str) -> str:
    """What a test is given to a worker with: its file, or only itself."""
    path = nodeid.split("::", 1)[0]
    return nodeid if Path(path).stem in SPREAD else path


class FileScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Gives each worker a file, or a test of one that is spread, and the next shortly before."""

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)

    def _reschedule(self, node: WorkerController) -> None:
        # A worker begins a test when it knows the next one. pytest-xdist gives it three; a long
        # test would wait behind another one while the other workers have nothing to do.
        if not self.workqueue or self._pending_of(self.assigned_work[node]) < 2:
            super()._reschedule(node)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: WorkerController, error: object) -> None:
    """Note that a worker crashed; conftest.py imports this hook of pytest-xdist and the next."""
    node.config.stash[CRASHED] = bool(error) or node.config.stash.get(CRASHED, False)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where a worker crashed, end as after an internal error: not all tests were run."""
    if session.config.stash.get(CRASHED, False):
        session.exitstatus = pytest.ExitCode.INTERNAL_ERROR


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FileScheduling:
    """Divide by `FileScheduling`; conftest.py imports this hook of pytest-xdist."""
    return FileScheduling(config, log)
