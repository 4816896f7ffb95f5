"""The division of the tests among workers."""

from pathlib import Path

import pytest

from tests import packing
from tests.packing import LONG, ON_SERVER, SPREAD, is_left_out, unit


def test_workers_take_files_or_single_tests(pytestconfig: pytest.Config) -> None:
    assert unit("tests/test_cli.py::test_x[a::b]") == unit("tests/test_cli.py::test_y")
    assert unit("tests/test_chaos.py::test_x[0]") != unit("tests/test_chaos.py::test_x[1]")
    if pytestconfig.pluginmanager.hasplugin("xdist"):
        hooks = pytestconfig.hook.pytest_xdist_make_scheduler.get_hookimpls()
        assert packing.pytest_xdist_make_scheduler in [hook.function for hook in hooks]


def test_files_are_imported_for_what_they_have(tmp_path: Path) -> None:
    file = tmp_path / "test_x.py"
    file.write_text("pytestmark = [pytest.mark.slow, pytest.mark.real_processes]\n")
    assert is_left_out(file, "not slow and not source")
    assert not is_left_out(file, "not source")
    assert not is_left_out(file, "slow")
    file.write_text("@pytest.mark.slow\ndef test_x() -> None: ...\n")
    assert not is_left_out(file, "not slow")
    assert is_left_out(file, "milvus_server")
    assert not is_left_out(file.with_name("conftest.py"), "milvus_server")
    assert not is_left_out(file.with_name("test_watch.py"), "milvus_server")


def test_the_files_that_are_named_exist() -> None:
    names = {path.stem for path in Path(__file__).parent.glob("test_*.py")}
    assert names >= {*LONG, *ON_SERVER, *SPREAD}
