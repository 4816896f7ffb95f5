"""The folder of uploads: what is swept when, and how much a visitor may add in a day."""

import os
import time
from pathlib import Path

from searcher.ui.security.limits import Budget
from searcher.ui.security.upload_folder import RETENTION_S, SHORT_RETENTION_S, UploadFolder
from tests.upload_calls import write_aged


def test_only_old_uploads_are_swept(tmp_path: Path) -> None:
    incoming = tmp_path / "incoming"
    old, young = RETENTION_S + 60, RETENTION_S - 60
    swept = [
        write_aged(incoming / "tmpab12_xyz", old),
        write_aged(incoming / ("0" * 64) / "a.jpg", old),
    ]
    example = write_aged(incoming / ("1" * 64) / "example.jpg", old)
    used = write_aged(incoming / ("2" * 64) / "long.zip", old)
    stay = [
        example,
        used,
        write_aged(incoming / "tmpab12_xyy", young),
        write_aged(incoming / ("3" * 64) / "b.jpg", young),
        write_aged(incoming / "notes.txt", old),
        write_aged(incoming / "tmpab12_xyzz", old),
        write_aged(incoming / "deep_links" / "x.json", old),
        write_aged(tmp_path / "uploads" / "ab" / "other.bin", old),
        write_aged(tmp_path / "outside" / "file", old),
    ]
    (incoming / "tmpab12_lnk").symlink_to(tmp_path / "outside" / "file")
    (incoming / ("4" * 64)).symlink_to(tmp_path / "outside")
    uploads = UploadFolder(incoming, 0)
    with uploads.in_use([used]):
        uploads.start_sweeping(lambda: [str(example)])
    assert all(not path.exists() for path in swept)
    assert all(path.exists() for path in stay)
    os.utime(used, (time.time() - old,) * 2)
    assert uploads.sweep(RETENTION_S) == 1


def test_where_room_is_short_the_older_go_sooner(tmp_path: Path) -> None:
    write_aged(tmp_path / "tmp00000001", SHORT_RETENTION_S + 60, size=600)
    write_aged(tmp_path / "tmp00000002", 0, size=300)
    uploads = UploadFolder(tmp_path, 1000)
    uploads.sweep(RETENTION_S)
    assert uploads.has_room(100)
    assert (tmp_path / "tmp00000001").exists()
    uploads._last_sweep = -1e9
    assert uploads.has_room(700)
    assert not (tmp_path / "tmp00000001").exists()
    assert not uploads.has_room(701)


def test_a_day_has_its_budget_for_each_visitor() -> None:
    now = [1000.0]
    budget = Budget(100, lambda: now[0])
    assert budget.spend("a", 60)
    assert not budget.spend("a", 41)
    assert budget.spend("a", 40)
    assert budget.spend("b", 100)
    now[0] += 86_399
    assert not budget.spend("a", 1)
    now[0] += 2
    assert budget.spend("a", 100)
    assert all(Budget(0).spend("a", 10**12) for _ in range(100))
    for _ in range(10_000):  # one entry a minute, whatever comes
        budget.spend("c", 0)
    assert len(budget._spent["c"]) == 1
