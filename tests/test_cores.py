"""The cores that this process may use."""

import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from searcher import cores


@pytest.mark.parametrize(
    ("files", "share"),
    [
        ({}, math.inf),
        ({"cpu.max": "max 100000\n"}, math.inf),
        ({"cpu.max": "150000 100000\n"}, 1.5),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, math.inf),
        ({"cpu/cpu.cfs_quota_us": "200000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 2),
        ({"cpu.max": "damaged\n"}, math.inf),
    ],
)
def test_a_container_has_the_cores_of_its_quota(
    tmp_path: Path, files: dict[str, str], share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(cores, "CGROUPS", tmp_path)
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert cores.cores() == min(bound or 1, math.ceil(min(share, 10**6)))


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="Linux only")
def test_a_session_computes_on_the_cores_that_the_process_is_bound_to(baselines: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path\n"
        "os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "from searcher.models.sessions import open_session\n"
        "options = open_session(Path(sys.argv[1]), False).get_session_options()\n"
        "print(options.intra_op_num_threads)"
    )
    model = next(iter(baselines.glob("*.onnx")))
    command = [sys.executable, "-c", program, str(model)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "1\n"
