"""Rules for the tests: fixtures clean up in `finally`, and no test has a time bound."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.servers import ROOT

pytestmark = pytest.mark.source
FILES = sorted((ROOT / "tests").glob("*.py"))
# A time bound fails on a busy machine and shows little on a fast one.
TIME_BOUND = re.compile(r"assert [^\n]*(?:monotonic|perf_counter|time)\(\) - \w+ <=? ")


def unguarded(body: list[ast.stmt]) -> Iterator[int]:
    """The lines of `yield` followed by clean-up that is in no `finally`."""
    for statement, following in zip(body, [*body[1:], None], strict=True):
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Yield):
            if following is not None and not isinstance(following, ast.Assert):
                yield statement.lineno
        elif isinstance(statement, ast.With | ast.For | ast.If):
            yield from unguarded(statement.body)


def test_fixtures_clean_up_whatever_happens() -> None:
    unguarded_lines = [
        f"{path.name}:{line}"
        for path in FILES
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef)
        and any(
            "fixture" in (d := ast.unparse(n)) or "contextmanager" in d
            for n in function.decorator_list
        )
        for line in unguarded(function.body)
    ]
    assert unguarded_lines == []


def test_no_test_has_a_time_bound() -> None:
    assert [path.name for path in FILES if TIME_BOUND.search(path.read_text())] == []
