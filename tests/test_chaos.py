"""Random acts and accidents on a library: no picture that was reported as added is lost.

16 lives by default, half of them of a library of an earlier version; `make test-chaos` has more
(TWINLENS_CHAOS=N).
"""

import itertools
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
from tests import shared_verdicts
from tests.acts import SIZE, Home, command, look, start, upload
from tests.life import Life
from tests.living_library import EVENTS
from tests.pictures import encode, folder, paint

LIVES = int(os.environ.get("TWINLENS_CHAOS", "16"))
PART = 8  # lives of one test, which takes half a minute
EARLIER = Path(__file__).with_name("fixtures") / "library-611d505.zip"
DISK_MB = 24  # a library takes 2
# Problems without repair: originals that are missing, or pictures of another library.
ACCOUNTED = ("original", "is not known: index")


class Chaos(Life):
    """A life that ends with a start, a repair, and a check of every picture."""

    def teardown(self) -> None:
        self.make_room()
        if self.live:
            try:
                self.verify()
            except AssertionError as error:
                raise AssertionError("\n".join([str(error), *self.history])) from error
        self.down()

    def verify(self) -> None:
        problems = self._perform(start).answer
        if self.swapped:
            is_refused = any("nothing is changed" in problem for problem in problems)
            assert is_refused or not self.is_known, problems
            self.swap_back()
            problems = self._perform(start).answer
        if any("--rebuild" in problem for problem in problems):
            self._doctor("--rebuild")
            self._perform(start)
        self._doctor("--deep", "--repair")  # spoilt bytes may leave files that can be read
        self._perform(start)
        diagnosis = self._doctor()
        problems_left = [
            p for p in diagnosis["problems"] if not any(word in p for word in ACCOUNTED)
        ]
        assert not problems_left, problems_left
        losses = self._perform(look, *sorted(self.live)).answer
        assert not losses, losses

    def _doctor(self, *flags: str) -> dict[str, list[str]]:
        result = self._perform(command, "doctor", "--json", *flags).answer
        assert result["status"] in (0, 1), result
        answer: dict[str, list[str]] = json.loads(result["out"])
        self.history += [*answer["problems"], *answer["repaired"]]
        return answer


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small library of this version: six pictures where they lie, three uploads."""
    return make_library(tmp_path_factory.mktemp("template"), first_seed=0)


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another library."""
    return make_library(tmp_path_factory.mktemp("stranger"), first_seed=300)


def make_library(root: Path, first_seed: int) -> Path:
    life = Chaos()
    life.home = Home(root)
    make_baselines(life.home.models)
    shared_verdicts.share(life.home.models)
    for number, path in enumerate(folder(life.home.pictures, {"a": 3, "b": 3})):
        path.write_bytes(encode(paint(first_seed + number, SIZE)))
    life._perform(command, "index", str(life.home.pictures))
    numbers = [first_seed + 100 + number for number in range(3)]
    assert len(life._perform(upload, "uploaded", *numbers).answer) == 3
    life._perform(start)
    life.down()
    return root


@pytest.fixture
def disk() -> Iterator[Path]:
    """A short path, as sockets need, on a small disk of its own where one can be mounted."""
    with tempfile.TemporaryDirectory(prefix="tl-") as name:
        small = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", name]
        mounted = subprocess.run(small, capture_output=True).returncode == 0
        try:
            yield Path(name)
        finally:
            if mounted:
                subprocess.run(["umount", "-l", name], check=True)


@pytest.mark.parametrize("first", range(0, LIVES, PART))
def test_whatever_was_acknowledged_is_there(
    template: Path, stranger: Path, disk: Path, first: int
) -> None:
    number = itertools.count()

    def begin(life: Life) -> None:
        for path in disk.iterdir():
            path.unlink() if path.is_file() else shutil.rmtree(path)
        life.home = Home(disk / "library")
        life.stranger = stranger
        life.filler = disk / "filler" if disk.is_mount() else None
        if next(number) % 2:
            with zipfile.ZipFile(EARLIER) as archive:
                archive.extractall(life.home.root)
        else:
            shutil.copytree(template, life.home.root)
        thumbnails = life.home.data.glob("thumbs/*/*.jpg")
        life.live = {int(path.stem): path.name for path in thumbnails}
        assert len(life.live) == 9

    Chaos.begin = begin
    EVENTS.clear()
    run_state_machine_as_test(
        Chaos,
        settings=settings(
            max_examples=min(PART, LIVES - first),
            stateful_step_count=10,  # a fifth of them do not apply and do nothing
            deadline=None,
            database=None,
            # Kills depend on timing, so that examples can't be shrunk.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(dict(EVENTS.most_common()))
