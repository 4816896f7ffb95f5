"""The maximum size of one uploaded file: models that visitors bring may exceed pictures."""

import os
from collections.abc import Callable
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from searcher.config.settings import Settings
from searcher.errors import BadImage
from searcher.images.sources import printable

MB = 2**20
# First bytes of the files of models. Of a ModelProto (onnx.proto): the tags of its fields 1,
# ir_version, to 7, graph.
BEGINNINGS = {
    ".onnx": b"\x08\x12\x1a\x22\x28\x32\x3a",
    ".npy": b"\x93",
    ".npz": b"P",
    ".parquet": b"P",
}
SHOWN_LETTERS = 120  # of a file's name


@dataclass(frozen=True)
class FileLimits:
    """Megabytes that one file may have.

    Attributes:
        picture_mb: For all files but networks.
        network_mb: For networks; None where visitors bring none.
    """

    picture_mb: int
    network_mb: int | None

    @classmethod
    def of(cls, settings: Settings) -> "FileLimits":
        """Return the limits of an app: visitors of a read-only one bring no networks."""
        return cls(settings.max_upload_mb, None if settings.read_only else settings.max_model_mb)

    @property
    def largest_mb(self) -> int:
        """The limit of any file."""
        return max(self.picture_mb, self.network_mb or 0)

    def limit_mb(self, name: str, beginning: bytes) -> int:
        """Return the limit of a file with this name and at least one byte of its content."""
        beginnings = BEGINNINGS.get(os.path.splitext(name.lower())[1], b"")
        is_network = beginning[:1] in beginnings
        return self.picture_mb if self.network_mb is None or not is_network else self.network_mb


class MeasuredForm:
    """Measures the files of a multipart form while it arrives; stores nothing of them.

    Gradio has one limit for all files, and tells their names only at the end.
    """

    def __init__(self, boundary: bytes, limits: FileLimits) -> None:
        self._limits = limits
        self._field = self._value = b""
        self._name: str | None = None
        self._size = 0
        self._limit_mb: int | None = None
        callbacks: dict[str, Callable[..., None]] = {
            "on_part_begin": self._begin,
            "on_header_field": self._add_field,
            "on_header_value": self._add_value,
            "on_header_end": self._end_header,
            "on_part_data": self._measure,
        }
        self._parser = MultipartParser(boundary, callbacks)  # type: ignore[arg-type]

    def write(self, chunk: bytes) -> None:
        """Read the next part of the body.

        Raises:
            BadImage: A file is too large.
            ValueError: The body is no multipart form.
        """
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise ValueError(str(error)) from error

    def _begin(self) -> None:
        self._field = self._value = b""
        self._name = self._limit_mb = None
        self._size = 0

    def _add_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        if self._field.lower() == b"content-disposition":
            name = parse_options_header(self._value)[1].get(b"filename")
            self._name = None if name is None else name.decode("utf-8", "replace")
        self._field = self._value = b""

    def _measure(self, data: bytes, start: int, end: int) -> None:
        if self._name is None or start == end:
            return
        if self._limit_mb is None:
            self._limit_mb = self._limits.limit_mb(self._name, data[start : start + 1])
        self._size += end - start
        if self._size > self._limit_mb * MB:
            name = printable(self._name)[:SHOWN_LETTERS]
            raise BadImage("upload.too_large", name=name, mb=self._limit_mb)
