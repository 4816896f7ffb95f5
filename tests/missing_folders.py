"""Ways in which a folder of pictures can be missing."""

from pathlib import Path


def move_away(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


def empty(path: Path) -> None:
    move_away(path)
    path.mkdir()


def leave_no_pictures(path: Path) -> None:
    empty(path)
    (path / "NOT MOUNTED.txt").touch()


def leave_dangling_link(path: Path) -> None:
    move_away(path)
    path.symlink_to(path.with_name("nowhere"))


def leave_circular_link(path: Path) -> None:
    """Not found for another reason than that it isn't there, as with a disk that fails."""
    move_away(path)
    path.symlink_to(path.name)


LOSSES = [move_away, empty, leave_no_pictures, leave_dangling_link, leave_circular_link]
