"""A repository of the stand-in Hub, and how the Hub describes its files."""

import hashlib
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LARGE = 10_000  # bytes; larger files are in LFS, which answers with a redirect
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Repository:
    """The repository of a model or data set, and how the server misbehaves for it."""

    folder: Path
    commit: str = COMMIT
    revisions: tuple[str, ...] = ("main",)
    branches: "dict[str, Repository]" = field(default_factory=dict)  # with other files
    card: dict[str, Any] = field(default_factory=dict)
    gated: bool = False
    private: bool = False
    listed: tuple[str, ...] = ()  # further names in the list of files
    cuts: int = 0  # how many of the next downloads end in the middle
    etag: str | None = None  # in place of the true one
    content: dict[str, bytes] = field(default_factory=dict)  # in place of what was announced
    slow: threading.Event | None = None  # downloads stop in the middle until it is set

    def at(self, revision: str) -> "Repository | None":
        """The repository at a branch, tag or commit."""
        others = {name: r for b, r in self.branches.items() for name in (b, r.commit)}
        is_own = revision in (*self.revisions, self.commit)
        return self if is_own else others.get(revision)

    def names(self) -> list[str]:
        files = (path for path in self.folder.rglob("*") if path.is_file())
        return sorted(path.relative_to(self.folder).as_posix() for path in files)

    def data(self, name: str) -> bytes | None:
        path = self.folder / name
        return path.read_bytes() if path.is_file() else None


def siblings(repository: Repository) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = [{"rfilename": n, "size": 1} for n in repository.listed]
    for name in repository.names():
        data = repository.data(name) or b""
        entry: dict[str, Any] = {"rfilename": name, "size": len(data), "blobId": git_id(data)}
        if len(data) > LARGE:
            digest = hashlib.sha256(data).hexdigest()
            entry["lfs"] = {"sha256": digest, "size": len(data), "pointerSize": 130}
        listed.append(entry)
    return listed


def tree_entry(sibling: dict[str, Any]) -> dict[str, Any]:
    """A file as lists of a tree have it, given as descriptions of a repository have it."""
    entry = {"type": "file", "path": sibling["rfilename"], "size": sibling["size"]}
    entry["oid"] = sibling.get("blobId", "")
    if "lfs" in sibling:
        entry["lfs"] = sibling["lfs"] | {"oid": sibling["lfs"]["sha256"]}
    return entry


def git_id(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
