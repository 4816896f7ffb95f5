"""Memory that models took is given back when they are let go."""

import json
import subprocess
import sys
from pathlib import Path

from tests.servers import ROOT

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
