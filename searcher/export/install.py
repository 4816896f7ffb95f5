"""Make a model file of a network of the catalogue in a child process that reports its progress."""

import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from searcher.config.folders import ROOT
from searcher.errors import ExportFailed, InstallCancelled, Locked, NotFound, WeightsUnavailable
from searcher.export.chatter import without_chatter
from searcher.export.scratch import scratch_folder
from searcher.messages.message import Message, message
from searcher.messages.system import os_reason
from searcher.models.catalog import BASELINES, CATALOGUE
from searcher.models.networks import (
    ExternalNetwork,
    HubNetwork,
    KerasNetwork,
    Network,
    WordsNetwork,
)

log = logging.getLogger(__name__)

DOWNLOAD_FAILED = "install.download_failed"
READ, GUESSED = "read", "guessed"  # states of lines about an external network
LOCK_LIMIT_S = 3600.0  # another process may be downloading the same weights

Report = Callable[[Message], None]


def install(name: str, weights: str, folder: Path, report: Report, tensor: str = "") -> Path:
    """Write `folder`/NAME.onnx, verified, and return its path: see Installation."""
    return Installation(name, weights, folder, tensor).run(report)


class Installation:
    """The installation of one network in a models folder; any thread may call `cancel`."""

    def __init__(
        self, network: Network | str, weights: str, folder: Path, tensor: str = ""
    ) -> None:
        """Check the arguments.

        Args:
            network: The network, or its name in the catalogue.
            weights: "imagenet", or for one of Keras "random" or the path of an .h5 file.
            folder: The models folder.
            tensor: One of the network's `outputs`; "" for the first.

        Raises:
            NotFound: There is no such name, file or output.
            ExportFailed: The network comes with its own weights.
        """
        if isinstance(network, str):
            if network not in CATALOGUE:
                names = ", ".join(sorted(CATALOGUE))
                raise NotFound("install.unknown_choice", name=network, names=names)
            network = CATALOGUE[network]
        if weights not in ("imagenet", "random") and not Path(weights).is_file():
            raise NotFound("install.no_weights_file", name=weights)
        if tensor and tensor not in network.outputs:
            if not network.outputs:
                raise NotFound("install.no_choice", title=network.title)
            raise NotFound(
                "install.no_output",
                title=network.title,
                tensor=tensor,
                outputs=network.outputs,
            )
        if not isinstance(network, KerasNetwork) and weights != "imagenet":
            raise ExportFailed("install.own_weights", title=network.title)
        self.name = network.name
        self.title = network.title
        self._network = network
        self._weights = weights
        self._tensor = tensor
        self._folder = folder
        self._output = folder / f"{network.name}.onnx"
        # What the process reports of an external network: what was read, and what was guessed.
        self.findings: dict[str, list[Message]] = {READ: [], GUESSED: []}
        self._child: subprocess.Popen[str] | None = None
        self._cancelled = False
        self._starting = threading.Lock()

    def run(self, report: Report) -> Path:
        """Install the network. After an error an existing model file is unchanged.

        Args:
            report: Called with each stage.

        Returns:
            The path of the model file.

        Raises:
            WeightsUnavailable: The weights cannot be downloaded.
            InstallCancelled: `cancel` was called.
            ExportFailed: Anything else went wrong.
        """
        start = time.time_ns()
        with ExitStack() as stack:
            try:
                scratch = stack.enter_context(
                    scratch_folder(self._output, LOCK_LIMIT_S, self._raise_if_cancelled)
                )
            except Locked as error:
                raise ExportFailed.of(error.message) from error
            except OSError as error:
                raise ExportFailed("install.models_folder", reason=os_reason(error)) from error
            if self._output.exists() and self._output.stat().st_mtime_ns > start:
                return self._output  # another process installed it during the wait for the lock
            with tempfile.TemporaryFile("w+") as messages:
                self._run_child(report, messages, scratch)
        return self._output

    def cancel(self) -> None:
        """Stop the installation."""
        with self._starting:
            self._cancelled = True
            if self._child is not None:
                self._child.terminate()

    def _run_child(self, report: Report, messages: IO[str], scratch: Path) -> None:
        failure: Message | None = None
        with self._start(messages, scratch) as child:
            for line in child.stdout or ():
                if line.startswith("{"):  # Keras prints lines of its own
                    document = json.loads(line)
                    stage = Message.from_document(document["message"])
                    if document["state"] == "failed":
                        failure = stage
                    elif document["state"] in self.findings:
                        self.findings[document["state"]].append(stage)
                    else:
                        report(stage)
        if child.returncode == 0:
            return
        self._raise_if_cancelled()
        messages.seek(0)
        log.warning("export of %s failed:\n%s", self.name, without_chatter(messages.read())[-4000:])
        if failure is None:
            raise ExportFailed("install.failed", title=self.title)
        if failure.code == DOWNLOAD_FAILED:
            raise WeightsUnavailable.of(explain_failed_download([self.name]))
        raise ExportFailed.of(failure)

    def _raise_if_cancelled(self) -> None:
        if self._cancelled:
            raise InstallCancelled("install.cancelled", name=self.name)

    def _start(self, messages: IO[str], scratch: Path) -> "subprocess.Popen[str]":
        weights, variant, choices = self._weights, "", ""
        if isinstance(self._network, ExternalNetwork):
            weights, variant = self._network.reference, self._network.variant
            choices = self._network.choices
        command = [sys.executable, "-m", self._network.exporter, self.name, "--weights", weights]
        command += ["--tensor", self._tensor, "--variant", variant]
        command += ["--choices", choices, "--output", str(self._output)]
        if isinstance(self._network, HubNetwork) and self._network.anonymous:
            command.append("--anonymous")
        with self._starting:
            self._raise_if_cancelled()
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=messages,
                text=True,
                env=os.environ | {"TMPDIR": str(scratch)},
                cwd=ROOT,
            )
        return self._child


def make_baselines(folder: Path) -> None:
    """Write the missing baselines, which need no download.

    Args:
        folder: The models folder.

    Raises:
        OSError: The folder cannot be written.
    """
    if not all((folder / f"{name}.onnx").exists() for name in BASELINES):
        # Imported only if needed, because onnx takes time and memory.
        from searcher.export.baseline import install_baselines

        install_baselines(folder)


def make_text_file(folder: Path, network: WordsNetwork) -> None:
    """Write the missing text file of a model.

    Args:
        folder: The models folder, which has the model's file as it was installed.
        network: The model's network.

    Raises:
        OSError: The folder cannot be written.
    """
    from searcher.export.words_model import complete

    complete(folder / f"{network.name}.onnx", network)


def explain_failed_download(names: list[str]) -> Message:
    """Return a message about networks whose weights could not be downloaded, with two remedies."""
    export = "python -m searcher export"
    return message(
        "install.no_weights",
        n=len(names),
        titles=tuple(CATALOGUE[name].title for name in names),
        command=f"{export} {names[0]} --weights FILE.h5",
        again=f"{export} {' '.join(names)}",
    )
