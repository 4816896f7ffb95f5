"""The wheel, installed into an environment of its own and called from another folder."""

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest

from searcher import __version__
from tests.servers import ROOT, free_port, stopping, wait_for

pytestmark = pytest.mark.slow
PACKAGE = ROOT / "searcher"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index"]
    command += ["--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The console script; what the wheel needs is what these tests run with."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (packages,) = folder.glob("lib/python3.*/site-packages")
    (packages / "theirs.pth").write_text(sysconfig.get_path("purelib"))
    command = [sys.executable, "-m", "pip", f"--python={folder}", "install", "--quiet"]
    subprocess.run([*command, "--no-deps", "--no-index", str(wheel)], check=True)
    return folder / "bin" / "twinlens"


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """The environment of a user whose home folder is new."""
    home = {"HOME": str(tmp_path / "home"), "XDG_DATA_HOME": str(tmp_path / "user")}
    (tmp_path / "home").mkdir()
    return {**os.environ, **home, "INSTALL_MODELS": ""}


def test_the_wheel_has_all_that_the_package_reads(wheel: Path) -> None:
    samples = [path for path in (ROOT / "sample_images").rglob("*") if path.is_file()]
    expected = {f"searcher/shipped/{path.relative_to(ROOT)}" for path in samples}
    files = (path for path in PACKAGE.rglob("*") if "__pycache__" not in path.parts)
    expected |= {str(path.relative_to(ROOT)) for path in files if path.is_file()}
    with ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if name.startswith("searcher/")}
    assert names == expected
    assert "searcher/py.typed" in names


def test_dependencies_are_those_of_requirements_in(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        (name,) = [n for n in archive.namelist() if n.endswith("/METADATA")]
        lines = archive.read(name).decode().splitlines()
    requirements = {line.split(": ")[1] for line in lines if line.startswith("Requires-Dist")}
    written = (ROOT / "requirements.in").read_text().splitlines()
    pinned = {line.split(";")[0].strip() for line in written if line and line[0] != "#"}
    assert {text.split(";")[0] for text in requirements if "extra ==" not in text} == pinned
    extras = {line.split(": ")[1] for line in lines if line.startswith("Provides-Extra")}
    assert extras == {"mcp", "gpu", "dev"}
    assert f"Version: {__version__}" in lines


def test_a_new_user_finds_models_and_pictures(
    program: Path, env: dict[str, str], tmp_path: Path
) -> None:
    def call(*arguments: str) -> str:
        process = subprocess.run(
            [program, *arguments], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
        )
        return process.stdout

    assert call("--version") == f"twinlens {__version__}\n"
    models = json.loads(call("models", "--json"))
    assert {m["name"] for m in models if m["state"] == "ready"} >= {"colour", "shape"}
    picture = next((ROOT / "sample_images").glob("*/*.jpg"))
    assert json.loads(call("index", str(picture), "--json"))["added"] == 1
    response = json.loads(call("search", str(picture), "--model", "colour", "--json"))
    assert [hit["name"] for hit in response["hits"]] == [picture.name]
    user = tmp_path / "user" / "twinlens"
    assert {path.name for path in user.iterdir()} == {"data", "models", "sample_images"}
    assert {path.name for path in tmp_path.iterdir()} == {"home", "user"}


@pytest.fixture
def served(program: Path, env: dict[str, str], tmp_path: Path) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [program, "serve"], cwd=tmp_path, env={**env, "PORT": str(port)}, stdout=log, stderr=log
        )
    with stopping(process):
        yield url
    assert process.returncode == 0, (tmp_path / "log").read_text()
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_serve_shows_the_page_with_the_samples(served: str) -> None:
    def pictures() -> int:
        try:
            event = httpx.post(f"{served}/gradio_api/call/status", json={"data": []}).json()
            reply = httpx.get(f"{served}/gradio_api/call/status/{event['event_id']}", timeout=60)
        except (httpx.HTTPError, ValueError):
            return 0
        line = next(text for text in reply.text.splitlines() if text.startswith("data: "))
        return int(json.loads(line.removeprefix("data: "))[0]["pictures"])

    samples = len(list((ROOT / "sample_images").glob("*/*.jpg")))
    wait_for(lambda: pictures() > 0, what="the samples")
    assert pictures() <= samples
