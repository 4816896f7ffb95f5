"""Whether a model file can be used: checked once for each content, in a separate process."""

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
from importlib.metadata import version
from pathlib import Path
from typing import Any

import onnxruntime

from searcher.config.folders import ROOT
from searcher.errors import BrokenModel, CannotWrite, DiskFull
from searcher.files import write_whole
from searcher.messages.message import Message, message
from searcher.models.check_process import NO_MEMORY
from searcher.models.model_files import VECTORS, is_vector_file
from searcher.models.text_format import TEXT, is_text_file

MB = 2**20
MAX_BYTES = 2**31  # of a file, from protobuf
MAX_CHECKS = 2  # at the same time


@dataclass(frozen=True)
class Limits:
    """Limits of memory and time for the check of a file: a base, and more for larger files.

    Loading makes two to four copies of the weights; the rest is for the intermediate results.
    `seconds` are of processor time, so that no check fails because the machine is busy; a check
    that makes no progress ends after `idle_factor` times as many seconds.
    """

    base_mb: int = 1024
    factor: int = 6
    seconds: int = 60
    megabytes_a_second: int = 5
    idle_factor: int = 3

    def data_mb(self, size: int) -> int:
        """Return the limit of memory in MiB for a file of `size` bytes."""
        return self.base_mb + self.factor * size // MB

    def cpu_seconds(self, size: int) -> int:
        """Return the limit of processor time in seconds for a file of `size` bytes."""
        return self.seconds + size // MB // self.megabytes_a_second


@dataclass(frozen=True)
class Verdict:
    """A file's sizes and metadata, or the `reason` why it can't be used, without its name.

    Text files and files of vectors have no `height` and no `width`.
    """

    reason: Message | None = None
    dim: int = 0
    height: int = 0
    width: int = 0
    metadata: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> "Verdict":
        """Read the output of `check_process`, or a stored verdict. Raises ValueError, TypeError.

        Earlier versions stored "" for no reason, and a sentence for a reason; such a file is
        checked again.
        """
        reason = document.pop("reason", None) or None
        return cls(reason=reason and Message.from_document(reason), **document)

    def document(self) -> dict[str, Any]:
        """Return the verdict as values that JSON can hold."""
        return asdict(self) | {"reason": self.reason and self.reason.document()}


class Verdicts:
    """The verdicts on model files, stored by content. Safe to use from several threads."""

    def __init__(self, folder: Path | None, limits: Limits = Limits()) -> None:
        """Store each verdict as a file in `folder`, which all processes share; None stores none."""
        self._folder = folder
        self._limits = limits
        self._slots = threading.BoundedSemaphore(MAX_CHECKS)

    def judge(self, path: Path) -> tuple[str, Verdict]:
        """Return a file's SHA-256 in hex and its verdict; check the file if there is none yet.

        Raises:
            BrokenModel: The file can't be used.
            OSError: The file can't be read.
        """
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise BrokenModel("file.not_regular", name=path.name)
        if status.st_size > MAX_BYTES and not is_vector_file(path):
            raise BrokenModel("file.too_large", name=path.name, mb=MAX_BYTES // MB)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        key = digest + (TEXT if is_text_file(path) else VECTORS if is_vector_file(path) else "")
        verdict = self._stored(key)
        if verdict is None:
            with self._slots:
                verdict, is_final = self._check(path, status.st_size)
            if is_final:
                self._store(key, verdict)
        if verdict.reason:
            raise BrokenModel.of(verdict.reason.with_params(name=path.name))
        return digest, verdict

    def _check(self, path: Path, size: int) -> tuple[Verdict, bool]:
        """Return the verdict, and whether another check would give the same."""
        limits = self._limits
        # Files of vectors are read by small parts.
        memory = limits.data_mb(0 if is_vector_file(path) else size)
        seconds = limits.cpu_seconds(size)
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
            output, is_late = "", False
            try:
                output, _ = child.communicate(timeout=seconds * limits.idle_factor)
            except subprocess.TimeoutExpired:
                is_late = True
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
        status = -signal.SIGXCPU if is_late else child.returncode
        with contextlib.suppress(ValueError, TypeError):
            return Verdict.from_document(json.loads(output)), True
        # The system kills processes when memory is short, and status 1 is a bug of this program.
        is_final = status not in (-signal.SIGKILL, 1)
        return Verdict(_failure(status, memory, seconds)), is_final

    def _path(self, key: str) -> Path | None:
        return self._folder / f"{key}.json" if self._folder else None

    def _stored(self, key: str) -> Verdict | None:
        """Return the verdict of an earlier check by the same libraries; None without one."""
        path = self._path(key)
        try:
            document = json.loads(path.read_bytes()) if path else {}
            libraries = _libraries(key)
            if {name: document.pop(name, "") for name in libraries} != libraries:
                return None
            verdict = Verdict.from_document(document)
            sizes = [verdict.dim]
            has_sides = not key.endswith((TEXT, VECTORS))
            sizes += [verdict.height, verdict.width] if has_sides else []
            entries = {str(key): str(value) for key, value in verdict.metadata.items()}
            is_valid = all(isinstance(n, int) and (n > 0 or verdict.reason) for n in sizes)
            is_valid &= entries == verdict.metadata
        except (OSError, ValueError, TypeError, AttributeError):
            return None
        return verdict if is_valid else None

    def _store(self, key: str, verdict: Verdict) -> None:
        path = self._path(key)
        if path is None:
            return
        document = verdict.document() | _libraries(key)
        with contextlib.suppress(DiskFull, CannotWrite):  # the file is checked again next time
            write_whole(path, json.dumps(document).encode())


def _libraries(key: str) -> dict[str, str]:
    """Return the versions of the libraries that a verdict depends on."""
    if key.endswith(VECTORS):
        return {"pyarrow": version("pyarrow")}
    versions = {"onnxruntime": onnxruntime.__version__}
    return versions | ({"tokenizers": version("tokenizers")} if key.endswith(TEXT) else {})


def _failure(status: int, megabytes: int, seconds: int) -> Message:
    if status == NO_MEMORY:
        return message("model.memory", mb=megabytes)
    if status == -signal.SIGXCPU:
        return message("model.time", seconds=seconds)
    exit_status = message("model.exit_status", status=status)
    ending = signal.Signals(-status).name if status < 0 else exit_status
    return message("model.crash", ending=ending)
