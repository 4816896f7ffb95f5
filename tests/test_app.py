"""The app over HTTP: start, endpoints, and what a visitor can't get at."""

import json
import shutil
import socket
import sys
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
from gradio.routes import App as GradioApp
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response

from searcher.library.core import Library
from searcher.ui.delivery import own_address
from searcher.ui.gradio_internals import WITHOUT_SELF_CHECK
from searcher.ui.security.guarded_blocks import GuardedBlocks
from tests import forks
from tests.parameters import MakeSettings
from tests.pictures import encode, paint
from tests.servers import ROOT, App, environment, free_port, has_ipv6, running, wait_for


@pytest.fixture(scope="module")
def client(app: App) -> Client:
    """A client of the app, once its samples are searchable."""
    client = Client(app.url, verbose=False)
    query = handle_file(str(next((app.log.parent / "samples").rglob("*.jpg"))))

    def all_indexed() -> bool:
        return len(client.predict(query, "shape", 50, api_name="/search")["hits"]) == 24

    wait_for(all_indexed, what="the samples")
    return client


def test_a_page_makes_no_web_app_until_it_is_served() -> None:
    with GuardedBlocks(analytics_enabled=False) as page:
        gr.Textbox()
    assert page.queue(max_size=1).app is None
    assert GradioApp.create_app(page).routes


def test_a_page_that_is_late_ends_no_start() -> None:
    """`launch` would ask its own server for it, and fail where it does not come within 3 s."""

    async def page_only_later(request: Request, call_next: RequestResponseEndpoint) -> Response:
        is_page = request.url.path == "/"
        return Response(status_code=503) if is_page else await call_next(request)

    with gr.Blocks(analytics_enabled=False) as page:
        gr.Textbox()
    late = [Middleware(BaseHTTPMiddleware, dispatch=page_only_later)]
    page.launch(
        server_name="127.0.0.1",
        server_port=free_port(),
        prevent_thread_lock=True,
        quiet=True,
        app_kwargs={"middleware": late},
        **WITHOUT_SELF_CHECK,
    )
    assert httpx.head(page.local_url).status_code == 503
    page.close(verbose=False)


def cli(home: Path, *arguments: str) -> Any:
    process = forks.run(
        [sys.executable, "-m", "searcher", *arguments, "--json"], env=environment(home)
    )
    process.check_returncode()
    return json.loads(process.stdout)


def without(document: Any, *keys: str) -> Any:
    """The document without what differs from call to call."""
    if isinstance(document, dict):
        return {k: without(v, *keys) for k, v in document.items() if k not in keys}
    if isinstance(document, list):
        return [without(entry, *keys) for entry in document]
    return document


DIFFERENT = ("query", "path", "timings_ms")


def test_search_is_the_command_lines_document(app: App, home: Path, client: Client) -> None:
    path = str(home / "samples" / "a" / "a-3.jpg")
    response = client.predict(handle_file(path), "colour", 5, api_name="/search")
    assert set(response["timings_ms"]) == {"decode", "embed", "milvus", "redis", "total"}
    assert response["hits"][0]["distance"] < 0.01
    assert (response["query"], response["hits"][0]["name"]) == ("a-3.jpg", "a-3.jpg")
    expected = cli(home, "search", path, "--model", "colour", "-k", "5")
    assert without(response, *DIFFERENT) == without(expected, *DIFFERENT)


def test_compare_is_the_command_lines_document(app: App, home: Path, client: Client) -> None:
    path = str(home / "samples" / "b" / "b-7.jpg")
    response = client.predict(handle_file(path), "shape", "colour", 6, api_name="/compare")
    assert response["models"] == ["shape", "colour"]
    assert response["results"]["shape"] != response["results"]["colour"]
    expected = cli(home, "compare", path, "--models", "shape", "colour", "-k", "6")
    assert without(response, *DIFFERENT) == without(expected, *DIFFERENT)
    models = "shape", "colour", 6, None, None
    more = client.predict(handle_file(path), *models, ["colour"], api_name="/compare")
    assert [pair["models"] for pair in more["pairs"]] == [
        *(["shape", "colour"], ["shape", "colour"], ["colour", "colour"]),
    ]


def test_mistakes_get_a_sentence(client: Client, tmp_path: Path) -> None:
    bad, good = tmp_path / "cat.jpg", tmp_path / "good.png"
    bad.write_text("no picture")
    good.write_bytes(encode(paint(1), "PNG"))
    with pytest.raises(AppError, match=r"cat\.jpg is not a picture in a known format"):
        client.predict(handle_file(str(bad)), "colour", 5, api_name="/search")
    with pytest.raises(AppError, match=r"no model “\.\./shape”; ready are: colour, shape"):
        client.predict(handle_file(str(good)), "../shape", 5, api_name="/search")


