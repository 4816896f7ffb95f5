"""The record of a picture: what Redis and the sidecars store."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from searcher.images.shown_names import composed

SEPARATOR = "\0"  # of stored copies: no path contains it

Values = dict[str, str | int | float]


@dataclass(frozen=True)
class Record:
    """One picture of the library. Sizes in pixels and bytes, `added` in seconds since 1970.

    `path` is absolute, empty if the location is unknown; `copies` are other paths of files with the
    same content. `fingerprint` is a difference hash that identifies near-duplicates; records of
    earlier versions have none.
    """

    id: int
    path: str
    name: str
    label: str
    width: int
    height: int
    bytes: int
    digest: str
    added: float
    fingerprint: str = ""
    copies: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """All paths, that which name and label follow first; none if the location is unknown."""
        return (self.path, *self.copies) if self.path else ()

    def at(self, paths: Sequence[str]) -> "Record":
        """Return the record with other paths, the first of which becomes `path`."""
        return replace(self, path=paths[0] if paths else "", copies=tuple(paths[1:]))

    def to_hash(self) -> Values:
        """Return the fields of the Redis hash, which has the id in its key."""
        values = {name: value for name, value in asdict(self).items() if name != "id"}
        return values | {"copies": SEPARATOR.join(self.copies)}

    @classmethod
    def from_hash(cls, picture_id: int, stored: dict[str, str]) -> "Record | None":
        """Parse a Redis hash; None if it is missing, incomplete or malformed."""
        try:
            return cls(
                id=picture_id,
                path=stored["path"],
                # Earlier versions stored names as the disk had them.
                name=composed(stored["name"]),
                label=composed(stored["label"]),
                width=int(stored["width"]),
                height=int(stored["height"]),
                bytes=int(stored["bytes"]),
                digest=stored["digest"],
                added=float(stored["added"]),
                fingerprint=stored.get("fingerprint", ""),
                copies=tuple(filter(None, stored.get("copies", "").split(SEPARATOR))),
            )
        except (KeyError, ValueError):
            return None


def sidecar_bytes(values: Mapping[str, Any]) -> bytes:
    """Return the content of a sidecar: the fields of a Redis hash, after the picture's id."""
    return json.dumps(values, indent=1).encode()
