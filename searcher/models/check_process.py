"""Load one model file within limits: `python -m searcher.models.check_process FILE`.

A file can take any amount of memory and time, or crash the process that loads it. So each is first
loaded here, in a process that verdicts.py starts and limits.
"""

import contextlib
import ctypes
import json
import mmap
import os
import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from searcher.messages.message import Message, message
from searcher.models.model_files import is_vector_file
from searcher.models.resource_limits import restrict
from searcher.models.text_format import is_text_file

if TYPE_CHECKING:
    from searcher.models.embedder import Embedder
    from searcher.models.text_embedder import TextEmbedder
    from searcher.models.vector_file import VectorFile

MAX_ENTRY = 2000  # characters of an entry of a file's metadata
NO_MEMORY = 3  # exit status
PR_SET_PDEATHSIG = 1  # from linux/prctl.h
# The field external_data of a tensor (13, onnx.proto) with a first entry whose key is "location".
EXTERNAL = re.compile(rb"\x6a[\x00-\xff]{1,3}\x0a\x08location\x12")
ENTRIES = ("title", "architecture", "weights", "licence", "format_version", "image_sha256")


def main(arguments: list[str]) -> int:
    """Print a JSON document: the `reason` why a file can't be used, or its sizes and metadata.

    Args:
        arguments: The file, the limit of memory in bytes, and that of processor time in seconds.

    Returns:
        The exit status: 0 with a document, NO_MEMORY where memory ran out.
    """
    path, data_bytes, seconds = Path(arguments[0]), int(arguments[1]), int(arguments[2])
    restrict(data_bytes, seconds)
    _end_with_parent()
    os.nice(5)  # searches go first
    if not is_vector_file(path) and _has_external_data(path):
        _refuse(message("model.external_weights"))
        return 0
    # Imported under the limits, so that they hold for these modules' memory and threads, too.
    from searcher.errors import BrokenModel

    try:
        network = _load(path)
    except MemoryError:
        return NO_MEMORY
    except BrokenModel as error:
        if _lacked_memory(error):
            return NO_MEMORY
        _refuse(error.message)
        return 0
    entries = {key: network.metadata.get(key, "")[:MAX_ENTRY] for key in ENTRIES}
    sizes = {side: getattr(network, side, 0) for side in ("height", "width")}
    print(json.dumps({"reason": None, "dim": network.dim, **sizes, "metadata": entries}))
    return 0


def _load(path: Path) -> "Embedder | TextEmbedder | VectorFile":
    if is_vector_file(path):
        import pyarrow as pa

        # The default one reserves more memory than the limit allows.
        pa.set_memory_pool(pa.system_memory_pool())
        from searcher.models.vector_file import VectorFile

        with VectorFile(path) as file:
            file.check()
            return file
    if is_text_file(path):
        from searcher.models.text_embedder import TextEmbedder

        return TextEmbedder(path, accelerated=False)
    from searcher.models.embedder import Embedder

    return Embedder(path, accelerated=False)


def _refuse(reason: Message) -> None:
    """Print why the file can't be used, without its name: the verdict belongs to the content."""
    params = {key: value for key, value in reason.params.items() if key != "name"}
    print(json.dumps({"reason": Message(reason.code, params).document()}))


def _end_with_parent() -> None:
    """End with the process that started this one."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _has_external_data(path: Path) -> bool:
    with path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            return False
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return EXTERNAL.search(data) is not None


def _lacked_memory(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, MemoryError) or re.search("bad_alloc|[Ff]ailed to alloc", str(error)):
            return True
        error = error.__cause__
    return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
