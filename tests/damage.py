"""Ways in which a file is damaged: by power losses, full disks, other programs."""

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

Damage = Callable[[Path], None]


def _rewrite(change: Callable[[bytes], bytes]) -> Damage:
    def damage(path: Path) -> None:
        path.write_bytes(change(path.read_bytes()))

    return damage


def noise(count: int, seed: int = 0) -> bytes:
    return random.Random(seed).randbytes(count)


def spoil(data: bytes, start: int, count: int, seed: int = 0) -> bytes:
    """Replace `count` bytes from `start` on by noise."""
    start = max(0, start)
    end = min(len(data), start + count)
    return data[:start] + noise(end - start, seed) + data[end:]


def as_folder(path: Path) -> None:
    path.unlink(missing_ok=True)
    (path / "inner").mkdir(parents=True)
    (path / "inner" / "file").write_bytes(b"x")


DAMAGES: dict[str, Damage] = {
    "zeros at the end": _rewrite(lambda data: data + bytes(4096)),
    "zeros instead of the end": _rewrite(lambda data: data[: len(data) * 3 // 4] + bytes(4096)),
    "end spoilt": _rewrite(lambda data: spoil(data, len(data) - 500, 500)),
    "middle spoilt": _rewrite(lambda data: spoil(data, len(data) // 2, 200)),
    "begin spoilt": _rewrite(lambda data: spoil(data, 0, 60)),
    "cut": lambda path: os.truncate(path, path.stat().st_size * 2 // 3),
    "nearly empty": lambda path: os.truncate(path, min(3, path.stat().st_size)),
    "empty": lambda path: os.truncate(path, 0),
    "garbage": _rewrite(lambda data: noise(3000)),
    "zeros": _rewrite(lambda data: bytes(len(data))),
    "missing": lambda path: path.unlink(),
    "a folder": as_folder,
}


def copy(folder: Path, target: Path) -> Path:
    """Copy stores that no process has open."""
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns("*.sock"))
    return target
