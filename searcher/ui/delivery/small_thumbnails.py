"""Thumbnails in the size that lists show them in: half of those on disk, a quarter of their bytes.

They are made from the thumbnails on disk when they are first asked for, so that indexing makes one
size only, and kept in memory up to a limit.
"""

from collections import OrderedDict
from pathlib import Path
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from searcher.errors import BadImage
from searcher.images.pictures import open_picture, reencode, thumbnail_name

SIDE = 320  # pixels on the long side
QUALITY = 80
KEPT_BYTES = 24 * 2**20  # some 2,000 thumbnails
# A picture's id is cut from its digest, so what is under an address never changes. Only members may
# see pictures, so no proxy may keep them.
KEEP = "private, max-age=31536000, immutable"


class SmallThumbnails:
    """Small thumbnails by picture id. Belongs to the event loop."""

    def __init__(self, folder: Path, kept_bytes: int = KEPT_BYTES) -> None:
        """Make them from a folder.

        Args:
            folder: The folder of the thumbnails on disk.
            kept_bytes: What is kept in memory at most; the least recently sent are dropped.
        """
        self._folder = folder
        self._limit = kept_bytes
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        self._bytes = 0

    async def get(self, picture_id: int) -> bytes | None:
        """Return a thumbnail as JPEG; None if there is none on disk (any more)."""
        path = self._folder / thumbnail_name(picture_id)
        if not path.is_file():
            self._bytes -= len(self._kept.pop(picture_id, b""))
            return None
        data = self._kept.get(picture_id)
        if data is None:
            try:
                data = await anyio.to_thread.run_sync(_make, path)
            except (BadImage, FileNotFoundError):
                return None
            self._bytes += len(data) - len(self._kept.pop(picture_id, b""))
            self._kept[picture_id] = data
        self._kept.move_to_end(picture_id)
        while self._bytes > self._limit:
            self._bytes -= len(self._kept.popitem(last=False)[1])
        return data

    async def answer(self, request: Request) -> Response:
        """Answer a request for /twinlens/thumbs/ID.jpg."""
        picture_id = request.path_params["picture_id"]
        tag = f'"{picture_id}-{SIDE}"'
        data = await self.get(picture_id)
        if data is None:
            return Response(status_code=404)
        headers = {"ETag": tag, "Cache-Control": KEEP}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(data, media_type="image/jpeg", headers=headers)


def add_route(app: Any, folder: Path) -> None:
    """Add the route of small thumbnails to Gradio's web app.

    Args:
        app: The web app; its middleware applies to the route too.
        folder: The folder of the thumbnails on disk.
    """
    route = Route("/twinlens/thumbs/{picture_id:int}.jpg", SmallThumbnails(folder).answer)
    app.router.routes.insert(0, route)


def _make(path: Path) -> bytes:
    return reencode(open_picture(path.read_bytes(), path.name), SIDE, QUALITY)
