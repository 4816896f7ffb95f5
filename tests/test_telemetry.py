"""Third-party libraries send and store no telemetry."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import ROOT

EMBED = """
import sys
from pathlib import Path
import numpy as np
from searcher.models.embedder import Embedder
embedder = Embedder(Path(sys.argv[1]))
embedder.embed(np.zeros((1, embedder.height, embedder.width, 3), np.uint8))
"""


@pytest.mark.parametrize("setting", [{}, {"ORT_DISABLE_TELEMETRY": "0"}])
def test_onnxruntime_keeps_and_sends_nothing(
    tmp_path: Path, baselines: Path, setting: dict[str, str]
) -> None:
    """Unless somebody wants it to, which shows that the test sees what it would keep."""
    env = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    env |= {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache"), **setting}
    env |= dict.fromkeys(("http_proxy", "https_proxy", "HTTPS_PROXY"), "http://127.0.0.1:9")
    # Marks of a test or CI machine switch its telemetry off, too.
    for name in ("CI", "GITHUB_ACTIONS", "PYTEST_CURRENT_TEST"):
        env.pop(name, None)
    command = [sys.executable, "-c", EMBED, str(baselines / "shape.onnx")]
    subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True)
    files = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert bool(files) == bool(setting), files
