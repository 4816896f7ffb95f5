"""All uses of private interfaces of Keras and tf2onnx (Keras 3.15, tf2onnx 1.17)."""

import re
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

# The beginnings of TensorFlow's log lines that are no errors but precede its reading of
# TF_CPP_MIN_LOG_LEVEL, and of their continuation lines.
CHATTER = re.compile(
    r"[IW]\d{4} |WARNING: All log messages before absl|To enable the following instructions"
)


def without_chatter(text: str) -> str:
    """Return the output of a conversion without TensorFlow's log lines that are no errors."""
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if not CHATTER.match(line))


def report_downloads(report: Callable[[int], None]) -> None:
    """Replace the progress bar of Keras' downloads by a callback.

    Args:
        report: Called whenever the percentage rises, 0 to 100.
    """
    from keras.src.utils import file_utils

    def retrieve(url: str, filename: str, *_: object) -> object:
        latest = -1

        def hook(blocks: int, size: int, total: int) -> None:
            nonlocal latest
            percent = min(100, blocks * size * 100 // total) if total > 0 else 0
            if percent > latest:
                latest = percent
                report(percent)

        return urllib.request.urlretrieve(url, filename, hook)

    file_utils.urlretrieve = retrieve


def convert(saved_model: Path, target: Path, opset: int, output: str) -> None:
    """Call tf2onnx's command line in this process: another process would load TensorFlow again.

    Its Python functions need a frozen graph, and the one for Keras models supports Keras 2 only.

    Args:
        saved_model: Folder of a SavedModel with one output.
        target: Where the ONNX file is written.
        opset: The version of ONNX's operator set.
        output: The name of the output in the file.

    Raises:
        Exception: Anything that tf2onnx raises; its message is on stderr.
    """
    from tf2onnx import convert as tf2onnx

    arguments = ["--saved-model", str(saved_model), "--output", str(target)]
    arguments += ["--opset", str(opset), "--rename-outputs", output]
    original, sys.argv = sys.argv, ["tf2onnx", *arguments]
    try:
        tf2onnx.main()
    finally:
        sys.argv = original
