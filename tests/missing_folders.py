"""Ways in which a folder of pictures can be missing."""

from pathlib import Path


def gone(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


def emptied(path: Path) -> None:
    gone(path)
    path.mkdir()


def without_pictures(path: Path) -> None:
    emptied(path)
    (path / "NOT MOUNTED.txt").touch()


def dangling(path: Path) -> None:
    gone(path)
    path.symlink_to(path.with_name("nowhere"))


def in_a_circle(path: Path) -> None:
    """Not found for another reason than that it isn't there, as with a disk that fails."""
    gone(path)
    path.symlink_to(path.name)


AWAY = [gone, emptied, without_pictures, dangling, in_a_circle]
