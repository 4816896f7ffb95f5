"""Hostile files in a folder: none stops indexing, and each is reported once."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from searcher.library.core import Library
from searcher.library.doctor import examine
from tests.pictures import encode, paint, png_bomb, save
from tests.servers import ROOT

# Root may read everything, so the program becomes the user nobody first.
NOBODY = """
import os, sys
from pathlib import Path
from searcher.errors import BadImage
from searcher.images.sources import find_sources
str(BadImage("file.empty", name=""))  # imports what makes sentences, while that can be read
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
for source in find_sources([Path(sys.argv[1])]):
    try:
        source.read()
    except BadImage as error:
        print(error)
"""


def with_text(size: int) -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("comment", "x" * size, zip=True)
    return encode(paint(20), "PNG", pnginfo=info)


def with_exif(data: bytes) -> bytes:
    return encode(paint(21), exif=b"Exif\0\0" + data)


SKIPPED = {
    "empty.jpg": (b"", "is empty"),
    "text.jpg": (b"not a picture", "is not a picture"),
    "cut.jpg": (encode(paint(1))[:1500], "damaged or cut off"),
    "cut.png": (encode(paint(2), "PNG")[:1500], "damaged or cut off"),
    "bomb.png": (png_bomb(50_000), "megapixels"),
    "drawing.jpg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "format SVG"),
    "paper.png": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "format PDF"),
    "page.jpg": (b"<!doctype html><script>alert(1)</script>", "is not a picture"),
    "script.gif": (b"GIF89a/*<script>*/=1;", "damaged or cut off"),
}
GOOD = {
    "one-pixel.png": encode(Image.new("RGB", (1, 1), "red"), "PNG"),
    "line.png": encode(Image.new("RGB", (1, 10_000), "red"), "PNG"),
    "cmyk.jpg": encode(paint(3).convert("CMYK")),
    "sixteen.png": encode(Image.fromarray(np.arange(4096, dtype=np.uint16).reshape(64, 64)), "PNG"),
    "palette.png": encode(paint(4).quantize(64), "PNG", transparency=3),
    "grey-alpha.png": encode(paint(5).convert("LA"), "PNG"),
    "float.tiff": encode(
        Image.fromarray(np.linspace(0, 1, 4096, dtype=np.float32).reshape(64, 64)), "TIFF"
    ),
    "pages.tiff": encode(paint(6), "TIFF", save_all=True, append_images=[paint(7)]),
    "moving.gif": encode(paint(8), "GIF", save_all=True, append_images=[paint(9)]),
    "moving.webp": encode(paint(10), "WEBP", save_all=True, append_images=[paint(11)]),
    "photo.heic": encode(paint(12), "HEIF"),
    "photo.avif": encode(paint(13), "AVIF"),
    "trailing.jpg": encode(paint(14)) + b"PK\x03\x04<?php" * 1000,
    "broken-exif.jpg": with_exif(b"II*\0\xff\xff\xff\xff\xff\xff"),
    "wrong-exif.jpg": with_exif(b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x63\0\0\0\0\0\0\0"),
    "profile.jpg": encode(paint(15), icc_profile=bytes(4_000_000)),
    "ünïcödé 日本.jpg": encode(paint(16)),
    "x" * 240 + ".jpg": encode(paint(17)),
    "new\nline\t.jpg": encode(paint(18)),
    "quote'\"<b>.jpg": encode(paint(19)),
}


def test_a_folder_of_horrors(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, (data, _) in SKIPPED.items():
        (folder / name).write_bytes(data)
    for name, data in GOOD.items():
        (folder / name).write_bytes(data)
    with open(os.fsencode(folder) + b"/caf\xe9.jpg", "wb") as file:
        file.write(encode(paint(30)))
    (folder / "folder.jpg").mkdir()
    outside = save(tmp_path / "outside" / "secret.jpg", 31)
    (folder / "leads-out.jpg").symlink_to(outside)
    (folder / "leads-nowhere.jpg").symlink_to(tmp_path / "gone.jpg")
    (folder / "leads-in-a-circle.jpg").symlink_to(folder / "leads-in-a-circle.jpg")
    (folder / "device.jpg").symlink_to("/dev/zero")
    (folder / "folder-link").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.jpg")
    reasons = {name: words for name, (_, words) in SKIPPED.items()} | {
        "leads-out.jpg": "leads out",
        "leads-nowhere.jpg": "leads out",
        "leads-in-a-circle.jpg": "can't be read",
        "device.jpg": "leads out",
        "pipe.jpg": "not a regular file",
    }

    report = library.add([folder])
    assert report.added == len(GOOD) + 1
    assert sorted(Path(path).name for path, _ in report.skipped) == sorted(reasons)
    for path, reason in report.skipped:
        assert reasons[Path(path).name] in str(reason)
        assert str(tmp_path) not in str(reason)
        assert str(reason).endswith(".")
    assert examine(library).problems == []
    again = library.add([folder])
    assert (again.added, again.unchanged) == (0, len(GOOD) + 1)
    assert len(again.skipped) == len(reasons)
    for record in library.records.get(list(library.records.ids())):
        assert record is not None
        assert len(record.name) <= 255
        assert record.name.isprintable()
        with Image.open(library.thumbnail_path(record.id)) as small:
            assert small.mode == "RGB"
            assert not small.info.get("icc_profile")


def test_large_text_does_not_stop_the_run(library: Library, tmp_path: Path) -> None:
    """Pillow unpacks no text of more than a megabyte; either outcome is fine, a crash is not."""
    for size in (10_000, 900_000, 5_000_000):
        (tmp_path / f"text-{size}.png").write_bytes(with_text(size))
    report = library.add([tmp_path])
    assert report.added + len(report.skipped) == 3
    assert report.added >= 2


@pytest.mark.skipif(os.name != "posix", reason="users and permissions as POSIX has them")
def test_what_may_not_be_read_gets_its_reason(library: Library, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    closed = save(tmp_path / "in" / "closed.jpg", 1)
    closed.chmod(0)
    (tmp_path / "in" / "cellar").mkdir(mode=0)
    if os.geteuid() == 0:
        for parent in [*tmp_path.parents][:3]:
            parent.chmod(0o755)
    command = [sys.executable, "-c", NOBODY, str(tmp_path / "in")]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    lines = process.stdout.splitlines()
    assert "closed.jpg can't be read (Permission denied)." in lines
    assert "cellar is a folder that can't be read (Permission denied)." in lines
