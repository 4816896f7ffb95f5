"""After kill -9 at any moment, no reported picture is lost or duplicated."""

import json
import os
import random
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

from playwright.sync_api import Browser

from searcher.config.settings import Settings
from searcher.file_locks import LIMIT_S
from searcher.library.core import Library
from searcher.library.doctor import examine
from tests import forks
from tests.browsing import open_tab
from tests.parameters import MakeSettings
from tests.pictures import encode, folder, paint
from tests.servers import ROOT, environment, running, wait_for

PICTURES = 300
KILLS = 10


def test_index_survives_being_killed(tmp_path: Path, make_settings: MakeSettings) -> None:
    settings = make_settings()
    paths = folder(tmp_path / "in", {"a": PICTURES})
    env = {
        **os.environ,
        "TWINLENS_DATA": str(settings.data),
        "MODELS_DIR": str(settings.models_dir),
        "INSTALL_MODELS": "",
    }
    command = [sys.executable, "-m", "searcher", "index", str(tmp_path / "in"), "--json"]
    generator = random.Random(0)
    library = Library(settings)
    before = 0
    for _ in range(KILLS):
        process = forks.popen(
            command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        # Into the middle of the writing: wait until this run has added something.
        deadline = time.monotonic() + 60
        while library.records.count() == before < PICTURES and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        time.sleep(generator.uniform(0, 0.3))
        process.kill()
        process.wait()
        after = library.records.count()
        assert after >= before
        before = after

    completed = forks.run(command, env=env)
    assert completed.returncode == 0, completed.stderr
    report = json.loads(completed.stdout)
    assert report["added"] + report["known"] == PICTURES
    records = library.records.get(list(library.records.ids()))
    assert sorted(r.path for r in records if r) == sorted(map(str, paths))
    assert library.coverage() == {"colour": PICTURES, "shape": PICTURES}
    assert examine(library).problems == []
    library.close()


def test_the_app_survives_being_killed_during_an_upload(
    browser: Browser, tmp_path: Path, baselines: Path
) -> None:
    shutil.copytree(baselines, tmp_path / "models")
    archive = tmp_path / "mine.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for number in range(PICTURES):
            out.writestr(f"a/{number}.jpg", encode(paint(number)))
    library = Library(Settings.from_env(environment(tmp_path)))
    with running(tmp_path) as app:
        page = browser.new_page()
        page.goto(app.url)
        open_tab(page, "Library")
        page.get_by_role("button", name="Add pictures").click()
        page.locator("#library-files input[type=file]").set_input_files(archive)
        wait_for(lambda: library.records.count() > 40, what="the upload")
        app.process.kill()
        app.process.wait()
        page.close()
    before = {record.id: record for record in library.records.all()}
    assert len(before) < PICTURES
    with running(tmp_path):
        wait_for(
            lambda: examine(library).problems == [],
            seconds=3 * LIMIT_S,  # as a lock may be waited for
            what=lambda: f"a library without {[str(told) for told in examine(library).problems]}",
        )
    after = {record.id: record for record in library.records.all()}
    assert before.items() <= after.items()
    # What was kept but not yet recorded is there as well, under its own name and label.
    assert len(after) == len(list(library.settings.uploads.glob("*/*.jpg")))
    assert {record.label for record in after.values()} == {"a"}
    assert {record.name for record in after.values()} <= {f"{n}.jpg" for n in range(PICTURES)}
    assert set(library.coverage().values()) == {len(after)}
    library.close()
