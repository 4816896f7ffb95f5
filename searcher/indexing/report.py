"""The report of an indexing run, and the types of its callbacks."""

from collections.abc import Callable
from dataclasses import dataclass, field

from searcher.images.left_out import LeftOut
from searcher.messages.message import Message

Progress = Callable[[int], None]  # called with the number of files processed so far
Shard = tuple[int, int]  # the share of all pictures that a run takes: (1, 4) is the first quarter
Stop = Callable[[], bool]  # returns whether the run is to end early


@dataclass
class Report:
    """The result of one run.

    Attributes:
        added: Number of new pictures.
        unchanged: Number of pictures that the library had already.
        skipped: Path of each file that could not be indexed, and the reason.
        left_out: What folders and archives have that is not to be indexed, by reason.
        relabelled: Number of pictures of the library that got another label.
        replaced: Number of pictures that were removed, as their files have another content now.
        trash: The batch of the trash that restores these; empty without any.
        embedded: Number of new vectors by model.
        stopped: Whether the run ended early, so that not all files were processed.
        seconds: Duration of the run.
        seconds_embedding: Seconds of inference by model.
    """

    added: int = 0
    unchanged: int = 0
    skipped: list[tuple[str, Message]] = field(default_factory=list)
    left_out: LeftOut = field(default_factory=LeftOut)
    relabelled: int = 0
    replaced: int = 0
    trash: str = ""
    embedded: dict[str, int] = field(default_factory=dict)
    stopped: bool = False
    seconds: float = 0.0
    seconds_embedding: dict[str, float] = field(default_factory=dict)

    def document(self) -> dict[str, object]:
        """Return the `--json` document of `index`."""
        replaced = {"replaced": self.replaced, "replaced_trash": self.trash}
        return {
            "added": self.added,
            "known": self.unchanged,
            "skipped": [{"path": path, "reason": str(reason)} for path, reason in self.skipped],
            "left_out": self.left_out.document(),
            "embedded": self.embedded,
            "seconds": round(self.seconds, 3),
            "seconds_embedding": {m: round(s, 3) for m, s in self.seconds_embedding.items()},
            **(replaced if self.replaced else {}),
        }
