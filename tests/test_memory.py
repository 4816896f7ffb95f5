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

ROUNDS = 2
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


# Peak resident sizes in MB: after the first folder was indexed, and after the second.
INDEX = """
import json, resource, sys
from pathlib import Path
from searcher.library.core import Library
from searcher.config.settings import Settings
library = Library(Settings.from_env())
for folder in sys.argv[1:]:
    added = library.add([Path(folder)]).added
    print(json.dumps([added, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
library.close()
"""


def test_indexing_takes_no_more_memory_for_five_times_the_pictures(
    tmp_path: Path, baselines: Path
) -> None:
    folders = [tmp_path / "first", tmp_path / "second"]
    for number in range(1500):
        save(folders[number >= 250] / f"{number}.jpg", number, (200, 150))
    env = environment(tmp_path, MODELS_DIR=str(baselines))
    command = [sys.executable, "-c", INDEX, *map(str, folders)]
    process = subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True)
    (few, before), (many, after) = map(json.loads, process.stdout.splitlines())
    print(f"{before:.0f} MB, {after:.0f} MB")
    assert (few, many) == (250, 1250)
    # 7 kB a picture would be its vectors.
    assert after - before <= 8


def test_the_app_stays_small_while_it_indexes_with_both_networks(
    keras_models: Path, tmp_path: Path
) -> None:
    (tmp_path / "models").mkdir()
    for path in keras_models.glob("*.onnx"):
        (tmp_path / "models" / path.name).symlink_to(path)
    pictures = folder(tmp_path / "in", {"a": 12})  # a batch of 8, and a part of one
    with running(tmp_path) as app:
        client = Client(app.url, verbose=False)
        job = client.submit([handle_file(str(path)) for path in pictures], api_name="/add")
        process = psutil.Process(app.process.pid)
        sizes = []
        while not job.done():
            sizes.append(process.memory_info().rss / 2**20)
            time.sleep(0.1)
        assert job.result()["added"] == 12
    assert max(sizes) < 1536
