"""Verdicts on the baselines, made once for all tests of a run and for the processes they fork.

Otherwise each library in a folder of its own would check both files again, in two processes that
take 0.6 s each. Tests marked `real_processes`, and processes that are not forked, check them.
"""

import hashlib
import importlib
import os
from pathlib import Path

from searcher.models.text_format import TEXT, is_text_file
from searcher.models.verdicts import Limits, Verdict, Verdicts
from tests import forks

USUAL = Limits()


class SharedVerdicts(Verdicts):
    """Verdicts that on some files are the whole run's."""

    def __init__(self, folder: Path | None, limits: Limits = USUAL) -> None:
        super().__init__(folder, limits)
        address = os.environ.get(forks.ADDRESS) if limits == USUAL else None
        self._run = Path(address).with_name("verdicts") if address else None

    def _stored(self, key: str) -> Verdict | None:
        return super()._stored(key) or Verdicts(self._run)._stored(key)

    def _store(self, key: str, verdict: Verdict) -> None:
        super()._store(key, verdict)
        if self._run and (self._run / key).exists():
            Verdicts(self._run)._store(key, verdict)


def share(models: Path) -> None:
    """From now on share the verdicts on the files of a folder."""
    address = os.environ.get(forks.ADDRESS)
    if address is None:
        return
    folder = Path(address).with_name("verdicts")
    folder.mkdir(exist_ok=True)
    for path in models.glob("*.onnx"):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        (folder / (digest + (TEXT if is_text_file(path) else ""))).touch()


def use() -> None:
    """Make the registries of this process and of its forks share verdicts."""
    registry = importlib.import_module("searcher.models.registry")
    vars(registry)["Verdicts"] = SharedVerdicts
