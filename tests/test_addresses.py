"""Addresses of other servers: refused by the file route, fetched within limits for calls."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from searcher.ui.security.url_downloads import MAX_PER_CALL, is_public
from tests.altered_app import ALTERED
from tests.servers import App, running, wait_for
from tests.stranger import MB, PICTURE, Stranger


@pytest.fixture(scope="module")
def stranger() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("0.0.0.0", 0), Stranger)
    server.requested_paths = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def requested_paths(stranger: ThreadingHTTPServer) -> list[str]:
    """The paths that were requested from the stranger in this test."""
    requests: list[str] = stranger.requested_paths  # type: ignore[attr-defined]
    requests.clear()
    return requests


@pytest.fixture(scope="module")
def url(stranger: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{stranger.server_address[1]}"


@contextmanager
def open_to(app: App, home: Path, folder: Path, **variables: str) -> Iterator[App]:
    """An app on the session's library, for which 127.0.0.1 is a public address."""
    variables |= {"ALTER_PUBLIC": "127.0.0.1", "TWINLENS_DATA": str(home / "data")}
    variables |= {"MODELS_DIR": str(home / "models"), "SAMPLES_DIR": str(home / "samples")}
    with running(folder, ALTERED, **variables) as open_app:
        yield open_app


@pytest.fixture(scope="module")
def fetching(app: App, home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app that fetches pictures, and waits for them for 3 s."""
    alter = json.dumps({"searcher.ui.security.url_downloads.TOTAL_S": 3.0})
    folder = tmp_path_factory.mktemp("fetching")
    with open_to(app, home, folder, ALTER=alter, MAX_UPLOAD_MB="2") as open_app:
        wait_for(
            lambda: any(model["coverage"] for model in run(open_app, "models")["data"][0]),
            what="pictures to find",
        )
        yield open_app


def file(url: str) -> dict[str, Any]:
    return {"path": url, "meta": {"_type": "gradio.FileData"}}


def run(app: App, name: str, *arguments: Any) -> Any:
    """What a call of an endpoint answers; its error's sentence if it fails."""
    call = f"{app.url}/gradio_api/call/{name}"
    event = httpx.post(call, json={"data": list(arguments)}).json()["event_id"]
    reply = httpx.get(f"{call}/{event}", timeout=60).text
    kind, _, data = reply.strip().partition("\ndata: ")
    document = json.loads(data.splitlines()[0])
    if kind.endswith("error"):
        return str((document or {}).get("error"))
    return {"data": document}


def search(app: App, address: str) -> Any:
    return run(app, "search", file(address), "colour", 1)


SPELLINGS = (
    "gradio_api/file={}",
    "gradio_api/file%3D{}",
    "gradio_api/file/{}",
    "gradio_api/proxy={}",
    "file={}",
    "proxy={}",
    "/gradio_api/file={}",
    "gradio_api/file= {}",
)


def test_the_file_route_hands_on_nothing(
    fetching: App, url: str, requested_paths: list[str]
) -> None:
    target = f"{url}/picture.png"
    encoded = target.replace(":", "%3A").replace("/", "%2F")
    addresses = [target, encoded, target.replace("http", "HTTP"), target[5:], f"\\\\{target[7:]}"]
    addresses += ["data:text/html,<script>1</script>", "javascript:1", "file:///etc/passwd"]
    for spelling in SPELLINGS:
        for address in addresses:
            for method in ("GET", "HEAD"):
                path = f"{fetching.url}/{spelling.format(address)}"
                reply = httpx.request(method, path, follow_redirects=False)
                statuses = (403,) if "api/file=h" in path.lower() else (403, 404)
                assert reply.status_code in statuses, path
    assert requested_paths == []


def test_files_cannot_run(fetching: App, home: Path) -> None:
    """What visitors upload is theirs: scripts in it must not run as ours."""
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    files = {"a.svg": svg, "a.html": b"<script>1</script>", "a.png": PICTURE, "a.js": b"1"}
    for name, data in files.items():
        upload = f"{fetching.url}/gradio_api/upload"
        (path,) = httpx.post(upload, files={"files": (name, data)}).json()
        reply = httpx.get(f"{fetching.url}/gradio_api/file={path}")
        assert reply.content == data
        policy = reply.headers.get_list("content-security-policy")
        assert policy == ["sandbox; default-src 'none'"]
        assert reply.headers["x-content-type-options"] == "nosniff"
        if name == "a.png":
            assert reply.headers["content-type"] == "image/png"
        else:
            assert reply.headers["content-type"] == "application/octet-stream"
            assert reply.headers["content-disposition"].startswith("attachment")
    thumbnail = next((home / "data" / "thumbs").rglob("*.jpg")).relative_to(home / "data")
    reply = httpx.get(f"{fetching.url}/gradio_api/file={thumbnail}")
    assert reply.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert reply.headers["content-type"] == "image/jpeg"


def test_a_picture_at_an_address_is_searched_with(fetching: App, url: str) -> None:
    for name in ("picture.png", "once"):
        assert search(fetching, f"{url}/{name}")["data"][0]["hits"], name


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("large", "larger than the 2 MB"),
        ("page", "no picture at this address"),
        ("bomb", "can't be reached"),
        ("circle", "can't be reached"),
        ("inside", "can't be reached"),
        ("slow", "can't be reached"),
    ],
)
def test_what_is_no_small_picture_is_refused(
    fetching: App, url: str, requested_paths: list[str], name: str, sentence: str
) -> None:
    assert sentence in search(fetching, f"{url}/{name}")
    assert "/secret" not in requested_paths
    assert len(requested_paths) <= 4


