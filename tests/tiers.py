"""Which tests are fast: those that start no process, neither themselves nor by their fixtures.

Others get the marker `slow`, by what they, their fixtures and the functions of tests/ that these
call use. Where that analysis misses one, the test fails, since it can't start a process. Tests
that look at processes (`psutil`) get `real_processes`: forks take other memory and other parents.
"""

import functools
import inspect
import multiprocessing.context
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FunctionType
from typing import Any

import psutil
import pytest

from searcher.export.install import Installation, install
from searcher.library.core import Library
from searcher.models.registry import ModelRegistry
from searcher.models.verdicts import Verdicts
from searcher.stores.private.client import EmbeddedStores
from tests import forks, packing, process_names

# Functions and modules that start a process, and fixtures that are requested by name.
STARTERS = (
    *(Installation, install, Library, EmbeddedStores, ModelRegistry, Verdicts),
    *(subprocess, forks, "getfixturevalue"),
)
SLOW_FIXTURES = {"app", "browser", "embedded", "keras_models", "milvus_server", "shared"}
EVENTS = {"subprocess.Popen", "os.fork", "os.posix_spawn", "tests.forks.popen"}

_running: pytest.Item | None = None  # the fast test that runs now


def mark(items: list[pytest.Item]) -> None:
    """Put the long files first, and mark the tests that start processes or look at them."""
    items.sort(key=lambda item: packing.rank(item.path))
    for item in items:
        if not isinstance(item, pytest.Function):
            continue
        if item.get_closest_marker("milvus_server") and item.path.stem not in packing.ON_SERVER:
            raise pytest.UsageError(f"{item.path.name} is to be named in packing.ON_SERVER")
        fixtures = item._fixtureinfo.name2fixturedefs
        functions = [item.function, *(d[-1].func for d in fixtures.values() if _is_own(d[-1]))]
        starts, looks = _kinds(frozenset(functions))
        if starts or SLOW_FIXTURES & fixtures.keys():
            item.add_marker(pytest.mark.slow)
        if "browser" in fixtures:
            item.add_marker(pytest.mark.browser)
        if looks:
            item.add_marker(pytest.mark.real_processes)


@functools.cache
def _kinds(functions: frozenset[Callable[..., Any]]) -> tuple[bool, bool]:
    """Whether functions start processes, and whether they look at them."""
    remaining = list(functions)
    starts = looks = False
    visited: set[object] = set()
    while remaining:
        function = inspect.unwrap(remaining.pop())
        if not isinstance(function, FunctionType) or function in visited:
            continue
        visited.add(function)
        function_starts, function_looks, called = _uses(function)
        starts, looks = starts or function_starts, looks or function_looks
        remaining += called
    return starts, looks


@functools.cache
def _uses(function: FunctionType) -> tuple[bool, bool, list[Callable[..., Any]]]:
    """Whether a function itself does, and the functions of tests/ that it uses."""
    values = [function.__globals__.get(name, name) for name in _names(function.__code__)]
    starts, looks = any(map(_is_starter, values)), any(value is psutil for value in values)
    if function.__module__ == process_names.__name__:
        looks = not process_names.FORKS_ARE_NAMED
    return starts, looks, [value for value in values if _is_of_tests(value)]


def _is_own(fixture: pytest.FixtureDef[Any]) -> bool:
    """Whether a fixture is one of tests/, and not one that every test has."""
    return _is_of_tests(fixture.func) and not fixture.argname.startswith("_")


def _is_starter(value: object) -> bool:
    return any(value is starter for starter in STARTERS) or isinstance(
        value, multiprocessing.context.BaseContext
    )


def _is_of_tests(value: object) -> bool:
    return callable(value) and str(getattr(value, "__module__", "")).startswith("tests.")


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


@contextmanager
def guarded(item: pytest.Item) -> Iterator[None]:
    """Forbid starting processes while a fast test runs."""
    global _running
    _running = None if item.get_closest_marker("slow") else item
    try:
        yield
    finally:
        _running = None


def refuse_processes(event: str, _: object) -> None:
    """Audit hook: fail where a fast test starts a process."""
    if _running and event in EVENTS:
        raise AssertionError(f"{_running.nodeid} starts a process: mark it with pytest.mark.slow")


def install_guard() -> None:
    """Add the audit hook that sees every start of a process."""
    sys.addaudithook(refuse_processes)
