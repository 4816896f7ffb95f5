"""Verdicts on the baselines, made once for all tests of a run and for the processes they fork.

Otherwise each library in a folder of its own would check both files again, in two processes that
take 0.6 s each. Tests marked `real_processes`, and processes that are not forked, check them.
"""

import hashlib
import importlib
import os
from pathlib import Path

from searcher.models.verdicts import Limits, Verdict, Verdicts
from tests import forks

USUAL = Limits()


class SharedVerdicts(Verdicts):
    """Verdicts that on some files are the whole run's."""

    def __init__(self, folder: Path | None, limits: Limits = USUAL) -> None:
        super().__init__(folder, limits)
        address = os.environ.get(forks.ADDRESS) if limits == USUAL else None
        self._run = Path(address).with_name("verdicts") if address else None

    def _stored(self, digest: str) -> Verdict | None:
        return super()._stored(digest) or Verdicts(self._run)._stored(digest)

    def _store(self, digest: str, verdict: Verdict) -> None:
        super()._store(digest, verdict)
        if self._run and (self._run / digest).exists():
            Verdicts(self._run)._store(digest, verdict)


def share(models: Path) -> None:
    """From now on share the verdicts on the files of a folder."""
    address = os.environ.get(forks.ADDRESS)
    if address is None:
        return
    folder = Path(address).with_name("verdicts")
    folder.mkdir(exist_ok=True)
    for path in models.glob("*.onnx"):
        (folder / hashlib.sha256(path.read_bytes()).hexdigest()).touch()


def use() -> None:
    """Make the registries of this process and of its forks share verdicts."""
    registry = importlib.import_module("searcher.models.registry")
    vars(registry)["Verdicts"] = SharedVerdicts
