"""The server's own limits: sessions, connections, bodies, and how it ends."""

import json
import resource
import signal
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import psutil
import pytest

from tests.altered_app import ALTERED
from tests.servers import (
    App,
    page_answers,
    running,
    wait_for,
)

MB = 2**20
HALF = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
SESSIONS = 100  # where the server keeps a thousand
QUICK = {
    f"searcher.ui.security.connections.{name}": 2.0 for name in ("HEAD_S", "BODY_S", "WRITE_S")
} | {"searcher.ui.server.SESSIONS": SESSIONS}


@pytest.fixture(scope="module")
def limited_app(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app with short time-outs that began with 1,024 files, as is usual."""
    before = ("prlimit", "--nofile=1024:2048", *ALTERED)
    folder = tmp_path_factory.mktemp("limits")
    locations = {"MODELS_DIR": str(home / "models")}
    with running(
        folder, before, ALTER=json.dumps(QUICK), MAX_UPLOAD_MB="1", **locations
    ) as limited_app:
        yield limited_app


def connect(app: App, data: bytes = b"") -> socket.socket:
    port = int(app.url.rpartition(":")[2])
    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
    connection.sendall(data)
    return connection


def closed(connection: socket.socket, seconds: float) -> bool:
    """Whether the server ends a connection within a time, without having answered."""
    connection.settimeout(seconds)
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True
    except TimeoutError:
        return False


def test_half_open_connections_keep_nobody_out(limited_app: App) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    with ExitStack() as stack:
        for count in (1100, 1500):
            for number in range(count):
                try:
                    connection = connect(limited_app, HALF if number % 2 else b"")
                except OSError:
                    continue  # the server has closed it already
                stack.callback(connection.close)
            assert httpx.get(limited_app.url, timeout=60).status_code == 200
    assert limited_app.process.poll() is None
    assert "Too many open files" not in limited_app.log.read_text()


def test_slow_requests_are_cut_off(limited_app: App) -> None:
    with (
        connect(limited_app) as silent,
        connect(limited_app, HALF) as half,
        connect(limited_app) as drip,
    ):
        stop = threading.Event()

        def trickle() -> None:
            try:
                while not stop.wait(0.2):
                    drip.sendall(b"x")
            except OSError:
                pass

        drip.sendall(HALF)
        trickling = threading.Thread(target=trickle)
        trickling.start()
        assert closed(silent, 8)
        assert closed(half, 8)
        assert closed(drip, 8)
        stop.set()
        trickling.join()
    head = b"POST /gradio_api/run/models HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n"
    with connect(limited_app, head + b"{") as body:
        assert closed(body, 8)


def test_answers_that_nobody_reads_are_cut_off(limited_app: App) -> None:
    """Pipelined requests for the page fill every buffer on the way."""
    request = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with connect(limited_app) as lazy:
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lazy.sendall(request * 200)
        process = psutil.Process(limited_app.process.pid)
        own_port = lazy.getsockname()[1]

        def there() -> bool:
            return own_port in [c.raddr.port for c in process.net_connections() if c.raddr]

        wait_for(there, what="the connection")
        wait_for(lambda: not there(), what="its end")


def test_a_visitor_holds_few_connections_at_once(limited_app: App) -> None:
    """Open streams are never closed for new ones, but their number per visitor is limited."""
    request = b"GET /gradio_api/heartbeat/%d HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with ExitStack() as stack:
        streams = [stack.enter_context(connect(limited_app, request % n)) for n in range(530)]
        ended = sum(closed(stream, 10) for stream in streams)
        assert 20 <= ended <= 40
    assert page_answers(limited_app)


def test_long_documents_are_refused(limited_app: App) -> None:
    process = psutil.Process(limited_app.process.pid)
    url = f"{limited_app.url}/gradio_api/call/models"
    kind = {"content-type": "application/json"}
    fits = b'{"data": ["' + b"x" * 3 * MB + b'"]}'
    assert httpx.post(url, content=fits, headers=kind).status_code != 413
    rest = process.memory_info().rss
    peak = 0

    def pieces() -> Iterator[bytes]:
        nonlocal peak
        for _ in range(200):
            yield b"x" * MB
            peak = max(peak, process.memory_info().rss)

    assert httpx.post(url, content=pieces(), headers=kind, timeout=60).status_code == 413
    assert httpx.post(url, content=b"x" * 200 * MB, headers=kind, timeout=60).status_code == 413
    assert peak - rest < 50 * MB
    assert process.memory_info().rss - rest < 50 * MB
    for path in ("login", "gradio_api/queue/join", "gradio_api/cancel", "gradio_api/upload"):
        assert httpx.post(f"{limited_app.url}/{path}", content=b"x" * 5 * MB).status_code == 413


def test_uploads_beyond_what_fits_are_refused_unread(limited_app: App) -> None:
    head = (
        b"POST /gradio_api/upload HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 2000000000\r\n\r\n"
    )
    with connect(limited_app, head) as upload:
        assert upload.recv(100).startswith(b"HTTP/1.1 413")
    big = {"files": ("big.png", bytes(2 * MB))}
    assert httpx.post(f"{limited_app.url}/gradio_api/upload", files=big).status_code == 413


def test_long_addresses_and_headers_are_refused(limited_app: App) -> None:
    assert httpx.get(f"{limited_app.url}/config?{'x' * 9000}").status_code == 414
    assert httpx.get(limited_app.url, headers={"x": "y" * 60_000}).status_code == 431


def test_sessions_are_small_and_few(limited_app: App) -> None:
    process = psutil.Process(limited_app.process.pid)
    config = httpx.get(f"{limited_app.url}/config").json()
    loads = [d for d in config["dependencies"] if "load" in [t[1] for t in d["targets"]]]
    call = next(d for d in loads if not d["queue"])
    body = {"fn_index": call["id"], "data": [None] * len(call["inputs"])}

    def visit(name: str) -> None:
        url = f"{limited_app.url}/gradio_api/run/x"
        assert client.post(url, json=body | {"session_hash": name}).status_code == 200

    def visits(kind: str, number: int) -> float:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(visit, [f"{kind}-{n}" for n in range(number)]))
        return process.memory_info().rss / MB

    with httpx.Client(timeout=60) as client:
        rest = visits("first", SESSIONS // 2)
        full = visits("full", SESSIONS // 2)
        later = visits("later", SESSIONS)
        print(f"{full - rest:.1f} MB, then {later - full:.1f} MB")
        assert full - rest < 0.1 * SESSIONS / 2
        assert later - full < 0.05 * SESSIONS  # 0.1 MB for each session if none were dropped


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT], ids=lambda end: end.name)
def test_it_ends_in_good_order(tmp_path: Path, home: Path, end: signal.Signals) -> None:
    """With open streams too."""
    with running(tmp_path, MODELS_DIR=str(home / "models")) as limited_app, ExitStack() as stack:
        calls = httpx.get(f"{limited_app.url}/config").json()["dependencies"]
        (models,) = [call["id"] for call in calls if call["api_name"] == "models"]
        call = {"fn_index": models, "data": [], "session_hash": "s"}
        httpx.post(f"{limited_app.url}/gradio_api/queue/join", json=call)
        for path in ("heartbeat/s", "queue/data?session_hash=s", "upload_progress?upload_id=u"):
            request = f"GET /gradio_api/{path} HTTP/1.1\r\nHost: localhost\r\n\r\n"
            stack.enter_context(connect(limited_app, request.encode()))
        assert page_answers(limited_app)
        limited_app.process.send_signal(end)
        assert limited_app.process.wait(timeout=60) == 0
        assert "Traceback" not in limited_app.log.read_text()
