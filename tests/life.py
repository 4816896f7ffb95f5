"""Random sequences of acts and accidents on a library (a state machine of hypothesis)."""

import contextlib
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from tests.acts import SIZE, Home, command, start, upload
from tests.external_networks import network, write
from tests.living_library import LivingLibrary
from tests.pictures import save

KILLS = st.one_of(st.none(), st.floats(0, 0.3))  # seconds; an act takes 0.1 to 0.3
COUNTS = st.integers(1, 3)
SEEDS = st.integers(0, 2**31)
STORES = st.sampled_from(["redis", "milvus"])
DAMAGES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "cut": lambda data, r: data[: r.randrange(len(data) + 1)],
    "emptied": lambda data, r: b"",
    "zeros at the end": lambda data, r: data[: -min(4096, len(data))] + bytes(4096),
    "spoilt at the end": lambda data, r: data[:-500] + r.randbytes(min(500, len(data))),
    "spoilt in the middle": lambda data, r: (
        data[: len(data) // 2] + r.randbytes(200) + data[len(data) // 2 + 200 :]
    ),
    "garbage": lambda data, r: r.randbytes(len(data) or 100),
}


class Life(LivingLibrary):
    """A library that is used, killed, damaged, swapped and moved.

    Rules that do not apply do nothing. Preconditions would depend on where processes were killed,
    and hypothesis refuses sequences that begin alike and continue differently.
    """

    begin: Callable[["Life"], None]  # creates a library in `home`; set by the test
    stranger: Path  # the root of another library

    @initialize()
    def lay(self) -> None:
        type(self).begin(self)

    @rule(count=COUNTS, kill=KILLS)
    def upload(self, count: int, kill: float | None) -> None:
        numbers = [1000 + number for number in self._numbers(count)]
        outcome = self._perform(upload, "new", *numbers, kill_after=kill)
        if isinstance(outcome.answer, dict):
            assert not (self.swapped and self.is_known), outcome
            assert len(outcome.answer) == count or self.is_full, outcome
            self.live |= {number: name for name, number in outcome.answer.items()}

    @rule(count=COUNTS, kill=KILLS)
    def index(self, count: int, kill: float | None) -> None:
        if self.is_full:
            return
        folder = self.home.pictures / "new"
        new = [save(folder / f"{n}.jpg", 5000 + n, SIZE) for n in self._numbers(count)]
        outcome = self._perform(command, "index", str(folder), "--json", kill_after=kill)
        if outcome.reported and outcome.answer["status"] == 0:
            rejections = {entry["path"] for entry in json.loads(outcome.answer["out"])["skipped"]}
            for path in new:
                if str(path) not in rejections:
                    self.live[self._id_at(path)] = path.name

    @rule(count=COUNTS, kill=KILLS, seed=SEEDS)
    def remove(self, count: int, kill: float | None, seed: int) -> None:
        if len(self.live) <= 4:
            return
        picture_ids = random.Random(seed).sample(sorted(self.live), count)
        ids = [str(number) for number in picture_ids]
        for number in picture_ids:
            del self.live[number]
        outcome = self._perform(command, "remove", "--json", "--id", *ids, kill_after=kill)
        if outcome.reported and outcome.answer["status"] == 0:
            answer = json.loads(outcome.answer["out"])
            # Pictures that an accident deleted from the stores can't be removed.
            self.removed |= (
                {answer["trash"]: set(picture_ids)} if answer["removed"] == count else {}
            )
        self.uncertain |= set(picture_ids) - set().union(*self.removed.values())

    @rule(kill=KILLS)
    def undo(self, kill: float | None) -> None:
        if not self.removed:
            return
        batch, picture_ids = self.removed.popitem()
        outcome = self._perform(command, "remove", "--undo", batch, "--json", kill_after=kill)
        if outcome.reported and outcome.answer["status"] == 0:
            self.live |= dict.fromkeys(picture_ids, "")
        else:
            self.uncertain |= picture_ids

    @rule(kill=st.floats(0, 1.5))
    def adopt(self, kill: float) -> None:
        if not self.is_full:
            source = write(self.home.root, network(), "brought.onnx")
            arguments = ["adopt", str(source), "--name", "brought", "--preprocess", "none"]
            self._perform(command, *arguments, kill_after=kill)

    @rule(kill=KILLS)
    def restart(self, kill: float | None) -> None:
        self._perform(start, kill_after=kill)

    @rule(victims=st.sampled_from(["supervisor", "redis", "both"]))
    def kill(self, victims: str) -> None:
        if not self.supervisor:
            return
        self.note("kill", victims)
        for process in self._servers():
            if victims == "both" or ("redis-server" in process.name()) == (victims == "redis"):
                process.kill()
        if victims != "redis" and self.supervisor:
            self.supervisor.wait()
            self.supervisor = None

    @rule(how=st.sampled_from(sorted([*DAMAGES, "deleted"])), seed=SEEDS)
    def damage(self, how: str, seed: int) -> None:
        generator = random.Random(seed)
        self.down(gently=generator.random() < 0.5)
        files = [path for path in sorted(self.home.stores.rglob("*")) if path.is_file()]
        if not files or self.is_full:
            return
        path = generator.choice(files)
        self.note("damage", f"{how}: {path.relative_to(self.home.stores)}")
        if how == "deleted":
            path.unlink()
        else:
            path.write_bytes(DAMAGES[how](path.read_bytes(), generator))

    @rule(store=STORES)
    def empty(self, store: str) -> None:
        self.down()
        if store != self.swapped:
            self.note("empty", store)
            shutil.rmtree(self.home.stores / store, ignore_errors=True)

    @rule(store=STORES)
    def swap(self, store: str) -> None:
        if self.swapped:
            return
        self.down()
        path = self.home.stores / store
        if not self.is_full and path.exists():
            self.note("swap", store)
            self.swapped = store
            path.rename(self.home.root / store)
            shutil.copytree(self.stranger / "data/stores" / store, path)

    def swap_back(self) -> None:
        self.down()
        self.note("swap back")
        shutil.rmtree(self.home.stores / self.swapped, ignore_errors=True)
        (self.home.root / self.swapped).rename(self.home.stores / self.swapped)
        self.swapped = ""

    @rule()
    def move(self) -> None:
        self.down()
        self.note("move")
        target = self.home.root.with_name(f"moved {self._numbers(1)[0]}")
        self.home = Home(self.home.root.rename(target))

    @rule(remaining=st.sampled_from([0, 4096, 100_000]))
    def fill(self, remaining: int) -> None:
        if self.filler and not self.is_full:
            self.note("fill", remaining)
            room = shutil.disk_usage(self.home.root).free - remaining
            with contextlib.suppress(OSError), self.filler.open("wb") as file:
                file.write(bytes(max(0, room)))

    @rule()
    def make_room(self) -> None:
        if self.filler and self.is_full:
            self.note("make room")
            self.filler.unlink()
