"""Whether a model file can be used: found out once for each content, in a process of its own."""

import contextlib
import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import onnxruntime

from searcher.config.folders import ROOT
from searcher.errors import BrokenModel, CannotWrite, DiskFull
from searcher.files import write_whole
from searcher.messages.message import Message, message
from searcher.models.check_process import NO_MEMORY

MB = 2**20
MAX_BYTES = 2**31  # of a file, from protobuf
AT_ONCE = 2  # checks


@dataclass(frozen=True)
class Limits:
    """What the check of a file may take: a base, and more for each byte or megabyte of the file.

    Loading makes two to four copies of the weights; the rest is for the intermediate results.
    `seconds` are of processor time, so that a busy machine breaks no model; a check that does
    nothing ends after `idle_factor` times as many.
    """

    base_mb: int = 1024
    factor: int = 6
    seconds: int = 60
    megabytes_a_second: int = 5
    idle_factor: int = 3

    def data_mb(self, size: int) -> int:
        """Megabytes of memory for a file of `size` bytes."""
        return self.base_mb + self.factor * size // MB

    def cpu_seconds(self, size: int) -> int:
        """Seconds of processor time for a file of `size` bytes."""
        return self.seconds + size // MB // self.megabytes_a_second


@dataclass(frozen=True)
class Verdict:
    """What a file is, or the `reason` why it can't be used, which lacks the file's name."""

    reason: Message | None = None
    dim: int = 0
    height: int = 0
    width: int = 0
    metadata: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> "Verdict":
        """Read what `check_process` prints, or what was kept. Raises ValueError, TypeError.

        Earlier versions kept "" for no reason, and a sentence for one: such a file is checked anew.
        """
        reason = document.pop("reason", None) or None
        return cls(reason=reason and Message.from_document(reason), **document)

    def document(self) -> dict[str, Any]:
        """The verdict as JSON can hold it."""
        return asdict(self) | {"reason": self.reason and self.reason.document()}


class Verdicts:
    """The verdicts on model files, kept by their content. Safe to use from several threads."""

    def __init__(self, folder: Path | None, limits: Limits = Limits()) -> None:
        """Keep a file for each verdict in `folder`, which all processes share; None keeps none."""
        self._folder = folder
        self._limits = limits
        self._slots = threading.BoundedSemaphore(AT_ONCE)

    def judge(self, path: Path) -> tuple[str, Verdict]:
        """Return a file's SHA-256 and its verdict, after checking it where there is none yet.

        Raises BrokenModel where it can't be used, and OSError where it can't be read.
        """
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise BrokenModel("file.not_regular", name=path.name)
        if status.st_size > MAX_BYTES:
            raise BrokenModel("file.too_large", name=path.name, mb=MAX_BYTES // MB)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        verdict = self._kept(digest)
        if verdict is None:
            with self._slots:
                verdict, lasting = self._check(path, status.st_size)
            if lasting:
                self._keep(digest, verdict)
        if verdict.reason:
            raise BrokenModel.of(verdict.reason.with_params(name=path.name))
        return digest, verdict

    def _check(self, path: Path, size: int) -> tuple[Verdict, bool]:
        """Return the verdict, and whether the next check would come to the same."""
        limits = self._limits
        memory, seconds = limits.data_mb(size), limits.cpu_seconds(size)
        command = [sys.executable, "-m", "searcher.models.check_process", str(path.absolute())]
        command += [str(memory * MB), str(seconds)]
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
            start_new_session=True,
        ) as child:
            output, late = "", False
            try:
                output, _ = child.communicate(timeout=seconds * limits.idle_factor)
            except subprocess.TimeoutExpired:
                late = True
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
        status = -signal.SIGXCPU if late else child.returncode
        with contextlib.suppress(ValueError, TypeError):
            return Verdict.from_document(json.loads(output)), True
        # The system ends processes where memory is short, and status 1 is an error of our own.
        lasting = status not in (-signal.SIGKILL, 1)
        return Verdict(_failure(status, memory, seconds)), lasting

    def _place(self, digest: str) -> Path | None:
        return self._folder / f"{digest}.json" if self._folder else None

    def _kept(self, digest: str) -> Verdict | None:
        """The verdict of an earlier check by the same onnxruntime; None where it is damaged."""
        place = self._place(digest)
        try:
            document = json.loads(place.read_bytes()) if place else {}
            if document.pop("onnxruntime", "") != onnxruntime.__version__:
                return None
            verdict = Verdict.from_document(document)
            sizes = verdict.dim, verdict.height, verdict.width
            entries = {str(key): str(value) for key, value in verdict.metadata.items()}
            sound = all(isinstance(n, int) and (n > 0 or verdict.reason) for n in sizes)
            sound &= entries == verdict.metadata
        except (OSError, ValueError, TypeError, AttributeError):
            return None
        return verdict if sound else None

    def _keep(self, digest: str, verdict: Verdict) -> None:
        place = self._place(digest)
        if place is None:
            return
        document = verdict.document() | {"onnxruntime": onnxruntime.__version__}
        with contextlib.suppress(DiskFull, CannotWrite):  # then it is checked again next time
            write_whole(place, json.dumps(document).encode())


def _failure(status: int, megabytes: int, seconds: int) -> Message:
    if status == NO_MEMORY:
        return message("model.memory", mb=megabytes)
    if status == -signal.SIGXCPU:
        return message("model.time", seconds=seconds)
    exit_status = message("model.exit_status", status=status)
    ending = signal.Signals(-status).name if status < 0 else exit_status
    return message("model.crash", ending=ending)
