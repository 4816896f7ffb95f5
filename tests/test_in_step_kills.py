"""A run over replaced files that is killed anywhere is done to its end by the next one."""

import signal
import sys
from pathlib import Path

from searcher.library.core import Library
from searcher.library.doctor import examine
from tests import forks
from tests.disks import claims
from tests.parameters import MakeSettings
from tests.pictures import save
from tests.servers import environment

KILLED = """
import os, signal, sys
from pathlib import Path
from searcher.config.settings import Settings
from searcher.library.core import Library
from searcher.stores.path_index import PathIndex
from searcher.stores.records import RecordStore
from searcher.stores.vectors import VectorStore

steps = int(sys.argv[1])

def wrap(action):
    def call(*arguments, **options):
        global steps
        steps -= 1
        if steps < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return action(*arguments, **options)
    return call

library = Library(Settings.from_env())
library.identity.require()
writes = ("put", "update", "remove", "stamp", "upsert", "delete")
for store in (RecordStore, PathIndex, VectorStore):
    for name in writes:
        if name in vars(store):
            setattr(store, name, wrap(getattr(store, name)))
library.add([Path(sys.argv[2])])
"""


def test_killed_at_any_write_the_next_run_ends_it(
    make_settings: MakeSettings, tmp_path: Path
) -> None:
    settings = make_settings()
    library = Library(settings)
    root = tmp_path / "in"
    paths = [save(root / f"{name}.jpg", 0, (40, 30)) for name in "ab"]
    library.add([root])
    env = environment(tmp_path, MODELS_DIR=str(settings.models_dir))
    program = tmp_path / "killed.py"
    program.write_text(KILLED)
    killed = 0
    for step in range(40):
        for number, path in enumerate(paths):
            save(path, 2 * step + number + 1, (40, 30))  # the first time both lose one picture
        process = forks.run([sys.executable, program, step, root], env=env)
        library.add([root])
        assert sorted(claims(library)) == sorted(map(str, paths))
        assert examine(library).problems == []
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL
        killed += 1
    assert killed >= 6
    library.close()
