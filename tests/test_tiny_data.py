"""What the training of `tiny` keeps on disk, so that nothing is decoded or embedded twice."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from searcher.embedding import Embedder
from searcher.images import model_input, open_picture
from tests.pictures import folder, save
from tests.servers import ROOT, wait_for
from tools.pictures import labelled_sources
from tools.tiny.data import CHUNK, PROGRESS, fingerprint, prepare

# The program up to the training itself, which needs no PyTorch.
PREPARE = """
import sys
from pathlib import Path
from searcher.embedding import Embedder
from tools.pictures import labelled_sources
from tools.tiny.data import fingerprint, prepare
folder, teacher, cache = map(Path, sys.argv[1:])
sources, embedder = labelled_sources(folder), Embedder(teacher)
prepare(sources, fingerprint(folder, sources, embedder, 32), embedder, 32, cache)
"""


def test_a_killed_preparation_goes_on_where_it_was(tmp_path: Path, baselines: Path) -> None:
    pictures, cache, teacher = tmp_path / "in", tmp_path / "cache", baselines / "shape.onnx"
    paths = folder(pictures, {"a": CHUNK + 1, "b": 2 * CHUNK - 1})
    arguments = [str(pictures), str(teacher), str(cache)]
    with subprocess.Popen([sys.executable, "-c", PREPARE, *arguments], cwd=ROOT) as process:
        wait_for((cache / PROGRESS).exists, what="the first chunk")
        process.kill()
    # Whoever reads the first chunk's pictures again finds nothing: same size and date, all zeros.
    garbled = [p for p in sorted(paths) if p.parent.name == "a"][: CHUNK // 2]
    for path in garbled:
        status = path.stat()
        path.write_bytes(bytes(status.st_size))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    sources, embedder = labelled_sources(pictures), Embedder(teacher)
    key = fingerprint(pictures, sources, embedder, 32)
    data = prepare(sources, key, embedder, 32, cache)
    assert len(data.rows) == 3 * CHUNK
    assert data.kinds == ["a", "b"]
    assert data.labels.tolist() == [0] * (CHUNK + 1) + [1] * (2 * CHUNK - 1)
    last = open_picture(sources[-1][0].read())
    assert (data.pictures[-1] == model_input(last, 32, 32)).all()
    assert data.vectors[-1] == pytest.approx(embedder.embed_picture(last), abs=1e-3)
    # Other pictures are another training set, and begin anew.
    save(pictures / "b" / "new.jpg", 5000)
    sources = labelled_sources(pictures)
    assert fingerprint(pictures, sources, embedder, 32) != key
