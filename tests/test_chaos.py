"""Random lives of a library: whatever was reported as added is there at their end.

200 lives by default; `make test-chaos` has more (TWINLENS_CHAOS=N).
"""

import json
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from searcher.export.install import make_baselines
from tests.acts import Command, Home, command, start, upload
from tests.life import EVENTS, SIZE, Life
from tests.pictures import encode, folder, paint

LIVES = int(os.environ.get("TWINLENS_CHAOS", "200"))
EARLIER = Path(__file__).with_name("fixtures") / "library-611d505.zip"
DISK_MB = 24  # a library takes 2
PERSON = ("--adopt-stores", "--rebuild")  # what a person may be asked for
# What can't be made good: pictures that lay elsewhere and are gone, or were never seen here.
ACCOUNTED = ("original", "where they lie", "index their folder")


class Chaos(Life):
    """A life with its end: start, repair, and look for everything."""

    def teardown(self) -> None:
        self.make_room()
        if self.ours:
            try:
                self.verify()
            except AssertionError as error:
                raise AssertionError("\n".join([str(error), *self.history])) from error
        self.down()

    def verify(self) -> None:
        self._perform(start)
        said = self._doctor()
        for flag in PERSON:
            if any(flag in problem for problem in said["problems"]):
                self._doctor(flag)
                self._perform(start)
                said = self._doctor()
        self._doctor("--repair")
        self._perform(start)
        said = self._doctor()
        left = [p for p in said["problems"] if not any(word in p for word in ACCOUNTED)]
        assert not left, left
        found = self._perform(look, sorted(self.ours)).answer
        assert not found, found

    def _doctor(self, *flags: str) -> dict[str, list[str]]:
        done: Command = self._perform(command, "doctor", "--json", *flags).answer
        assert done.status in (0, 1), done
        answer: dict[str, list[str]] = json.loads(done.out)
        self.history += [*answer["problems"], *answer["repaired"]]
        return answer


def look(home: Home, expected: list[int]) -> list[str]:
    """Act: look for pictures everywhere; returns what is not as it must be."""
    from searcher.images import open_picture
    from searcher.library import Library
    from searcher.search import Query
    from searcher.settings import Settings

    library = Library(Settings.from_env())
    wrong = []
    records = library.records.get(expected)
    paths = [record.path for record in library.records.all() if record.path]
    if len(paths) != len(set(paths)):
        wrong.append("a path is there twice")
    for number, record in zip(expected, records, strict=True):
        small = library.thumbnail_path(number)
        if record is None:
            wrong.append(f"{number} has no record")
        elif not small.exists():
            wrong.append(f"{number} ({record.name}) has no thumbnail")
        else:
            open_picture(small.read_bytes())
            hits = library.search(Query("it", picture_id=number), "colour", 1).hits
            if not hits or hits[0].distance > 1e-3:
                wrong.append(f"{number} ({record.name}) is not found")
        kept = library.settings.uploads / f"{number % 256:02x}" / f"{number}.jpg"
        if record and record.path.endswith(f"uploads/{kept.parent.name}/{kept.name}"):
            if not kept.exists():
                wrong.append(f"the file of {number} ({record.name}) is gone")
            elif record.path != str(kept):
                wrong.append(f"{number} lies elsewhere: {record.path}")
    library.close()
    return wrong


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small library of this version: six pictures where they lie, three uploads."""
    return make_library(tmp_path_factory.mktemp("template"), first_seed=0)


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Somebody else's library."""
    return make_library(tmp_path_factory.mktemp("stranger"), first_seed=300)


def make_library(root: Path, first_seed: int) -> Path:
    life = Chaos()
    life.home = Home(root)
    make_baselines(life.home.models)
    for number, path in enumerate(folder(life.home.pictures, {"a": 3, "b": 3})):
        path.write_bytes(encode(paint(first_seed + number, SIZE)))
    life._perform(command, "index", str(life.home.pictures))
    pictures = {f"up {n}.jpg": encode(paint(first_seed + 100 + n, SIZE)) for n in range(3)}
    assert len(life._perform(upload, pictures, "uploaded").answer) == 3
    life._perform(start)
    life.down()
    return root


@pytest.fixture
def place() -> Iterator[Path]:
    """A short path, as sockets need, on a small disk of its own where one can be mounted."""
    with tempfile.TemporaryDirectory(prefix="tl-") as name:
        small = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", name]
        mounted = subprocess.run(small, capture_output=True).returncode == 0
        yield Path(name)
        if mounted:
            subprocess.run(["umount", "-l", name], check=True)


def test_whatever_was_acknowledged_is_there(template: Path, stranger: Path, place: Path) -> None:
    def begin(life: Life) -> None:
        for path in place.iterdir():
            path.unlink() if path.is_file() else shutil.rmtree(path)
        life.home = Home(place / "library")
        life.stranger = stranger
        life.filler = place / "filler" if place.is_mount() else None
        if len(EVENTS) % 2:
            with zipfile.ZipFile(EARLIER) as archive:
                archive.extractall(life.home.root)
        else:
            shutil.copytree(template, life.home.root)
        thumbnails = life.home.data.glob("thumbs/*/*.jpg")
        life.ours = {int(path.stem): path.name for path in thumbnails}
        assert len(life.ours) == 9

    Chaos.begin = begin
    EVENTS.clear()
    run_state_machine_as_test(
        Chaos,
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=8,
            deadline=None,
            database=None,
            # Where a process is killed is up to the clock, so nothing can be shrunk.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(dict(EVENTS.most_common()))
