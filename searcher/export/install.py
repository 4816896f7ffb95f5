"""Make a model file of a Keras network in a child process, and say how it goes."""

import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from searcher.errors import ExportFailed, WeightsUnavailable
from searcher.export.catalogue import BASELINES, CATALOGUE

log = logging.getLogger(__name__)

Report = Callable[[str], None]


def install(name: str, weights: str, folder: Path, report: Report) -> Path:
    """Write `folder`/NAME.onnx, verified, and return its path.

    `weights` is "imagenet", "random" or the path of an .h5 file; `report` gets a few words each
    time a new stage begins. Raises WeightsUnavailable where they can't be downloaded, ExportFailed
    for all else.
    """
    if name not in CATALOGUE:
        known = ", ".join(sorted(CATALOGUE))
        raise ExportFailed(f"{name} is not a network that can be installed; these are: {known}.")
    if weights not in ("imagenet", "random") and not Path(weights).is_file():
        raise ExportFailed(f"There is no weights file {weights}.")
    output = folder / f"{name}.onnx"
    command = [sys.executable, "-m", "searcher.export.keras", name]
    command += ["--weights", weights, "--output", str(output)]
    last = {"state": "failed", "kind": "", "detail": ""}
    with (
        tempfile.TemporaryFile("w+") as messages,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=messages,
            text=True,
            cwd=Path(__file__).parents[2],
        ) as child,
    ):
        for line in child.stdout or ():
            if line.startswith("{"):  # Keras prints its own progress between our lines
                last = json.loads(line)
                if last["state"] != "failed":
                    report(last["detail"])
        if child.wait() == 0:
            return output
        messages.seek(0)
        log.warning("export of %s failed:\n%s", name, messages.read()[-4000:])
    if last.get("kind") == WeightsUnavailable.__name__:
        raise WeightsUnavailable(explain_missing([name]))
    raise ExportFailed(
        last["detail"]
        if last["state"] == "failed" and last["detail"]
        else f"{CATALOGUE[name].title} could not be converted; the log says why."
    )


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
