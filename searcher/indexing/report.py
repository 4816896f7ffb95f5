"""What an indexing run did, and how it is told to go on and to stop."""

from collections.abc import Callable
from dataclasses import dataclass, field

from searcher.messages.message import Message

Progress = Callable[[int], None]  # called with the number of files done so far
Shard = tuple[int, int]  # the part of all pictures that this run is for: (1, 4) is a quarter
Stop = Callable[[], bool]  # asked now and then whether to end early


@dataclass
class Report:
    """What one run did. `embedded` counts vectors by model; times in seconds.

    `stopped`: it was to end early, so there may be pictures that were not looked at.
    """

    added: int = 0
    known: int = 0
    skipped: list[tuple[str, Message]] = field(default_factory=list)
    embedded: dict[str, int] = field(default_factory=dict)
    stopped: bool = False
    seconds: float = 0.0
    seconds_embedding: dict[str, float] = field(default_factory=dict)

    def document(self) -> dict[str, object]:
        """The `--json` document of `index`."""
        return {
            "added": self.added,
            "known": self.known,
            "skipped": [{"path": path, "reason": str(reason)} for path, reason in self.skipped],
            "embedded": self.embedded,
            "seconds": round(self.seconds, 3),
            "seconds_embedding": {m: round(s, 3) for m, s in self.seconds_embedding.items()},
        }
