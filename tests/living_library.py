"""The state of a library under random acts: its processes, and what the acts reported."""

import contextlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import IO

import psutil
from hypothesis.stateful import RuleBasedStateMachine

from searcher.file_locks import acquire
from tests.acts import Home, Outcome, command, perform, start_supervisor
from tests.forks import Process

EVENTS: Counter[str] = Counter()  # counts of events in all runs, to be printed


class LivingLibrary(RuleBasedStateMachine):
    """A library in a folder, with its private servers and what its acts have reported."""

    def __init__(self) -> None:
        super().__init__()
        self.live: dict[int, str] = {}  # what was reported as added, with its name
        self.removed: dict[str, set[int]] = {}  # what was reported as removed, by batch
        self.uncertain: set[int] = set()  # ids from removals and undos that were killed or failed
        self.supervisor: Process | None = None
        self.lease: IO[str] | None = None
        self.home = Home(Path("/nonexistent"))
        self.swapped = ""  # the store that was replaced by another library's
        self.filler: Path | None = None  # on a small disk: a file that fills it
        self.history: list[str] = []
        self._number = 0

    @property
    def is_known(self) -> bool:
        """Whether the stores still carry the library's id, which damage may have removed."""
        return not any(event.startswith("damage") for event in self.history)

    @property
    def is_full(self) -> bool:
        return self.filler is not None and self.filler.exists()

    def up(self) -> None:
        """Start the private servers if they are not running."""
        if self.supervisor is None or self.supervisor.poll() is not None:
            self.supervisor = start_supervisor(self.home)
            self.lease = acquire(self.home.stores / "users.lock", shared=True)

    def down(self, gently: bool = True) -> None:
        """Stop all processes of the library."""
        servers = self._servers()
        if self.supervisor:
            if gently:
                self.supervisor.terminate()
            else:
                for process in servers:
                    process.kill()
            self.supervisor.wait()
            self.supervisor = None
        for process in servers:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()  # a Redis that a killed supervisor left
                process.wait()
        if self.lease:
            self.lease.close()

    def note(self, event: str, detail: object = "") -> None:
        EVENTS[event] += 1
        self.history.append(f"{event} {detail}".strip())

    def _perform(
        self, act: Callable[..., object], *arguments: object, kill_after: float | None = None
    ) -> Outcome:
        self.up()
        outcome = perform(act, self.home, *arguments, kill_after=kill_after)
        verb = f"{act.__name__} {arguments[0] if act is command else ''}".strip()
        self.note(verb if outcome.reported else f"{verb}, killed", outcome.answer)
        return outcome

    def _servers(self) -> list[psutil.Process]:
        """The supervisor and every redis-server of this library."""
        servers = []
        if self.supervisor and self.supervisor.poll() is None:
            servers.append(psutil.Process(self.supervisor.pid))
        for process in psutil.process_iter(["cmdline"]):
            line = " ".join(process.info["cmdline"] or [])
            if "redis-server" in line and str(self.home.stores) in line:
                servers.append(process)
        return servers

    def _numbers(self, count: int) -> range:
        self._number += count
        return range(self._number - count, self._number)

    def _id_at(self, path: Path) -> int:
        from searcher.images.pictures import identify

        return identify(path.read_bytes())[0]