def test_files_of_the_server_are_no_queries(app: App, home: Path) -> None:
    """A made-up payload that names a picture which nobody uploaded."""
    for path in (home / "samples" / "a" / "a-0.jpg", "samples/../../samples/a/a-0.jpg"):
        payload = {"path": str(path), "meta": {"_type": "gradio.FileData"}}
        call = f"{app.url}/gradio_api/call/search"
        event = httpx.post(call, json={"data": [payload, "colour", 5]}).json()["event_id"]
        reply = httpx.get(f"{call}/{event}", timeout=60).text
        assert "event: error" in reply
        assert "hits" not in reply
        assert str(home) not in reply


def test_the_browser_drops_no_event_but_those_of_buttons(app: App) -> None:
    """A listener that is still answering would make Gradio's script forget what comes meanwhile."""
    config = httpx.get(f"{app.url}/config").json()
    kinds = {component["id"]: component["type"] for component in config["components"]}
    dropping = {
        (kinds.get(target), event)
        for function in config["dependencies"]
        for target, event in function["targets"]
        if function["backend_fn"] and function["trigger_mode"] == "once"
    }
    after_another = {event for kind, event in dropping if kind is None}
    assert {kind for kind, _ in dropping} <= {"button", None}
    assert after_another <= {"load", "then", "success"}


def test_nothing_but_thumbnails_is_served(app: App, home: Path, client: Client) -> None:
    response = client.predict(
        handle_file(str(home / "samples" / "a" / "a-0.jpg")), "colour", 1, api_name="/search"
    )
    number = response["hits"][0]["id"]
    served = httpx.get(f"{app.url}/gradio_api/file=thumbs/{number % 256:02x}/{number}.jpg")
    assert served.status_code == 200
    assert served.headers["content-type"] == "image/jpeg"
    for path in (
        "stores/addresses.json",
        "../models/colour.onnx",
        "thumbs/../stores/addresses.json",
        "/etc/passwd",
        str(home / "samples" / "a" / "a-0.jpg"),
        str(ROOT / "app.py"),
    ):
        assert httpx.get(f"{app.url}/gradio_api/file={path}").status_code in (403, 404), path
    assert httpx.get(f"{app.url}/monitoring").status_code in (403, 404)


def test_no_path_of_the_server_is_shown(app: App, home: Path) -> None:
    for page in ("/", "/config", "/gradio_api/info"):
        words = httpx.get(app.url + page).text
        assert "Twinlens" in words or page != "/"
        for secret in (str(home), str(ROOT), sys.prefix):
            assert secret not in words, page


def test_a_busy_port_gets_a_sentence(home: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        command = [sys.executable, ROOT / "app.py"]
        process = forks.run(command, env=environment(home, PORT=str(port)))
    assert process.returncode == 2
    assert process.stderr.startswith(f"Port {port} can't be used")
    assert "Traceback" not in process.stderr


@pytest.mark.parametrize(
    ("host", "name"), [("0.0.0.0", "localhost"), ("::", "[::1]"), ("fe80::1", "[fe80::1]")]
)
def test_the_address_that_is_printed_can_be_opened_here(host: str, name: str) -> None:
    assert own_address.local_url(host, 8000) == f"http://{name}:8000"


@pytest.mark.parametrize("trouble", ["no stores", "no data folder", "broken model", "no way out"])
def test_the_page_comes_up_whatever_is_missing(
    tmp_path: Path, baselines: Path, trouble: str
) -> None:
    shutil.copytree(baselines, tmp_path / "models")
    variables: dict[str, str] = {}
    if trouble == "no stores":
        variables["MILVUS_URI"] = f"http://127.0.0.1:{free_port()}"
        variables["REDIS_URL"] = f"redis://127.0.0.1:{free_port()}"
    elif trouble == "no data folder":
        (tmp_path / "data").write_text("a file in its place")
    elif trouble == "broken model":
        (tmp_path / "models" / "colour.onnx").write_bytes(b"half a fi")
    else:
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
            variables[name] = "http://127.0.0.1:9"
        variables["NO_PROXY"] = "[fd00::1],fd00::/8"
        variables["GRADIO_SERVER_NAME"] = "[::1]" if has_ipv6() else "127.0.0.1"
    with running(tmp_path, **variables) as app:
        assert "Twinlens" in httpx.get(app.url).text


def test_the_command_line_sees_what_the_app_has(
    app: App, home: Path, client: Client, make_settings: MakeSettings
) -> None:
    assert cli(home, "doctor")["problems"] == []
    ready = [m for m in cli(home, "models") if m["state"] == "ready"]
    assert {m["coverage"] for m in ready} == {24}
    library = Library(make_settings(TWINLENS_DATA=str(home / "data")))
    assert library.records.count() == 24
    library.close()
