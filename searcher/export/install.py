"""Make a model file of a known network in a child process that says how far it is."""

import json
import logging
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from searcher.errors import ExportFailed, InstallCancelled, WeightsUnavailable
from searcher.export.catalogue import BASELINES, CATALOGUE
from searcher.locks import acquire

log = logging.getLogger(__name__)

Report = Callable[[str], None]


def install(name: str, weights: str, folder: Path, report: Report, tensor: str = "") -> Path:
    """Write `folder`/NAME.onnx, verified, and return its path; see Installation."""
    return Installation(name, weights, folder, tensor).run(report)


class Installation:
    """One network on its way into a models folder; `cancel` may be called from any thread."""

    def __init__(self, name: str, weights: str, folder: Path, tensor: str = "") -> None:
        """`weights` is "imagenet", "random" or the path of an .h5 file.

        `tensor` is one of the network's outputs, "" the best. Raises ExportFailed for what is not
        there.
        """
        if name not in CATALOGUE:
            known = ", ".join(sorted(CATALOGUE))
            raise ExportFailed(
                f"{name} is not a network that can be installed; these are: {known}."
            )
        if weights not in ("imagenet", "random") and not Path(weights).is_file():
            raise ExportFailed(f"There is no weights file {weights}.")
        network = CATALOGUE[name]
        if tensor and tensor not in network.outputs:
            choice = " or ".join(network.outputs) or "none"
            raise ExportFailed(
                f"{network.title} has no output {tensor} to choose; it has {choice}."
            )
        if network.outputs and weights != "imagenet":
            raise ExportFailed(f"{network.title} comes with its own weights, and takes no others.")
        self.name = name
        self._maker = network.maker
        self._weights = weights
        self._tensor = tensor
        self._folder = folder
        self._output = folder / f"{name}.onnx"
        self._child: subprocess.Popen[str] | None = None
        self._cancelled = False
        self._starting = threading.Lock()

    def run(self, report: Report) -> Path:
        """Do it, and return the file's path. `report` gets a few words whenever there is news.

        Raises WeightsUnavailable where they can't be downloaded, InstallCancelled after `cancel`,
        and ExportFailed for all else; the file is then what it was before.
        """
        asked = time.time_ns()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = acquire(self._folder / f".{self.name}.lock")
        except OSError as error:
            raise ExportFailed(f"The models folder can't be written ({error.strerror}).") from error
        with lock:
            if self._output.exists() and self._output.stat().st_mtime_ns > asked:
                return self._output  # another process was at it when this one was asked
            for left in self._folder.glob(f".{self.name}.onnx.*.part"):
                left.unlink()  # by a process that was killed
            with tempfile.TemporaryFile("w+") as messages:
                self._run_child(report, messages)
        return self._output

    def cancel(self) -> None:
        """Stop it."""
        with self._starting:
            self._cancelled = True
            if self._child is not None:
                self._child.terminate()

    def _run_child(self, report: Report, messages: IO[str]) -> None:
        last = {"state": "", "detail": ""}
        with self._start(messages) as child:
            for line in child.stdout or ():
                if line.startswith("{"):  # Keras prints its own progress between our lines
                    last = json.loads(line)
                    if last["state"] != "failed":
                        report(last["detail"])
        if child.returncode == 0:
            return
        if self._cancelled:
            raise InstallCancelled(f"The installation of {self.name} was cancelled.")
        messages.seek(0)
        log.warning("export of %s failed:\n%s", self.name, messages.read()[-4000:])
        if last.get("kind") == WeightsUnavailable.__name__:
            raise WeightsUnavailable(explain_missing([self.name]))
        title = CATALOGUE[self.name].title
        raise ExportFailed(
            last["detail"]
            if last["state"] == "failed"
            else f"{title} could not be converted; the log says why."
        )

    def _start(self, messages: IO[str]) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", self._maker, self.name, "--weights", self._weights]
        command += ["--tensor", self._tensor, "--output", str(self._output)]
        with self._starting:
            if self._cancelled:
                raise InstallCancelled(f"The installation of {self.name} was cancelled.")
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=messages,
                text=True,
                cwd=Path(__file__).parents[2],
            )
        return self._child


def make_baselines(folder: Path) -> None:
    """Write the models that need no download, where they are missing.

    Raises OSError where the folder can't be written.
    """
    if not all((folder / f"{name}.onnx").exists() for name in BASELINES):
        # onnx takes a while to import and memory to keep: only when there is something to make.
        from searcher.export.baseline import install_baselines

        install_baselines(folder)


def explain_missing(names: list[str]) -> str:
    """One sentence for networks whose weights could not be downloaded, with both remedies."""
    titles = " and ".join(CATALOGUE[name].title for name in names)
    one = len(names) == 1
    export = "python -m searcher export"
    return (
        f"{titles} {'is' if one else 'are'} not installed because the ImageNet weights could not "
        f"be downloaded: bring the file with `{export} {names[0]} --weights FILE.h5`, or point "
        f"KERAS_HOME at a folder whose models/ has {'it' if one else 'them'} and run "
        f"`{export} {' '.join(names)}`."
    )
