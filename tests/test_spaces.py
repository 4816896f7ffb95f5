"""The app as a Space runs it: no way out, no home, nothing that can be written but /tmp."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from searcher.config.settings import Settings
from searcher.publishing.space import ZERO_GPU
from searcher.ui.zero_gpu import declare_gpu_function
from tests.pictures import folder
from tests.servers import ROOT, START_S, free_port, wait_for
from tests.zero_gpu_device import zero_gpu

AT_ONCE = ("words", "efficientnet_lite0", "efficientnet_lite2")  # without a download
# Notes every file that any Python process of the app opens for writing, and every new folder.
WATCH = """
import os, sys
seen = os.open(os.environ["WRITTEN"], os.O_WRONLY | os.O_APPEND)

def note(event, arguments):
    changes = os.O_WRONLY | os.O_RDWR | os.O_CREAT
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & changes:
        path = arguments[0]
    elif event == "os.mkdir":
        path = arguments[0]
    else:
        return
    if not isinstance(path, int):
        os.write(seen, os.fsencode(os.path.abspath(path)) + b"\\n")

sys.addaudithook(note)
"""


def without_privileges() -> list[str]:
    """A command prefix with which root obeys file permissions."""
    if os.geteuid():
        return []
    executable = shutil.which("setpriv")
    if not executable:
        pytest.skip("setpriv is not installed, and root may write everywhere")
    dropped = "-dac_override,-dac_read_search,-fowner"
    return [executable, "--bounding-set", dropped, "--inh-caps", dropped]


@pytest.fixture
def space(tmp_path: Path) -> Iterator[Path]:
    """A copy of the project with pictures, which can't be written."""
    copy = tmp_path / "app"
    for name in ("app.py", "README.md"):
        (copy / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, copy)
    # As it is compiled: each process of the app would compile all of it, since none may write it.
    shutil.copytree(ROOT / "searcher", copy / "searcher")
    (copy / "models").mkdir()
    folder(copy / "sample_images", {"a": 4, "b": 4})
    (tmp_path / "nobody").mkdir()
    paths = [tmp_path / "nobody", *(p for p in [copy, *copy.rglob("*")] if p.is_dir())]
    for path in paths:
        path.chmod(0o555)
    try:
        yield copy
    finally:
        for path in paths:
            path.chmod(0o755)


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder with a short name: that of a socket has at most 107 bytes."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        yield Path(name)


def test_a_space_is_usable(space: Path, temporary: Path, tmp_path: Path) -> None:
    with zero_gpu() as (variables, reports):
        use(space, temporary, tmp_path, variables)
    # Without it the platform stops the app: there would be no function for the GPU.
    assert reports == ["/startup-report"]


