"""The commands of README and docs/ that need neither network nor servers, run as they stand."""

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from gradio_client import Client

from searcher.images.pictures import Picture
from searcher.models.embedder import Embedder
from tests import forks
from tests.api_app import ready
from tests.documented_commands import Command, block_commands
from tests.pictures import encode, folder, paint
from tests.servers import ROOT, App, environment, running, wait_for
from tests.text_networks import write_text_file

# Parts of commands that are not run, with the reason.
NOT_RUN = {
    r"hf:|export|publish": "network",
    r"adopt (FILE|vision)": "a network of one's own",
    r"vectors": "vectors of one's own",
    r"id:8123": "a picture of one's own library",
    r"migrate": "needs servers",
    r"restore": "needs an empty data folder",
    r"serve$": "runs already",
    r"stop 3": "a job that runs",
    r"roxford5k": "its pictures are Oxford's",
}
PICTURES = ("cat", "beach", "snow", "logo")


def runnable() -> list[Command]:
    """Each command once; those that index come first."""
    commands = {
        command.text: command
        for command in block_commands()
        if command.arguments
        and not command.is_synopsis
        and not any(re.search(part, command.text) for part in NOT_RUN)
    }
    return sorted(commands.values(), key=lambda command: " index " not in command.text)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, baselines: Path) -> Path:
    """A folder with all that the commands name, and models of those names."""
    place = tmp_path_factory.mktemp("documented")
    (place / "models").mkdir()
    for name, copy in (("resnet50", "colour"), ("vgg16", "shape"), ("words", "colour")):
        (place / "models" / f"{name}.onnx").write_bytes((baselines / f"{copy}.onnx").read_bytes())
    embedder = Embedder(place / "models" / "words.onnx")
    vector = embedder.embed_picture(Picture(paint(3), 320, 240))
    write_text_file(place / "models", "words", {"dogs": vector.tolist()})
    folder(place / "samples", {"a": 6, "b": 6})
    folder(place / "Pictures", {"cats": 3}, first_seed=100)
    folder(place / "new-pictures", {"a": 2}, first_seed=200)
    folder(place / "val2017", {"": 2}, first_seed=300)
    for number, name in enumerate(PICTURES):
        (place / f"{name}.jpg").write_bytes(encode(paint(400 + number)))
    (place / "logo.png").write_bytes(encode(paint(5), "PNG"))
    with zipfile.ZipFile(place / "holiday.zip", "w") as archive:
        archive.writestr("beach/1.jpg", encode(paint(500)))
    (place / "judgements.csv").write_text("query,picture,relevance\na-1.jpg,a-2.jpg,1\n")
    new = next((place / "new-pictures").rglob("*.jpg")).name
    (place / "judgements.txt").write_text(f"{new} 0 b-1.jpg 1\n")
    (place / "annotations").mkdir()
    image = next((place / "val2017").rglob("*.jpg"))
    coco = {
        "images": [{"id": 1, "file_name": image.relative_to(place / "val2017").as_posix()}],
        "categories": [{"id": 1, "name": "kite"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 9, 9]}],
    }
    (place / "annotations" / "instances_val2017.json").write_text(json.dumps(coco))
    return place


@pytest.fixture(scope="module")
def served(place: Path) -> Iterator[App]:
    """The app on that folder: the docs say that the command line works beside it."""
    with running(place) as app:
        client = Client(app.url, verbose=False)
        wait_for(lambda: {m["coverage"] for m in ready(client)} == {12}, what="the samples")
        yield app


def test_the_commands_run(served: App, place: Path) -> None:
    env = environment(place, HOME=str(place))
    commands = runnable()
    for command in commands:
        words = [word.replace("~", str(place)) for word in command.arguments or []]
        run = forks.run([sys.executable, "-m", "searcher", *words], env=env, cwd=place)
        assert run.returncode == 0, (command, run.stderr)
        assert "Traceback" not in run.stderr, (command, run.stderr)
    assert len(commands) > 12, commands
    for report in ("quality.html", "cat.html", "where.csv", "cost.html", "votes.json"):
        assert (place / report).stat().st_size > 100, report


def test_the_programs_of_the_api_run(served: App, place: Path) -> None:
    page = (ROOT / "docs" / "api.md").read_text().replace("http://localhost:7860", served.url)
    (program,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    program += "print([len(found['hits']) for found in (hits, dogs, less_beach)], both['overlap'])"
    (place / "program.py").write_text(program)
    run = forks.run([sys.executable, place / "program.py"], cwd=place)
    assert run.returncode == 0, run.stderr
    # The query of the last one is a picture of the library, which comes before its hits.
    assert re.search(r"^\[12, 12, 13\] 0\.\d", run.stdout, re.MULTILINE), run.stdout
    (curl,) = re.findall(r"^(curl .*)$", page, re.MULTILINE)
    answer = subprocess.run(["sh", "-c", f"{curl} -s"], capture_output=True, check=True)
    assert json.loads(answer.stdout)["data"][0]["pictures"] >= 12
