"""What one picture is: where it goes, how large it is, and what its scene varies."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

QUERY = "query"
LIGHTING = 2  # raised when the light or the exposure of all scenes changes


@dataclass(frozen=True)
class Shot:
    """One picture; `size` is width and height in pixels, `params` is for the kind's build()."""

    kind: str
    name: str
    size: tuple[int, int]
    seed: int
    params: dict[str, Any] = field(default_factory=dict)

    def path(self, out: Path) -> Path:
        """Where the picture goes: kind/kind_name.jpg, or queries/kind.jpg for the query."""
        if self.name == QUERY:
            return out / "queries" / f"{self.kind}.jpg"
        return out / self.kind / f"{self.kind}_{self.name}.jpg"

    def recipe(self) -> str:
        """A digest of all that the picture depends on, which its file carries as a comment."""
        return hashlib.sha256(f"{LIGHTING} {self!r}".encode()).hexdigest()[:16]
