"""Thumbnails in the size of lists: made from those on disk, kept in memory up to a limit."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from searcher.images.pictures import thumbnail_name
from searcher.ui.delivery.small_thumbnails import SIDE, SmallThumbnails
from tests.pictures import encode, paint
from tests.servers import wait_apart


def store(folder: Path, picture_id: int, data: bytes | None = None) -> Path:
    path = folder / thumbnail_name(picture_id)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data if data is not None else encode(paint(picture_id).resize((640, 480))))
    return path


def get(thumbnails: SmallThumbnails, picture_id: int) -> bytes | None:
    return wait_apart(thumbnails.get(picture_id))


def test_a_small_thumbnail_shows_the_same_picture(tmp_path: Path) -> None:
    large = store(tmp_path, 1)
    data = get(SmallThumbnails(tmp_path), 1)
    assert data is not None
    assert len(data) < large.stat().st_size
    with Image.open(io.BytesIO(data)) as small, Image.open(large) as whole:
        assert (small.format, small.size) == ("JPEG", (SIDE, SIDE * 3 // 4))
        brightness = [np.asarray(image.convert("L")).mean() for image in (small, whole)]
    assert brightness[0] == pytest.approx(brightness[1], abs=2)


def test_memory_is_limited_and_the_latest_are_kept(tmp_path: Path) -> None:
    paths = [store(tmp_path, number) for number in range(1, 5)]
    thumbnails = SmallThumbnails(tmp_path)
    sizes = [len(get(thumbnails, number) or b"") for number in range(1, 5)]
    limited = SmallThumbnails(tmp_path, kept_bytes=sum(sizes[2:]))
    before = [get(limited, number) for number in range(1, 5)]
    for path in paths:
        path.write_bytes(b"")  # only what is kept can still be sent
    assert [get(limited, number) for number in range(1, 5)] == [None, None, *before[2:]]


def test_what_is_removed_or_damaged_is_not_sent(tmp_path: Path) -> None:
    thumbnails = SmallThumbnails(tmp_path)
    path = store(tmp_path, 1)
    assert get(thumbnails, 1)
    path.unlink()
    assert get(thumbnails, 1) is None
    store(tmp_path, 1, b"no picture")
    assert get(thumbnails, 1) is None
    assert get(thumbnails, 2) is None
