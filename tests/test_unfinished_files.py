"""Files are written while pictures are decoded, and appear before their records, or never."""

import signal
import sys
from pathlib import Path

import pytest

from searcher import files
from searcher.images.sources import find_sources
from searcher.library.core import Library
from searcher.library.doctor import examine
from tests import forks
from tests.parameters import MakeSettings
from tests.pictures import folder
from tests.servers import environment

PICTURES = 3
# Before the first and the second file, the last one, the records twice, and the vectors of two
# models.
STEPS = 0, 1, 2 * PICTURES - 1, *range(2 * PICTURES, 2 * PICTURES + 4)
KILLED = """
import sys
from pathlib import Path
from searcher.config.settings import Settings
from searcher.indexing.unfinished import UnfinishedFiles
from searcher.library.core import Library
from searcher.stores.records import RecordStore
from searcher.stores.vectors import VectorStore
from tests.kills import kill_at

library = Library(Settings.from_env())
library.identity.require()
kill_at(int(sys.argv[1]), {UnfinishedFiles: "_put", RecordStore: "put", VectorStore: "upsert"})
library.add([Path(sys.argv[2])])
"""


def written(library: Library, ending: str) -> list[Path]:
    return sorted(library.settings.data.rglob(f"*{ending}"))


def test_killed_between_files_record_and_vectors(
    make_settings: MakeSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = make_settings()
    library = Library(settings)
    env = environment(tmp_path, MODELS_DIR=str(settings.models_dir))
    program = tmp_path / "killed.py"
    program.write_text(KILLED)
    for step in STEPS:
        root = tmp_path / f"in{step}"
        paths = folder(root, {"a": PICTURES}, PICTURES * step)
        before = library.records.count()
        process = forks.run([sys.executable, program, step, root], env=env)
        assert process.returncode == -signal.SIGKILL
        # Whatever of a picture is there, what is written before it is there as well.
        records = [record for record in library.records.all() if Path(record.path) in paths]
        for record in records:
            assert library.thumbnail_path(record.id).exists()
            assert library.sidecars.read(record.id) == record
        assert len(records) == library.records.count() - before
        assert len(records) == (PICTURES if step > 2 * PICTURES else 0)
        assert max(library.coverage().values()) <= library.records.count()
        if step < 2 * PICTURES:
            assert written(library, ".part")
        report = library.add([root])
        assert (report.added, report.unchanged) == (PICTURES - len(records), len(records))
        assert examine(library).problems == []
    assert library.records.count() == PICTURES * len(STEPS)
    monkeypatch.setattr(files, "PART_S", -1)
    examine(library)
    assert written(library, ".part") == []
    library.close()


def test_a_run_that_is_stopped_leaves_no_file_of_other_pictures(
    library: Library, tmp_path: Path
) -> None:
    folder(tmp_path / "in", {"a": 120})
    counts: list[int] = []
    report = library.index(find_sources([tmp_path / "in"]), counts.append, lambda: bool(counts))
    assert 0 < report.added < 120
    assert written(library, ".part") == []
    assert len(list(library.sidecars.ids())) == report.added
    assert len(list(library.settings.thumbnails.rglob("*.jpg"))) == report.added
