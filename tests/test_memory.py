"""Memory stays bounded: models are let go, and indexing does not grow with the pictures."""

import json
import subprocess
import sys
from pathlib import Path

from tests.pictures import save
from tests.servers import ROOT, environment

ROUNDS = 10
# Resident size in MB after each round of using all models of a folder in turn, three at a time.
PROGRAM = f"""
import json, sys
from pathlib import Path
import numpy as np, psutil
from searcher.models import Zoo
zoo = Zoo(Path(sys.argv[1]), cache=3)
sizes = []
for _ in range({ROUNDS}):
    for name in sorted(zoo.names()):
        embedder = zoo.load(name)[1]
        embedder.embed(np.zeros((4, embedder.height, embedder.width, 3), np.uint8))
    sizes.append(psutil.Process().memory_info().rss / 2**20)
print(json.dumps(sizes))
"""


def test_five_models_in_turn_do_not_add_up(keras_models: Path, tmp_path: Path) -> None:
    for number in range(5):
        network = "resnet50" if number % 2 else "vgg16"
        (tmp_path / f"{number}.onnx").symlink_to(keras_models / f"{network}.onnx")
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    sizes = json.loads(done.stdout)
    assert len(sizes) == ROUNDS
    assert max(sizes) <= 1.15 * sizes[0]
    assert max(sizes) < 1536


# Resident size in MB of two models after a picture, and after batches as in indexing.
BATCHES = """
import json, sys
from pathlib import Path
import numpy as np, psutil
from searcher.embedding import BATCH, Embedder
embedders = [Embedder(Path(path)) for path in sys.argv[1:]]
sizes = []
for count in (1, BATCH, BATCH):
    for embedder in embedders:
        embedder.embed(np.zeros((count, embedder.height, embedder.width, 3), np.uint8))
    sizes.append(psutil.Process().memory_info().rss / 2**20)
print(json.dumps(sizes))
"""


def test_batches_leave_nothing_behind(keras_models: Path) -> None:
    paths = [str(keras_models / f"{network}.onnx") for network in ("resnet50", "vgg16")]
    command = [sys.executable, "-c", BATCHES, *paths]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    single, *batches = json.loads(done.stdout)
    assert max(batches) <= single + 100  # what a batch of 8 takes while it runs is some 500


# Peak resident size in MB of indexing a folder.
INDEX = """
import resource, sys
from pathlib import Path
from searcher.library import Library
from searcher.settings import Settings
library = Library(Settings.from_env())
report = library.add([Path(sys.argv[1])])
library.close()
print(report.added, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def test_indexing_takes_no_more_memory_for_ten_times_the_pictures(
    tmp_path: Path, baselines: Path
) -> None:
    peaks = {}
    for count in (500, 5000):
        folder = tmp_path / str(count)
        for number in range(count):
            save(folder / "in" / f"{number}.jpg", number, (200, 150))
        env = environment(folder, MODELS_DIR=str(baselines))
        command = [sys.executable, "-c", INDEX, str(folder / "in")]
        done = subprocess.run(
            command, cwd=ROOT, env=env, check=True, capture_output=True, text=True
        )
        added, peak = done.stdout.split()
        assert int(added) == count
        peaks[count] = float(peak)
    assert peaks[5000] <= 1.10 * peaks[500], peaks
