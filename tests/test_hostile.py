"""Hostile files in a folder: none stops indexing, and each is reported once."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from searcher.library.core import Library
from searcher.library.doctor import examine
from tests.hostile import pictures
from tests.hostile.pictures import with_text
from tests.hostile.row import ACCEPTED
from tests.pictures import save
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


def test_a_folder_of_horrors(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for row in pictures.ROWS:
        (folder / row.input).write_bytes(row.value)
    (folder / "folder.jpg").mkdir()
    outside = save(tmp_path / "outside" / "secret.jpg", 31)
    (folder / "leads-out.jpg").symlink_to(outside)
    (folder / "leads-nowhere.jpg").symlink_to(tmp_path / "gone.jpg")
    (folder / "leads-in-a-circle.jpg").symlink_to(folder / "leads-in-a-circle.jpg")
    (folder / "device.jpg").symlink_to("/dev/zero")
    (folder / "folder-link").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.jpg")
    skipped = [row for row in pictures.ROWS if row.happens != ACCEPTED]
    good = len(pictures.ROWS) - len(skipped)
    reasons = {row.input: row.happens for row in skipped} | {
        "leads-out.jpg": "leads out",
        "leads-nowhere.jpg": "leads out",
        "leads-in-a-circle.jpg": "can't be read",
        "device.jpg": "leads out",
        "pipe.jpg": "not a regular file",
    }

    report = library.add([folder])
    assert report.added == good
    assert sorted(Path(path).name for path, _ in report.skipped) == sorted(reasons)
    for path, reason in report.skipped:
        assert reasons[Path(path).name] in str(reason)
        assert str(tmp_path) not in str(reason)
        assert str(reason).endswith(".")
    assert examine(library).problems == []
    again = library.add([folder])
    assert (again.added, again.unchanged) == (0, good)
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
            parent.chmod(stat.S_IMODE(parent.stat().st_mode) | 0o055)  # perhaps that of all users
    command = [sys.executable, "-c", NOBODY, str(tmp_path / "in")]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    lines = process.stdout.splitlines()
    assert "closed.jpg can't be read (Permission denied)." in lines
    assert "cellar is a folder that can't be read (Permission denied)." in lines
