"""The record of a picture: what Redis and the sidecars store."""

from dataclasses import asdict, dataclass

from searcher.images.shown_names import composed


@dataclass(frozen=True)
class Record:
    """One picture of the library. Sizes in pixels and bytes, `added` in seconds since 1970.

    `path` is absolute, empty if the location is unknown. `fingerprint` is a difference hash that
    identifies near-duplicates; records of earlier versions have none.
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

    def to_hash(self) -> dict[str, str | int | float]:
        """Return the fields of the Redis hash, which has the id in its key."""
        return {name: value for name, value in asdict(self).items() if name != "id"}

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
            )
        except (KeyError, ValueError):
            return None
