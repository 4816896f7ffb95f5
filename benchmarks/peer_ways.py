"""How other programs index pictures, written anew from their descriptions; for benchmarks.peers.

Each takes a model file of this project in place of its own CLIP, so that only the way differs.
"""

import io
import json
import multiprocessing
import sqlite3
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from searcher.images.pictures import UInt8Array
from searcher.images.sources import Source
from searcher.models.embedder import Embedder

BATCH = 8  # rclip's default
LOOK_AHEAD = 2 * BATCH
PREVIEW, SMALL, QUALITY = 1440, 250, 80  # immich: sides of its two derived pictures
THUMBNAIL_JOBS, SEARCH_JOBS = 3, 2  # immich's default numbers of jobs at the same time


def cropped(image: Image.Image, side: int) -> UInt8Array:
    """Return uint8 [side, side, 3]: CLIP's bicubic resize of the short side, and centre crop."""
    factor = side / min(image.size)
    width, height = (round(length * factor) for length in image.size)
    resized = image.convert("RGB").resize((width, height), Image.Resampling.BICUBIC)
    left, top = (width - side) // 2, (height - side) // 2
    return np.asarray(resized.crop((left, top, left + side, top + side)))


def rclip(model: Path, sources: Sequence[Source], folder: Path) -> float:
    """Return pictures per second: threads decode ahead, batches of 8, rows of SQLite.

    Neither thumbnails nor a vector index: a search multiplies with all vectors.
    """
    embedder = Embedder(model)

    def read(source: Source) -> tuple[str, float, int, UInt8Array]:
        path = Path(source.path)
        state = path.stat()
        with Image.open(path) as image:
            return source.path, state.st_mtime, state.st_size, cropped(image, embedder.height)

    with closing(sqlite3.connect(folder / "rclip.sqlite3")) as database:
        database.execute(
            "CREATE TABLE images "
            "(path TEXT PRIMARY KEY, modified REAL, size INTEGER, vector BLOB, deleted INTEGER)"
        )
        start = time.perf_counter()
        with ThreadPoolExecutor() as pool:
            for batch in _batched(_ahead(pool, read, sources)):
                vectors = embedder.embed(np.stack([pixels for *_, pixels in batch]))
                rows = [
                    (path, modified, size, vector.tobytes(), 0)
                    for (path, modified, size, _), vector in zip(batch, vectors, strict=True)
                ]
                database.executemany("INSERT INTO images VALUES (?, ?, ?, ?, ?)", rows)
                database.commit()
        return len(sources) / (time.perf_counter() - start)


def _ahead(pool: ThreadPoolExecutor, read: Any, sources: Sequence[Source]) -> Iterator[Any]:
    pending: deque[Future[Any]] = deque()
    for source in sources:
        pending.append(pool.submit(read, source))
        if len(pending) > LOOK_AHEAD:
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()


def _batched(items: Iterator[Any]) -> Iterator[list[Any]]:
    batch = []
    for item in items:
        batch.append(item)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def immich(model: Path, sources: Sequence[Source], folder: Path) -> float:
    """Return pictures per second: jobs for each picture, which a service embeds over HTTP.

    One kind of job makes a preview and a thumbnail, another sends the preview to the service, one
    picture a request, and stores the vector. SQLite takes the place of PostgreSQL, and Pillow that
    of libvips.
    """
    with (
        _service(model) as port,
        closing(sqlite3.connect(folder / "immich.sqlite3", check_same_thread=False)) as database,
        ThreadPoolExecutor(THUMBNAIL_JOBS) as thumbnails,
        ThreadPoolExecutor(SEARCH_JOBS) as searches,
    ):
        database.execute("CREATE TABLE smart_search (path TEXT PRIMARY KEY, embedding TEXT)")
        rows: list[Future[tuple[str, str]]] = []
        start = time.perf_counter()
        made = thumbnails.map(lambda s: _derive(s, folder), sources)
        for source, preview in zip(sources, made, strict=True):
            rows.append(searches.submit(_ask, port, source.path, preview))
        for row in rows:
            database.execute("INSERT INTO smart_search VALUES (?, ?)", row.result())
            database.commit()
        return len(sources) / (time.perf_counter() - start)


def _derive(source: Source, folder: Path) -> Path:
    name = Path(source.path).stem
    preview = folder / f"{name}-preview.jpeg"
    with Image.open(source.path) as image:
        pixels = image.convert("RGB")
    pixels.thumbnail((PREVIEW, PREVIEW))
    pixels.save(preview, quality=QUALITY)
    pixels.thumbnail((SMALL, SMALL))
    pixels.save(folder / f"{name}-thumbnail.webp", quality=QUALITY)
    return preview


def _ask(port: int, path: str, preview: Path) -> tuple[str, str]:
    with closing(HTTPConnection("127.0.0.1", port)) as connection:
        connection.request("POST", "/predict", preview.read_bytes())
        return path, connection.getresponse().read().decode()


@contextmanager
def _service(model: Path) -> Iterator[int]:
    """Run the service in a process of its own; yields its port."""
    context = multiprocessing.get_context("spawn")
    ports = context.Queue()
    process = context.Process(target=_serve, args=(model, ports), daemon=True)
    process.start()
    try:
        yield ports.get(timeout=60)
    finally:
        process.terminate()
        process.join()


def _serve(model: Path, ports: Any) -> None:
    embedder = Embedder(model)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            with Image.open(io.BytesIO(data)) as image:
                (vector,) = embedder.embed(cropped(image, embedder.height)[None])
            answer = json.dumps(vector.tolist()).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    ports.put(server.server_port)
    server.serve_forever()
