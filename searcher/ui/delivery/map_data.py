"""What the maps show, sent apart from the page's answers: megabytes at 50,000 pictures."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

MAX_BYTES = 64 * 2**20  # of documents in memory, each up to 5 MB
KEEP = "private, max-age=86400, immutable"  # named by what is in it; only members may see it
Progress = Callable[[], float | None]


@dataclass(frozen=True)
class _Document:
    key: str
    data: bytes
    progress: Progress


class MapData:
    """The latest documents, by a key that nobody can guess. Thread-safe."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, _Document] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, state: Hashable, make: Callable[[], bytes], progress: Progress) -> str:
        """Keep a document, and return the key under which it is sent.

        Args:
            state: Equal for equal documents, so that they are made once.
            make: Makes the document.
            progress: Returns the share that is done of better maps; None when nothing is made.
        """
        with self._lock:
            kept = self._kept.get(state)
        if kept is None:
            data = make()
            key = hashlib.blake2b(data, digest_size=16).hexdigest()
            kept = _Document(key, data, progress)
        with self._lock:
            self._kept[state] = kept
            self._kept.move_to_end(state)
            while sum(len(document.data) for document in self._kept.values()) > MAX_BYTES:
                self._kept.popitem(last=False)
        return kept.key

    def _find(self, request: Request) -> _Document | None:
        key = request.path_params["key"]
        with self._lock:
            return next((kept for kept in self._kept.values() if kept.key == key), None)

    async def answer(self, request: Request) -> Response:
        """Answer a request for /twinlens/maps/KEY.json."""
        kept = self._find(request)
        if kept is None:
            return Response(status_code=404)
        headers = {"ETag": f'"{kept.key}"', "Cache-Control": KEEP}
        return Response(kept.data, media_type="application/json", headers=headers)

    async def answer_progress(self, request: Request) -> Response:
        """Answer a request for /twinlens/maps/KEY/progress: {"share"}, null when all is made."""
        kept = self._find(request)
        if kept is None:
            return Response(status_code=404)
        return JSONResponse({"share": kept.progress()}, headers={"Cache-Control": "no-store"})


def add_routes(app: Any, data: MapData) -> None:
    """Add the routes of the maps' documents to Gradio's web app, whose middleware applies."""
    app.router.routes[:0] = [
        Route("/twinlens/maps/{key}.json", data.answer),
        Route("/twinlens/maps/{key}/progress", data.answer_progress),
    ]
