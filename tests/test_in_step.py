"""Whatever happens on the disks, all ways of updating a library come to the same one."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from searcher.images.presence import has_pictures
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.library.relabelling import set_label
from searcher.library.removal import prune
from searcher.library.trash import remove
from searcher.library.uploads import Upload, add_uploads
from searcher.library.watch import Watch
from tests.disks import CONTENTS, FILES, IDS, JUNK, ROOTS, Disks, claims, require_names_of_files
from tests.pictures import save

root = st.sampled_from(ROOTS)
file = st.sampled_from(FILES)
content = st.sampled_from(range(len(CONTENTS)))


def index_and_prune(library: Library, roots: list[Path]) -> None:
    library.add(roots)
    prune(library, roots)


def watch(library: Library, roots: list[Path]) -> None:
    folders = [root for root in roots if root.is_dir()]
    if folders:
        watching = Watch(library, folders)
        while watching.step():
            pass
    index_and_prune(library, [root for root in roots if not root.is_dir()])


def repair(library: Library, roots: list[Path]) -> None:
    examine(library, repair=True)
    index_and_prune(library, roots)


WAYS: dict[str, Callable[[Library, list[Path]], None]] = {
    "index --prune": index_and_prune,
    "index --watch": watch,
    "doctor --repair": repair,
}


def write_over(path: Path, other: Path) -> None:
    """Replace a picture by another one of the same size and time."""
    time_ns = path.stat().st_mtime_ns
    path.write_bytes(CONTENTS[0] if path.read_bytes() != CONTENTS[0] else CONTENTS[1])
    os.utime(path, ns=(time_ns, time_ns))


def swap(path: Path, other: Path) -> None:
    spare = path.with_name("spare")
    path.rename(spare)
    if other != path:
        other.rename(path)
    spare.rename(other)


def move_to_other_disk(path: Path, other: Path) -> None:
    disk = other.parent.parent
    path.replace(disk / "x" / "1.jpg")


CHANGES: dict[str, Callable[[Path, Path], object]] = {
    "copied over another": lambda path, other: other.write_bytes(path.read_bytes()),
    "written over": write_over,
    "spoilt": lambda path, other: path.write_bytes(JUNK),
    "deleted": lambda path, other: path.unlink(),
    "renamed": lambda path, other: path.replace(
        path.with_name("2.jpg" if "x" in path.parts else "3.jpg")
    ),
    "moved over another": lambda path, other: path.replace(other),
    "moved to a disk": move_to_other_disk,
    "swapped": swap,
    "touched": lambda path, other: os.utime(path, (4 * 10**9, 4 * 10**9)),
    "a clock was set back": lambda path, other: os.utime(path, (1, 1)),
}


class Steps(RuleBasedStateMachine):
    """Changes of the disks, and ways of bringing the library in step."""

    library: Library
    disks: Disks
    upload: int

    @initialize()
    def begin(self) -> None:
        self.disks = Disks(self.disks.base)
        remove(self.library, set(self.library.records.ids()) - {self.upload})

    @rule(data=st.data(), count=st.integers(1, 4))
    def change(self, data: st.DataObject, count: int) -> None:
        """Change some files on disks that are there."""
        for _ in range(count):
            present = self.disks.present()
            names = [name for name in ROOTS if name not in self.disks.away]
            if not present or data.draw(st.booleans()):
                if names:
                    path = self.disks.path(data.draw(st.sampled_from(names)), data.draw(file))
                    path.write_bytes(CONTENTS[data.draw(content)])
            else:
                path, other = (
                    data.draw(st.sampled_from(present)),
                    data.draw(st.sampled_from(present)),
                )
                CHANGES[data.draw(st.sampled_from(sorted(CHANGES)))](path, other)

    @rule(contents=st.lists(content, min_size=1, max_size=2))
    def rewrite_archive(self, contents: list[int]) -> None:
        self.disks.write_archive(contents)

    @rule(root=root, leaves_folder=st.booleans())
    def change_mount(self, root: str, leaves_folder: bool) -> None:
        if root in self.disks.away:
            self.disks.mount(root)
        else:
            self.disks.unmount(root, leaves_folder)

    @precondition(lambda self: self.library.records.count() > 1)
    @rule(data=st.data())
    def label(self, data: st.DataObject) -> None:
        ids = sorted(set(self.library.records.ids()) & set(IDS))
        if ids:
            set_label(self.library, [data.draw(st.sampled_from(ids))], "mine")

    @rule(root=root)
    def index(self, root: str) -> None:
        """Index one disk without removing anything but what was replaced."""
        if root not in self.disks.away:
            before = claims(self.library)
            self.library.add([self.disks.base / root])
            self._require_nothing_lost(before)
            self._require_in_step([self.disks.base / root], is_exact=False)

    @rule(root=root)
    def prune(self, root: str) -> None:
        """Prune one disk that was not indexed before."""
        before = claims(self.library)
        prune(self.library, [self.disks.base / root])
        self._require_nothing_lost(before)

    @rule(way=st.sampled_from(sorted(WAYS)), away_too=st.booleans())
    def bring_in_step(self, way: str, away_too: bool) -> None:
        """Also with roots that are away: their pictures stay."""
        roots = self.disks.roots()
        before = claims(self.library)
        WAYS[way](self.library, roots)
        if away_too:
            prune(self.library, [self.disks.base / name for name in ROOTS])
        self._require_nothing_lost(before)
        self._require_in_step(roots, is_exact=True)
        require_names_of_files(self.library)
        if not self.disks.away and all(map(has_pictures, roots)):
            assert examine(self.library).problems == []

    def _require_nothing_lost(self, before: dict[str, int]) -> None:
        """A picture that goes is at none of its paths, on disks that are away neither."""
        remaining = set(self.library.records.ids())
        assert self.upload in remaining
        there = self.disks.hidden()
        for root in self.disks.roots():
            there |= self.disks.contents(root)
        assert {i for path, i in before.items() if there.get(path) == i} <= remaining

    def _require_in_step(self, roots: list[Path], is_exact: bool) -> None:
        stored = claims(self.library)
        for root in roots:
            there = self.disks.contents(root)
            below = {p: i for p, i in stored.items() if Path(p).is_relative_to(root)}
            assert there.items() <= below.items()
            if is_exact and has_pictures(root):
                assert there == below

    def teardown(self) -> None:
        for name in list(self.disks.away):
            self.disks.mount(name)


@pytest.fixture
def steps(library: Library, tmp_path: Path) -> type[Steps]:
    """The machine, on a library with an upload."""
    sent = Upload(save(tmp_path / "sent.jpg", 77), "sent.jpg")
    add_uploads(library, [sent], "")
    Steps.library = library
    Steps.disks = Disks(tmp_path / "disks")
    (Steps.upload,) = library.records.ids()
    return Steps


def test_all_ways_come_to_the_same_library(steps: type[Steps]) -> None:
    run_state_machine_as_test(
        steps,
        settings=settings(
            max_examples=int(os.environ.get("EXAMPLES", "15")),
            stateful_step_count=int(os.environ.get("STEPS", "30")),
            deadline=None,
            derandomize="EXAMPLES" not in os.environ,
            suppress_health_check=list(HealthCheck),
        ),
    )
