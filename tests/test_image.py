"""docker/trim.sh deletes nothing that the app loads."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import ROOT

TRIM = ROOT / "docker" / "trim.sh"
# What is only imported when it is needed, beside what the Dockerfile imports.
LATER = "searcher.export.int8, searcher.datasets.parquet_rows, searcher.evaluation.maps, faiss"
# pyarrow does without these, of which one loads a library; the last is for setuptools.
OPTIONAL = re.compile(r"pyarrow/(_(azure|gcs|hd|s3)fs|libarrow_s3)\.|_distutils_hack/")
LIST = """
import sys
print(*(m.__file__ for m in list(sys.modules.values()) if getattr(m, "__file__", None)), sep="\\n")
maps = open("/proc/self/maps") if sys.platform == "linux" else ()
print(*{line.split()[-1] for line in maps if ".so" in line}, sep="\\n")
"""


def run(*command: str, **variables: str) -> str:
    env = {**os.environ, "INSTALL_MODELS": "", **variables}
    process = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    return process.stdout


@pytest.mark.slow
def test_nothing_that_the_app_loads_is_deleted(tmp_path: Path) -> None:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    match = re.search(r'python -c "(import [^"]+)"', text)
    assert match
    loaded = run(sys.executable, "-c", f"{match[1]}, {LATER}{LIST}").splitlines()
    packages = Path(pytest.__file__).parents[1]
    files = {Path(path).relative_to(packages) for path in loaded if path.startswith(f"{packages}/")}
    assert len(files) > 1000
    site = tmp_path / "lib" / "python3" / "site-packages"
    for file in [*files, Path("pandas/tests/x.py"), Path("babel/locale-data/de.dat")]:
        (site / file).parent.mkdir(parents=True, exist_ok=True)
        (site / file).touch()
    for name in ("gradio/templates/frontend/assets", "pygments/lexers"):
        (site / name).mkdir(parents=True, exist_ok=True)
    strip = tmp_path / "strip"  # would refuse empty files
    strip.write_text("#!/bin/sh\n")
    strip.chmod(0o755)
    run("sh", str(TRIM), str(site), PATH=f"{tmp_path}:{os.environ['PATH']}")
    deleted = [str(file) for file in files if not (site / file).exists()]
    assert [file for file in deleted if not OPTIONAL.match(file)] == []
    remaining = [path.name for path in site.rglob("*")]
    assert not {"tests", "de.dat"} & set(remaining)
