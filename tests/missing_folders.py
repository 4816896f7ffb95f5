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
    """Make lookups fail with ELOOP instead of ENOENT, as a failing disk does with EIO."""
    move_away(path)
    path.symlink_to(path.name)


LOSSES = [move_away, empty, leave_no_pictures, leave_dangling_link, leave_circular_link]
