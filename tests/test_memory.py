"""Memory stays bounded: models are evicted, and indexing does not grow with the library."""

import json
import subprocess
import sys
import time
from pathlib import Path

import psutil
from gradio_client import Client, handle_file

from tests.pictures import folder, save
from tests.servers import ROOT, environment, running

ROUNDS = 10
# Resident size in MB after each round of using all models of a folder in turn, three at a time.
PROGRAM = f"""
import json, sys
from pathlib import Path
import numpy as np, psutil
from searcher.models.registry import ModelRegistry
registry = ModelRegistry(Path(sys.argv[1]), cache=3)
sizes = []
for _ in range({ROUNDS}):
    for name in sorted(registry.names()):
        embedder = registry.load(name)[1]
        embedder.embed(np.zeros((1, embedder.height, embedder.width, 3), np.uint8))
    sizes.append(psutil.Process().memory_info().rss / 2**20)
print(json.dumps(sizes))
"""


def test_five_models_in_turn_do_not_add_up(keras_models: Path, tmp_path: Path) -> None:
    for number in range(5):
        network = "resnet50" if number % 2 else "vgg16"
        (tmp_path / f"{number}.onnx").symlink_to(keras_models / f"{network}.onnx")
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    process = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    sizes = json.loads(process.stdout)
    assert len(sizes) == ROUNDS
    assert max(sizes) <= 1.15 * sizes[0]
    assert max(sizes) < 1536


# Peak resident size in MB of indexing a folder.
INDEX = """
import resource, sys
from pathlib import Path
from searcher.library.core import Library
from searcher.config.settings import Settings
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
        process = subprocess.run(
            command, cwd=ROOT, env=env, check=True, capture_output=True, text=True
        )
        added, peak = process.stdout.split()
        assert int(added) == count
        peaks[count] = float(peak)
    assert peaks[5000] <= 1.10 * peaks[500], peaks


def test_the_app_stays_small_while_it_indexes_with_both_networks(
    keras_models: Path, tmp_path: Path
) -> None:
    (tmp_path / "models").mkdir()
    for path in keras_models.glob("*.onnx"):
        (tmp_path / "models" / path.name).symlink_to(path)
    pictures = folder(tmp_path / "in", {"a": 60})
    with running(tmp_path) as app:
        client = Client(app.url, verbose=False)
        job = client.submit([handle_file(str(path)) for path in pictures], api_name="/add")
        process = psutil.Process(app.process.pid)
        sizes = []
        while not job.done():
            sizes.append(process.memory_info().rss / 2**20)
            time.sleep(0.1)
        assert job.result()["added"] == 60
    assert max(sizes) < 1536