def test_memory_stays_flat_while_fetching(fetching: App, url: str) -> None:
    process = psutil.Process(fetching.process.pid)
    search(fetching, f"{url}/picture.png")
    rest, peak = process.memory_info().rss, 0
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.02):
            peak = max(peak, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    for _ in range(5):
        assert "larger than the 2 MB" in search(fetching, f"{url}/endless")
    done.set()
    watcher.join()
    assert peak - rest < 30 * MB


def test_a_call_names_few_addresses(fetching: App, url: str, requested_paths: list[str]) -> None:
    addresses = [file(f"{url}/page/{number}") for number in range(MAX_PER_CALL + 5)]
    assert isinstance(run(fetching, "add", addresses, ""), str)
    assert len(requested_paths) <= MAX_PER_CALL


def test_private_addresses_stay_private(app: App, url: str, requested_paths: list[str]) -> None:
    """An app as it is, for which this machine is no public server."""
    port = url.rpartition(":")[2]
    for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "127.1", "2130706433"):
        assert "can't be reached" in search(app, f"http://{host}:{port}/picture.png"), host
    for address in ("http://169.254.169.254/x", "http://[64:ff9b::7f00:1]/", "http://", "http:/x"):
        assert isinstance(search(app, address), str), address
    assert requested_paths == []


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        *((a, False) for a in ("127.0.0.1", "10.1.1.1", "192.168.1.1", "169.254.169.254")),
        *((a, False) for a in ("100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1")),
        *((a, False) for a in ("fe80::1%eth0", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1")),
        *((a, False) for a in ("2002:a00:1::", "2001:0:1::", "nonsense", "")),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(address) == public


def test_each_counts_in_the_rate_limit(
    app: App, home: Path, tmp_path: Path, url: str, requested_paths: list[str]
) -> None:
    """Before anything is looked up, on pages that take addresses though nothing can be changed."""
    variables = {"RATE_LIMIT": "3", "READ_ONLY": "1", "ALLOW_URLS": "1"}
    with open_to(app, home, tmp_path, **variables) as open_app:
        for _ in range(3):
            assert "no picture at this address" in search(open_app, f"{url}/page")
        assert "within a minute" in search(open_app, f"{url}/page")
        assert len(requested_paths) == 3


def test_read_only_pages_fetch_nothing(
    app: App, home: Path, tmp_path: Path, url: str, requested_paths: list[str]
) -> None:
    """Neither the endpoints nor the page's own calls, whatever is given instead of their inputs."""
    with open_to(app, home, tmp_path, READ_ONLY="1") as open_app:
        assert "can't be given by address here" in search(open_app, f"{url}/picture.png")
        calls = httpx.get(f"{open_app.url}/config").json()["dependencies"]
        assert len(calls) > 30
        for call in calls:
            address_file = file(f"{url}/picture.png") | {"url": f"{url}/picture.png"}
            body = {"fn_index": call["id"], "data": [address_file] * len(call["inputs"])}
            httpx.post(f"{open_app.url}/gradio_api/run/x", json=body, timeout=60)
            body["session_hash"] = "s"
            httpx.post(f"{open_app.url}/gradio_api/queue/join", json=body)
        httpx.get(f"{open_app.url}/gradio_api/queue/data?session_hash=s", timeout=60)
        assert requested_paths == []