def use(space: Path, temporary: Path, tmp_path: Path, variables: dict[str, str]) -> None:
    """Start the app as ZeroGPU does, and use it."""
    hook, written = tmp_path / "hook", tmp_path / "written"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(WATCH)
    written.touch()
    port = free_port()
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(hook), os.environ.get("PYTHONPATH", "")]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "WRITTEN": str(written),
        "TMPDIR": str(temporary),
        "HOME": str(tmp_path / "nobody"),
        "SYSTEM": "spaces",
        "SPACE_ID": "someone/twinlens",
        "SPACE_HOST": "someone-twinlens.hf.space",
        # One network of Keras tells what a download without a way out is like.
        "INSTALL_MODELS": " ".join([*AT_ONCE, "vgg16"]),
        **variables,
        "GRADIO_SERVER_NAME": "0.0.0.0",
        "GRADIO_SERVER_PORT": str(port),
        **dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9"),
        **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9"),
    }
    log = tmp_path / "app.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*without_privileges(), sys.executable, "app.py"],
            cwd=space,
            env=env,
            stdout=output,
            stderr=output,
        )
    url = f"http://127.0.0.1:{port}"

    def page_answers() -> bool:
        assert process.poll() is None, log.read_text()
        try:
            return httpx.get(url, timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    try:
        wait_for(page_answers, START_S, what="the page")
        client = Client(url, verbose=False)
        query = handle_file(str(space / "sample_images" / "a" / "a-1.jpg"))

        def usable() -> bool:
            # Not by searching: who searches too often is told to wait.
            try:
                models = client.predict(api_name="/models")
            except AppError:
                return False  # the stores are still being started
            covered = {m["name"] for m in models if m["coverage"] >= 8}
            return covered >= {"shape", *AT_ONCE}

        wait_for(usable, START_S, what="the samples")
        found = client.predict(query, "shape", 8, api_name="/search")
        assert [hit["query"] for hit in found["hits"]] == [True, *[False] * 7]
        models = {m["name"]: m["state"] for m in client.predict(api_name="/models")}
        assert {models[name] for name in ("colour", "shape", *AT_ONCE)} == {"ready"}

        # No way out: the page says so and goes on.
        def problems() -> str:
            return " ".join(client.predict(api_name="/status")["problems"])

        wait_for(problems, 180, what="the end of the installation")
        assert "could not be downloaded" in problems()
        with pytest.raises(AppError, match="read-only"):
            client.predict([1], api_name="/remove")
        hello = {"protocolVersion": "2025-03-26", "capabilities": {}}
        hello |= {"clientInfo": {"name": "test", "version": "1"}}
        call = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}
        accepted = {"Accept": "application/json, text/event-stream"}
        response = httpx.post(f"{url}/gradio_api/mcp/", json=call, headers=accepted)
        assert "serverInfo" in response.text
        policy = httpx.get(url).headers["content-security-policy"]
        assert "https://huggingface.co" in policy
    finally:
        process.terminate()
        process.wait()

    (data,) = (path.parent for path in temporary.glob("twinlens-*/stores"))
    # The socket's folder is empty again; Gradio makes an empty folder when it is imported.
    remaining = [path for path in temporary.rglob("*") if path.is_file()]
    assert all(path.is_relative_to(data) for path in remaining)
    elsewhere = {
        path
        for path in written.read_text().splitlines()
        if not path.startswith((f"{temporary}/", "/dev/"))
    }
    assert [path for path in elsewhere if Path(path).is_file()] == []
    assert not (space / "data").exists()
    assert not list((tmp_path / "nobody").iterdir())


def test_the_front_matter_is_what_spaces_need() -> None:
    text = (ROOT / "README.md").read_text()
    match = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    assert match
    matter = yaml.safe_load(match[1])
    pinned = re.search(r"^gradio==(\S+)$", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert pinned
    assert (matter["sdk"], matter["sdk_version"]) == ("gradio", pinned[1])
    # All that ZeroGPU has beside 3.10.13; the fast tests run with its minor version, too.
    assert matter["python_version"] == "3.12.12"
    assert re.search(r"^PYTHONS := .*\b3\.12\b", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert (matter["suggested_hardware"], matter["header"]) == (ZERO_GPU, "mini")
    assert (ROOT / matter["app_file"]).is_file()
    assert len(matter["short_description"]) <= 60  # the Hub refuses longer ones


def test_only_large_models_go_through_lfs() -> None:
    names = ["models/resnet50.onnx", "sample_images/a/a.jpg"]
    process = subprocess.run(
        ["git", "check-attr", "filter", "--", *names],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    filters = [line.rsplit(": ", 1)[1] for line in process.stdout.splitlines()]
    assert filters == ["lfs", "unspecified"]


def test_elsewhere_the_platforms_package_is_not_imported(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "spaces", None)  # an import raises
    assert not declare_gpu_function({})
    assert not declare_gpu_function({"SPACES_ZERO_GPU": "false", "SPACE_ID": "a/b"})
    assert not declare_gpu_function({"SPACES_ZERO_GPU": "true"})
    assert "the package spaces can't be imported" in caplog.text


def test_a_space_is_an_mcp_server_unless_it_has_a_login() -> None:
    space = {"SPACE_ID": "a/b"}
    assert Settings.from_env(space).mcp
    assert not Settings.from_env({}).mcp
    assert not Settings.from_env(space | {"AUTH": "ada:secret"}).mcp
    assert not Settings.from_env(space | {"MCP": "0"}).mcp
