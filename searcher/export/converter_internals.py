"""All that export uses of Keras' and tf2onnx's private interfaces (Keras 3.15, tf2onnx 1.17)."""

import re
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

# How lines of TensorFlow's C++ code begin that are no errors, whatever TF_CPP_MIN_LOG_LEVEL says:
# those from before it has read it, and what continues them.
CHATTER = re.compile(
    r"[IW]\d{4} |WARNING: All log messages before absl|To enable the following instructions"
)


def without_chatter(text: str) -> str:
    """Return what a conversion printed without TensorFlow's remarks about the machine."""
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if not CHATTER.match(line))


def report_downloads(report: Callable[[int], None]) -> None:
    """Let Keras tell how much of a file it has, where it would draw a progress bar.

    Args:
        report: Called with each new per cent, 0 to 100.
    """
    from keras.src.utils import file_utils

    def retrieve(url: str, filename: str, *_: object) -> object:
        shown = -1

        def hook(blocks: int, size: int, total: int) -> None:
            nonlocal shown
            percent = min(100, blocks * size * 100 // total) if total > 0 else 0
            if percent > shown:
                shown = percent
                report(percent)

        return urllib.request.urlretrieve(url, filename, hook)

    file_utils.urlretrieve = retrieve


def convert(saved_model: Path, target: Path, opset: int, output: str) -> None:
    """Call tf2onnx's command line in this process: another one would load TensorFlow again.

    Its functions need a frozen graph, and the one for Keras models knows Keras 2 only.

    Args:
        saved_model: Folder of a SavedModel with one output.
        target: Where the ONNX file is written.
        opset: The version of ONNX's operators.
        output: What the output is named in the file.

    Raises:
        Exception: whatever tf2onnx raises; its message has gone to stderr.
    """
    from tf2onnx import convert as tf2onnx

    arguments = ["--saved-model", str(saved_model), "--output", str(target)]
    arguments += ["--opset", str(opset), "--rename-outputs", output]
    former, sys.argv = sys.argv, ["tf2onnx", *arguments]
    try:
        tf2onnx.main()
    finally:
        sys.argv = former
