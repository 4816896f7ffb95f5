"""Which tests are fast: those that start no process, neither themselves nor by their fixtures.

Others get the marker `slow`, by what they and the functions of tests/ that they call use. What that
misses is found when the test runs: a test that is not slow can't start a process.
"""

import multiprocessing.context
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FunctionType
from typing import Any

import pytest

from searcher.export.install import Installation, install
from searcher.library import Library
from searcher.stores.embedded import EmbeddedStores
from tests import forks

STARTERS = (Installation, Library, EmbeddedStores, install, subprocess, forks)
SLOW_FIXTURES = {"app", "browser", "keras_models", "milvus_server", "shared"}
EVENTS = {"subprocess.Popen", "os.fork", "os.posix_spawn", "tests.forks.popen"}

_running: pytest.Item | None = None  # the fast test that runs now


def mark_slow(items: list[pytest.Item]) -> None:
    """Mark the tests that start processes."""
    for item in items:
        if not isinstance(item, pytest.Function):
            continue
        fixtures = item._fixtureinfo.name2fixturedefs
        functions = [item.function, *(d[-1].func for name, d in fixtures.items() if own(d[-1]))]
        seen: set[object] = set()
        if SLOW_FIXTURES & fixtures.keys() or any(_starts(f, seen) for f in functions):
            item.add_marker(pytest.mark.slow)


def own(definition: Any) -> bool:
    """Whether a fixture is one of tests/ that is not used by every test."""
    function = definition.func
    return function.__module__.startswith("tests.") and function.__name__[0] != "_"


def _starts(function: Callable[..., Any], seen: set[object]) -> bool:
    """Whether a function of tests/ can start a process, or another one that it calls."""
    function = getattr(function, "__wrapped__", function)
    if not isinstance(function, FunctionType) or function in seen:
        return False
    seen.add(function)
    names = set(_names(function.__code__))
    used = [function.__globals__.get(name) for name in names]
    return (
        "getfixturevalue" in names
        or any(_is_starter(value) for value in used)
        or any(_starts(value, seen) for value in used if _is_of_tests(value))
    )


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
    """Let no process be started while a fast test runs."""
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
    """Look at every start of a process from now on."""
    sys.addaudithook(refuse_processes)
