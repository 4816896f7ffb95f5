"""Decode a picture and write its files, in a thread or in another process.

Imports no store, so that processes that decode start quickly.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from searcher.files import write_part
from searcher.images.picture_forms import Form, Rendered, render
from searcher.stores.record import Values, sidecar_bytes


class Files(NamedTuple):
    """Where to write what of a picture while it is decoded.

    Attributes:
        thumbnail: The path for the thumbnail; None where there is one.
        sidecar: The path for the sidecar; None where the library has a record of the picture.
        values: The sidecar's, but for those that the pixels tell; None without a sidecar.
    """

    thumbnail: Path | None = None
    sidecar: Path | None = None
    values: Values | None = None


Render = Callable[[bytes, str, Collection[Form], Files], Rendered]


def render_files(data: bytes, name: str, forms: Collection[Form], files: Files) -> Rendered:
    """Decode a file once, and write its thumbnail and sidecar.

    Args:
        data: Its bytes.
        name: What error messages call it.
        forms: The model inputs to make.
        files: What to write.

    Returns:
        What was decoded, without the thumbnail.

    Raises:
        BadImage: The bytes are not a picture that can be opened safely.
        DiskFull, CannotWrite: A file can't be written.
    """
    rendered = render(data, name, forms, files.thumbnail is not None)
    if files.thumbnail and rendered.thumbnail is not None:
        write_part(files.thumbnail, rendered.thumbnail)
    if files.sidecar and files.values:
        size = {"width": rendered.width, "height": rendered.height}
        values = files.values | size | {"fingerprint": rendered.fingerprint}
        write_part(files.sidecar, sidecar_bytes(values))
    return replace(rendered, thumbnail=None)
