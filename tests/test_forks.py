"""Forked processes end like those that Python starts."""

import sys
from pathlib import Path

import pytest

from tests import forks

pytestmark = pytest.mark.slow
ENDINGS = {
    "pass": (0, "", ""),
    "sys.exit()": (0, "", ""),
    "sys.exit(3)": (3, "", ""),
    "sys.exit('why')": (1, "", "why\n"),
    "print('out', end='')": (0, "out", ""),
    "atexit.register(print, 'at exit')": (0, "at exit\n", ""),
    "threading.Timer(0.1, print, ['thread']).start()": (0, "thread\n", ""),
}


def run(tmp_path: Path, line: str) -> tuple[int, str, str]:
    program = tmp_path / "program.py"
    program.write_text(f"import atexit, sys, threading\n{line}\n")
    process = forks.run([sys.executable, program])
    return process.returncode, process.stdout, process.stderr


@pytest.mark.parametrize("line", ENDINGS)
def test_a_fork_ends_as_python_does(tmp_path: Path, line: str) -> None:
    assert run(tmp_path, line) == ENDINGS[line]


def test_an_error_is_told(tmp_path: Path) -> None:
    status, out, err = run(tmp_path, "1 / 0")
    assert (status, out) == (1, "")
    assert err.endswith("ZeroDivisionError: division by zero\n")


def test_modules_are_not_taken_apart(tmp_path: Path) -> None:
    """That copies the memory that forks share with their server: 0.1 s of a core each."""
    names = "class Last:\n    def __del__(self): print('taken apart')\nsys.modules['last'] = Last()"
    assert run(tmp_path, names) == (0, "", "")
