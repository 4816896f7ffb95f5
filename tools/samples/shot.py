"""What one picture is: where it goes, how large it is, and what its scene varies."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

QUERY = "query"


@dataclass(frozen=True)
class Shot:
    """One picture; `size` is width and height in pixels, `params` is for the kind's build()."""

    kind: str
    name: str
    size: tuple[int, int]
    seed: int
    params: dict[str, Any] = field(default_factory=dict)

    def path(self, out: Path) -> Path:
        """Where the picture goes: kind/name.jpg, or queries/kind.jpg for the query."""
        if self.name == QUERY:
            return out / "queries" / f"{self.kind}.jpg"
        return out / self.kind / f"{self.name}.jpg"
