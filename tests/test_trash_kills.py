"""Removals and undos that are killed at any step, or run beside starts of other processes."""

import signal
import sys
import threading
from pathlib import Path

import pytest

from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.library.trash import remove, undo
from tests import forks
from tests.library_acts import add_numbered_uploads, restart, stored_files
from tests.parameters import MakeSettings
from tests.servers import environment, wait_for

KILLED = """
import os, signal, sys
from searcher.library import trash
from searcher.library.core import Library
from searcher.config.settings import Settings

steps = int(sys.argv[1])

def killing(event, arguments):
    global steps
    moves = event == "os.rename" and str(arguments[1]).endswith((".jpg", ".json"))
    if moves or event in ("socket.connect", "shutil.rmtree"):
        steps -= 1
        if steps < 0:
            os.kill(os.getpid(), signal.SIGKILL)

library = Library(Settings.from_env())
library.identity.require()
ids = list(library.records.ids())
sys.addaudithook(killing)
if sys.argv[2] == "remove":
    trash.remove(library, ids[:2])
else:
    trash.undo(library)
"""


@pytest.mark.parametrize("act", ["remove", "undo"])
def test_killed_at_any_step_it_is_done_to_its_end(
    make_settings: MakeSettings, tmp_path: Path, act: str
) -> None:
    settings = make_settings()
    library = Library(settings)
    before = add_numbered_uploads(library, tmp_path, 3)
    if act == "undo":
        remove(library, [record.id for record in before[:2]])
    env = environment(tmp_path, MODELS_DIR=str(settings.models_dir))
    program = tmp_path / "killed.py"
    program.write_text(KILLED)
    killed = 0
    for step in range(40):
        process = forks.run([sys.executable, program, step, act], env=env)
        restart(library)
        library.index(library.incomplete())
        diagnosis = examine(library)
        assert (diagnosis.problems, diagnosis.pictures + diagnosis.trash) == ([], 3)
        assert diagnosis.trash in (0, 2)
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL
        killed += 1
        if act == "remove" and diagnosis.trash:
            assert undo(library) == 2
            library.index(library.incomplete())
        elif act == "undo" and not diagnosis.trash:
            remove(library, [record.id for record in before[:2]])
    assert killed >= 5
    library.close()


def test_nothing_is_registered_while_it_is_being_removed(library: Library, tmp_path: Path) -> None:
    """Starts of other processes look for pictures without a record at any time."""
    before = add_numbered_uploads(library, tmp_path, 12)
    stop = threading.Event()

    def start_again_and_again() -> None:
        other = Library(library.settings)
        while not stop.is_set():
            restart(other)
        other.close()

    thread = threading.Thread(target=start_again_and_again)
    thread.start()
    try:
        for record in before:
            remove(library, [record.id])
    finally:
        stop.set()
        thread.join()
    wait_for(lambda: library.records.count() == 0)
    assert (stored_files(library), examine(library).trash) == ([], 12)
