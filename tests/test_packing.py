"""The division of the tests among workers."""

from pathlib import Path

import pytest

from tests import packing
from tests.packing import LONG, ON_SERVER, SPREAD, unit


def test_workers_take_files_or_single_tests(pytestconfig: pytest.Config) -> None:
    assert unit("tests/test_cli.py::test_x[a::b]") == unit("tests/test_cli.py::test_y")
    assert unit("tests/test_chaos.py::test_x[0]") != unit("tests/test_chaos.py::test_x[1]")
    if pytestconfig.pluginmanager.hasplugin("xdist"):
        hooks = pytestconfig.hook.pytest_xdist_make_scheduler.get_hookimpls()
        assert packing.pytest_xdist_make_scheduler in [hook.function for hook in hooks]


def test_the_files_that_are_named_exist() -> None:
    names = {path.stem for path in Path(__file__).parent.glob("test_*.py")}
    assert names >= {*LONG, *ON_SERVER, *SPREAD}
