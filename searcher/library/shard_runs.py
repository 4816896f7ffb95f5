"""Runs of `index --shard I/N`: the sum over their parts, and which of these have stopped.

No machine coordinates the others: each part writes its progress to Redis, and whoever wants to know
adds up what is there.
"""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from searcher.messages.message import Message, message
from searcher.stores.shard_store import DONE, FAILED, RUNNING, ShardProgress, ShardStore

SILENT_S = 30.0  # without a heartbeat, which comes every 5 s: the process was killed
SILENT = "silent"


@dataclass(frozen=True)
class ShardRun:
    """The parts of one run that have begun, by number."""

    parts: tuple[ShardProgress, ...]

    @property
    def title(self) -> str:
        """What is indexed."""
        return self.parts[0].title

    @property
    def count(self) -> int:
        """The number of parts, also of those that have not begun."""
        return self.parts[0].count

    @property
    def total(self) -> int:
        """The number of files, 0 if unknown: every part lists all of them."""
        return max(part.total for part in self.parts)

    @property
    def share(self) -> float | None:
        """How much is done, from 0 to 1; None if the number of files is unknown."""
        if not self.total:
            return None
        seen = sum(self.total if part.state == DONE else part.seen for part in self.parts)
        return min(1.0, seen / (self.total * self.count))

    @property
    def added(self) -> int:
        """New pictures of all parts."""
        return sum(part.added for part in self.parts)

    @property
    def embedded(self) -> int:
        """New vectors of all parts and models."""
        return sum(part.embedded for part in self.parts)

    @property
    def rate(self) -> float:
        """New vectors per second of the parts that run."""
        return sum(part.rate for part in self.parts if shown_state(part) == RUNNING)

    @property
    def missing(self) -> list[int]:
        """The numbers of parts that have not begun."""
        begun = {part.number for part in self.parts}
        return [number for number in range(1, self.count + 1) if number not in begun]

    @property
    def interrupted(self) -> list[ShardProgress]:
        """The parts that are silent, failed or were stopped: they must be run again."""
        return [part for part in self.parts if shown_state(part) not in (RUNNING, DONE)]

    @property
    def is_active(self) -> bool:
        """Whether a part is running."""
        return any(shown_state(part) == RUNNING for part in self.parts)

    @property
    def progress(self) -> Message:
        """The progress in one sentence."""
        running = sum(shown_state(part) == RUNNING for part in self.parts)
        rate = round(self.rate, 1)
        if self.share is None:
            return message("shards.running", running=running, count=self.count, rate=rate)
        return message(
            "shards.running_of",
            running=running,
            count=self.count,
            percent=int(self.share * 100),
            total=self.total,
            rate=rate,
        )

    def problems(self) -> list[Message]:
        """Return a sentence about each part that ended by itself and must be run again."""
        problems = []
        for part in self.parts:
            name = f"{part.number}/{part.count}"
            if shown_state(part) == SILENT:
                minutes = max(1, round(part.age_s / 60))
                problems.append(message("shards.silent", part=name, host=part.host, n=minutes))
            elif part.state == FAILED:
                problems.append(message("shards.failed", part=name, host=part.host))
        return problems

    def document(self) -> dict[str, Any]:
        """Return the JSON document of the run."""
        return {
            "title": self.title,
            "parts": self.count,
            "files": self.total,
            "share": None if self.share is None else round(self.share, 4),
            "added": self.added,
            "embedded": self.embedded,
            "rate": round(self.rate, 2),
            "missing": self.missing,
            "shards": [
                {
                    "shard": f"{part.number}/{part.count}",
                    "host": part.host,
                    "state": shown_state(part),
                    "seen": part.seen,
                    "added": part.added,
                    "embedded": part.embedded,
                    "rate": round(part.rate, 2),
                    "heartbeat": round(part.heartbeat, 1),
                    "age_s": part.age_s,
                }
                for part in self.parts
            ],
        }


def shown_state(part: ShardProgress) -> str:
    """Return the state of a part, SILENT for one whose process no longer reports."""
    is_silent = part.state == RUNNING and part.age_s > SILENT_S
    return SILENT if is_silent else part.state


def shard_runs(store: ShardStore) -> list[ShardRun]:
    """Return the runs of the last day, the latest heartbeat first. Raises StoreUnavailable."""
    runs = [ShardRun(tuple(parts)) for _, parts in groupby(store.read(), key=lambda part: part.run)]
    return sorted(runs, key=lambda run: min(part.age_s for part in run.parts))
