"""Checks of the model files in a folder, one whenever a file is new or has changed.

A file has the name of its model, a text file that and `.text`, a file of vectors that and VECTORS.
"""

import os
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from searcher.errors import BrokenModel
from searcher.messages.message import Message, message
from searcher.messages.system import os_reason
from searcher.models.model_files import VECTORS
from searcher.models.text_format import TEXT, is_text_file
from searcher.models.verdicts import Verdict, Verdicts

CHECKING = "model.checking"  # the code of the reason while a check runs
REST_S = 3.0  # seconds without a change before a broken file is checked again


@dataclass(frozen=True)
class Stamp:
    """Changes whenever the file's content does."""

    modified_ns: int
    size: int
    inode: int


@dataclass(eq=False)
class Check:
    """The check of a file in one state.

    Attributes:
        name: The model's name.
        stamp: The file's state.
        reason: Why the file can't be used, or that the check is running.
        digest: The file's SHA-256 in hex; empty unless it can be used.
        verdict: The result of a check that found the file usable.
        began: When the check began, in seconds of the monotonic clock.
        done: Set when the check has ended.
    """

    name: str
    stamp: Stamp
    reason: Message
    digest: str = ""
    verdict: Verdict = field(default_factory=Verdict)
    began: float = field(default_factory=time.monotonic)
    done: threading.Event = field(default_factory=threading.Event)


class Checks:
    """The latest check of each model file. Safe to use from several threads."""

    def __init__(self, folder: Path, verdicts: Verdicts) -> None:
        # Seconds that callers wait for a check, from its beginning; None waits for its end.
        self.patience: float | None = None
        self._folder = folder
        self._verdicts = verdicts
        self._checks: dict[str, Check] = {}
        self._lock = threading.Lock()  # not held during a check

    def names(self) -> list[str]:
        """Return the names of all image files, working or not."""
        return [path.stem for path in self._files() if not is_text_file(path)]

    def vector_names(self) -> list[str]:
        """Return the names of the models that files of vectors belong to, working or not."""
        return [path.name.removesuffix(VECTORS) for path in self._files(VECTORS)]

    def text_names(self) -> list[str]:
        """Return the names of the models that text files belong to, whether there is one or not."""
        return [path.stem.removesuffix(TEXT) for path in self._files() if is_text_file(path)]

    def unused(self) -> list[Message]:
        """Return a message for each file that belongs to no model: those beside another's."""
        images = set(self.names())
        lone = sorted(set(self.text_names()) - images)
        second = sorted(images.intersection(self.vector_names()))
        return [
            *(
                message("model.lone_text", name=f"{name}{TEXT}.onnx", file=f"{name}.onnx")
                for name in lone
            ),
            *(
                message("model.second_file", name=f"{name}{VECTORS}", file=f"{name}.onnx")
                for name in second
            ),
        ]

    def begin(self, name: str) -> Check | None:
        """Return the check of the file's current state, started if needed; None without a file."""
        with self._lock:
            stamp = self.stamp(name)
            if stamp is None:
                self._checks.pop(name, None)
                return None
            check = self._checks.get(name)
            if check and (check.stamp == stamp or not check.done.is_set() or _grows(check, stamp)):
                return check
            checking = message("model.checking", name=self._path(name).name)
            self._checks[name] = check = Check(name, stamp, checking)
        threading.Thread(target=self._judge, args=(check,), name="check", daemon=True).start()
        return check

    def wait(self, check: Check) -> Check:
        """Wait for a check, but not longer than `patience`."""
        if self.patience is None:
            check.done.wait()
        else:
            check.done.wait(max(0.0, check.began + self.patience - time.monotonic()))
        return check

    def stamp(self, name: str) -> Stamp | None:
        """Return the state of a file; None where there is none."""
        try:
            status = self._path(name).stat()
        except OSError:
            return None
        return Stamp(status.st_mtime_ns, status.st_size, status.st_ino)

    def _path(self, name: str) -> Path:
        return self._folder / (name if name.endswith(VECTORS) else f"{name}.onnx")

    def _files(self, ending: str = ".onnx") -> list[Path]:
        try:  # listed for each search, for which Path.glob would take ten times as long
            names = os.listdir(self._folder)
        except OSError:
            return []
        return [self._folder / n for n in names if n.endswith(ending) and not n.startswith(".")]

    def _judge(self, check: Check) -> None:
        path = self._path(check.name)
        try:
            check.digest, check.verdict = self._verdicts.judge(path)
        except BrokenModel as error:
            check.reason = error.message
        except OSError as error:
            check.reason = message("file.unreadable", name=path.name, reason=os_reason(error))
        finally:
            check.done.set()


def _grows(check: Check, stamp: Stamp) -> bool:
    """Whether a broken file changed a moment ago: it may still be copied."""
    return not check.digest and abs(time.time() - stamp.modified_ns / 1e9) < REST_S
