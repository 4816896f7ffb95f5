"""How the command line reads its arguments, without any library."""

import subprocess
import sys

import pytest

from searcher import __version__
from searcher.cli import output
from searcher.cli.main import main
from searcher.cli.spread import spread
from searcher.config.python_version import require_supported_python
from searcher.export.preprocess import PRESETS
from tests.servers import ROOT

VERBS = """
serve models export adopt index status stop pictures remove label search compare evaluate
compare-models arena votes shrink map doctor backup restore migrate
""".split()
# Modules that --help may not import.
SLOW = "gradio numpy onnx onnxruntime pandas PIL pydantic pymilvus redis rich scipy tqdm".split()
IMPORTS = f"""
import sys, searcher.cli.main
print(*sorted({set(SLOW)!r} & set(sys.modules)))
"""


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"twinlens {__version__}\n"


def test_help_names_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    listed = capsys.readouterr().out.split("Commands:")[1]
    assert [line.split()[0] for line in listed.strip().splitlines()] == VERBS


@pytest.mark.slow
def test_help_loads_nothing_slow() -> None:
    process = subprocess.run(
        [sys.executable, "-c", IMPORTS], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert process.stdout.split() == []


def test_help_of_adopt_has_the_numbers_of_the_presets(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adopt", "--help"]) == 0
    words = " ".join(capsys.readouterr().out.split())
    assert all(f"{name}: {preset}" in words for name, preset in PRESETS.items())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("--id 1 2 --json", "--id=1 --id=2 --json"),
        ("--id=1 2", "--id=1 2"),
        ("--id", "--id"),
        ("--id --json", "--id --json"),
        ("--mean -1 .5 -1e-3 -k 3", "--mean=-1 --mean=.5 --mean=-1e-3 -k 3"),
        ("--undo", "--undo="),
        ("--undo --json", "--undo= --json"),
        ("--undo b c", "--undo=b c"),
        ("x --id 1 -- --id 2", "x --id=1 -- --id 2"),
    ],
)
def test_an_option_takes_the_words_that_follow(words: str, expected: str) -> None:
    spoken = spread(words.split(), {"--id", "--mean"}, frozenset({"--undo"}))
    assert list(spoken) == expected.split()


@pytest.mark.parametrize("version", [(3, 10), (3, 14), (4, 0)])
def test_another_python_gets_a_sentence(
    version: tuple[int, int], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        require_supported_python(version)
    assert caught.value.code == 2
    line = capsys.readouterr().err
    assert line.startswith("Twinlens needs Python 3.11, 3.12 or 3.13, and this is ")
    assert ("TensorFlow has no wheels" in line) == (version > (3, 13))


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
def test_these_pythons_do(version: tuple[int, int]) -> None:
    require_supported_python(version)


def test_names_give_terminals_no_commands() -> None:
    assert output.printable("a\x1b]0;owned\x07\udcff é.jpg") == "a�]0;owned�? é.jpg"


def test_a_number_beyond_its_limit_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adopt", "x.onnx", "--name", "x", "--resize", "9000"]) == 2
    assert "--resize" in capsys.readouterr().err


def test_columns_are_as_wide_as_their_longest_text() -> None:
    assert output.aligned(["", "shape", "efficientnet_lite0"]) == [
        " " * 20,
        "shape" + " " * 15,
        "efficientnet_lite0  ",
    ]
    assert output.aligned(["shape"], 16) == ["shape" + " " * 11]
