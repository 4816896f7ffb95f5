"""The command line on any terminal, file or pipe, in any locale."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import ROOT

# Prints names that many terminals lack, and then does as it is told.
PROGRAM = r"""
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from searcher.config.terminal import run_program

def program():
    print("“Größe” 写真 caf\udce9", os.listdir(os.fsencode(sys.argv[3]))[0].decode("utf-8"))
    if sys.argv[2] == "interrupt":
        os.kill(os.getpid(), signal.SIGINT)
    elif sys.argv[2] == "long":
        print("x" * 200_000)
    elif sys.argv[2] == "fail":
        open("/nowhere/at\tall")
    elif sys.argv[2] == "break":
        {}["key"]
    return len(os.listdir(sys.argv[3])[0]) - 4

sys.exit(run_program(program))
"""
UTF8 = {"PYTHONUTF8": "1"}
OLD = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}


def start(folder: Path, act: str, redirection: str, **env: str) -> "subprocess.Popen[bytes]":
    (folder / "Café").mkdir()
    (folder / "program.py").write_text(PROGRAM, "utf-8")
    words = [sys.executable, folder / "program.py", ROOT, act, folder / "Café"]
    (folder / "Café" / "日本.é").touch()
    shell = ["sh", "-c", f'"$@" {redirection}', "sh", *map(str, words)]
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "LC_", "LANG"))}
    output = subprocess.PIPE
    # A shell's job in the background ignores Ctrl-C, and so does what it starts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(shell, env={**variables, **env}, stdout=output, stderr=output)
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({**UTF8}, "“Größe” 写真 caf\\udce9 日本.é"),
        ({**UTF8, "PYTHONIOENCODING": "latin-1"}, '"Größe" \\u5199\\u771f caf\\udce9 '),
        ({**OLD}, '"Gr\\xf6\\xdfe" \\u5199\\u771f caf\\udce9 \\u65e5\\u672c.\\xe9'),
        ({**OLD, "LC_ALL": "xx_YY.UTF-9"}, '"Gr\\xf6\\xdfe" '),
    ],
)
def test_a_terminal_gets_what_it_can_show(
    tmp_path: Path, env: dict[str, str], expected: str
) -> None:
    out, err = start(tmp_path, "", "", **env).communicate()
    assert err == b""
    encoding = "latin-1" if "PYTHONIOENCODING" in env else "utf-8"
    assert out.decode(encoding).startswith(expected)


@pytest.mark.parametrize(
    ("act", "redirection", "status", "sentence"),
    [
        ("", "", 0, ""),
        ("", ">&-", 0, ""),
        ("", ">&- 2>&- <&-", 0, ""),
        ("", ">/dev/full", 2, "The output, or a file, can't be written (No space left on device)."),
        ("long", ">/dev/full", 2, "The output, or a file, can't be written (No space left on dev"),
        ("fail", "2>/dev/full", 2, ""),
        ("fail", "", 2, "/nowhere/at\N{REPLACEMENT CHARACTER}all can't be used (No such file or d"),
        ("break", "", 2, "Twinlens has failed in an unexpected way (KeyError: 'key'): with LOG_"),
        ("interrupt", "", 130, ""),
    ],
)
def test_a_program_ends_with_a_sentence_or_quietly(
    tmp_path: Path, act: str, redirection: str, status: int, sentence: str
) -> None:
    process = start(tmp_path, act, redirection, **UTF8)
    _, err = process.communicate()
    assert process.returncode == status
    assert err.decode().startswith(sentence)
    assert err.count(b"\n") == bool(sentence)


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_closed_pipe_ends_a_program_quietly(tmp_path: Path, unbuffered: str) -> None:
    process = start(tmp_path, "long", "", PYTHONUNBUFFERED=unbuffered, **UTF8)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 128 + signal.SIGPIPE
