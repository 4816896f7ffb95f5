"""Killed with -9 at any moment, nothing that was there is lost and nothing is there twice."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from searcher.doctor import examine
from searcher.library import Library
from tests.conftest import MakeSettings
from tests.pictures import folder
from tests.servers import ROOT

PICTURES = 300
KILLS = 5


def test_index_survives_being_killed(tmp_path: Path, make_settings: MakeSettings) -> None:
    settings = make_settings()
    paths = folder(tmp_path / "in", {"a": PICTURES})
    env = {
        **os.environ,
        "TWINLENS_DATA": str(settings.data),
        "MODELS_DIR": str(settings.models_dir),
    }
    command = [sys.executable, "-m", "searcher", "index", str(tmp_path / "in"), "--json"]
    generator = random.Random(0)
    library = Library(settings)
    before = 0
    for _ in range(KILLS):
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        # Into the middle of the writing: wait until this run has added something.
        deadline = time.monotonic() + 60
        while library.records.count() == before < PICTURES and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        time.sleep(generator.uniform(0, 0.3))
        process.send_signal(signal.SIGKILL)
        process.wait()
        after = library.records.count()
        assert after >= before
        before = after

    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    report = json.loads(done.stdout)
    assert report["added"] + report["known"] == PICTURES
    records = library.records.get(list(library.records.ids()))
    assert sorted(r.path for r in records if r) == sorted(map(str, paths))
    assert library.coverage() == {"colour": PICTURES, "shape": PICTURES}
    assert examine(library).problems == []
    library.close()
