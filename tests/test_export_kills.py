"""Exports that are killed -9 at any moment, with the real Keras, tf2onnx and onnxruntime."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from searcher.export.install import make_baselines
from searcher.file_locks import acquire
from searcher.models.embedder import Embedder
from searcher.models.registry import ModelRegistry
from tests import forks
from tests.acts import Home, start_supervisor
from tests.pictures import folder
from tests.servers import ROOT, wait_for

NAME = "mobilenet_v2"
OTHER_MODELS = {"colour", "shape"}
# What an export says, and how many seconds of work follow on it.
STAGES = {
    "getting": 3.0,
    "comparing": 2.5,  # and calibrating
}
# A child has no more to do once the network is there; a last test kills both while converting.
KILLS = [
    *((stage, "parent") for stage in STAGES),
    ("getting", "child"),
]


# For the commands before and after an export, which itself is a process as users start it.
FORK_SERVER = {forks.ADDRESS: os.environ[forks.ADDRESS]}


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    """A library with pictures, in whose models folder a file already has the network's name."""
    with tempfile.TemporaryDirectory(prefix="tl-") as name:
        home = Home(Path(name))
        (home.root / "tmp").mkdir()
        make_baselines(home.models)
        home.models.joinpath(f"{NAME}.onnx").write_bytes((home.models / "shape.onnx").read_bytes())
        folder(home.pictures, {"a": 4, "b": 4})
        supervisor = start_supervisor(home)
        try:
            with acquire(home.stores / "users.lock", shared=True):  # commands share the servers
                run(home, "index", str(home.pictures))
                yield home
        finally:
            supervisor.terminate()
            supervisor.wait()


def environment(home: Home) -> dict[str, str]:
    return home.environment() | {"TMPDIR": str(home.root / "tmp")}


def run(home: Home, *arguments: str) -> str:
    command = [sys.executable, "-m", "searcher", *arguments]
    process = forks.run(command, env=environment(home) | FORK_SERVER)
    assert process.returncode == 0, process
    return process.stdout


def makers(home: Home) -> list[psutil.Process]:
    """The processes that make model files of this library."""
    processes = []
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if "searcher.export.keras" in line and str(home.models) in line:
            processes.append(process)
    return processes


def kill(home: Home, stage: str, victim: str, delay: float) -> bool:
    """Kill an export so many seconds after it says that a stage begins; whether it was reached."""
    command = [sys.executable, "-m", "searcher", "export", NAME, "--weights", "random", "--int8"]
    with (home.root / "log").open("w+") as log:
        export = subprocess.Popen(
            command, cwd=ROOT, env=environment(home), stdout=log, stderr=subprocess.STDOUT
        )
        log_path = home.root / "log"

        def is_under_way() -> object:
            begun = stage in log_path.read_text()
            return begun or export.poll() is not None

        wait_for(is_under_way, seconds=600, what=log_path.read_text)  # at a low priority
        time.sleep(delay)
        reached = export.poll() is None
        for process in makers(home) if victim != "parent" else []:
            process.kill()
        if victim != "child":
            export.send_signal(signal.SIGKILL)
        export.wait(60)
        assert "Traceback" not in log_path.read_text(), log_path.read_text()
    return reached


@pytest.mark.parametrize(("stage", "victim"), KILLS)
def test_a_killed_export_leaves_the_library_whole(home: Home, stage: str, victim: str) -> None:
    path = home.models / f"{NAME}.onnx"
    before = path.read_bytes()
    delay = random.uniform(0, STAGES[stage])
    print(f"{victim} killed {delay:.3f} s after {stage!r}: ", end="")
    print("in the middle" if kill(home, stage, victim, delay) else "it was over before")
    wait_for(lambda: not makers(home), what="the end of the child")

    models = ModelRegistry(home.models, cache=2).models()
    assert {model.name for model in models} - {f"{NAME}-int8"} == {NAME, *OTHER_MODELS}
    assert [model for model in models if not model.ready] == []
    run(home, "index", str(home.pictures))
    if path.read_bytes() != before:  # it was done before the kill
        assert Embedder(path).dim == 1280
        run(home, "doctor", "--repair")  # of the former file's vectors
    doctor = json.loads(run(home, "doctor", "--json"))
    assert doctor["problems"] == []
    assert leftovers(home) == []


def test_the_next_export_works_and_clears_away(home: Home) -> None:
    kill(home, "converting", "both", 1)
    assert leftovers(home)  # or the test above proves nothing
    run(home, "export", NAME, "--weights", "random", "--int8")
    models = {model.name: model for model in ModelRegistry(home.models, cache=2).models()}
    assert (models[NAME].ready, models[f"{NAME}-int8"].ready) == (True, True)
    assert models[NAME].display == "MobileNetV2 (untrained)"
    assert leftovers(home) == []


def leftovers(home: Home) -> list[str]:
    """What is in the models folder and among temporary files that is nothing by itself."""
    entries = [entry for entry in os.listdir(home.models) if not entry.endswith((".onnx", ".lock"))]
    return entries + [e for e in os.listdir(home.root / "tmp") if not e.startswith("twinlens-")]
