"""Gradio's files as they are sent: compressed, tagged, kept for a year if names have digests."""

import asyncio
import threading
from collections.abc import Mapping
from functools import partial
from typing import Any

import gradio as gr
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from searcher.ui.assets import map_code, static
from searcher.ui.delivery import static_files
from searcher.ui.delivery.compression import compress
from searcher.ui.delivery.static_files import AT_ONCE, DAY, PRIVATE_YEAR, YEAR, StaticFiles
from searcher.ui.gradio_internals.first_load import PageFiles
from searcher.ui.gradio_internals.frontend import ASSETS, STATIC, frontend
from tests.servers import wait_apart

THUMBNAIL = "/gradio_api/file=thumbs/00/256.jpg"


async def gradio(request: Request) -> Response:
    """Stand for Gradio's own routes."""
    return PlainTextResponse(f"gradio: {request.url.path}")


@pytest.fixture(scope="module")
def page() -> PageFiles:
    with gr.Blocks(analytics_enabled=False) as page:
        gr.Textbox()
    page.theme_hash = "abc"
    return PageFiles(page)


@pytest.fixture(scope="module")
def app(page: PageFiles) -> StaticFiles:
    return StaticFiles(Starlette(routes=[Route("/{path:path}", gradio)]), page)


def get(app: StaticFiles, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
            return await client.get(path, headers=headers or {"Accept-Encoding": "br"})

    return wait_apart(ask())


def test_a_file_with_a_digest_is_kept_for_a_year(app: StaticFiles) -> None:
    name = frontend().shell[0]
    answer = get(app, f"/assets/{name}")
    assert answer.content == (ASSETS / name).read_bytes()
    assert answer.headers["Cache-Control"] == YEAR
    assert answer.headers["Content-Encoding"] == "br"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert "javascript" in answer.headers["Content-Type"]
    assert int(answer.headers["Content-Length"]) < len(answer.content) / 2


def test_other_files_are_kept_for_a_day(app: StaticFiles) -> None:
    font = next(STATIC.rglob("*.woff2"))
    answer = get(app, f"/static/{font.relative_to(STATIC)}")
    assert answer.content == font.read_bytes()
    assert answer.headers["Cache-Control"] == DAY
    assert "Content-Encoding" not in answer.headers
    assert "Vary" not in answer.headers


@pytest.mark.parametrize("name", ["index.js", "scatterplot.js", "scatterplot.js.map"])
def test_the_maps_scripts_are_kept_for_a_year(app: StaticFiles, name: str) -> None:
    answer = get(app, f"/{map_code()}{name}")
    assert answer.content == static(f"map/{name}").read_bytes()
    assert answer.headers["Cache-Control"] == YEAR
    for other in (f"static/twinlens-0123456789ab/{name}", f"{map_code()}../map.js"):
        assert get(app, f"/{other}").text.startswith("gradio: ")


def test_each_encoding_has_its_tag(app: StaticFiles) -> None:
    ask = partial(get, app, f"/assets/{frontend().shell[1]}")
    answers = {name: ask({"Accept-Encoding": name}) for name in ("br", "gzip", "identity")}
    assert len({answer.headers["ETag"] for answer in answers.values()}) == 3
    assert len({answer.content for answer in answers.values()}) == 1
    for name, answer in answers.items():
        tag = answer.headers["ETag"]
        again = ask({"Accept-Encoding": name, "If-None-Match": f'W/{tag}, "x"'})
        assert (again.status_code, again.content) == (304, b"")
        assert (again.headers["ETag"], again.headers["Vary"]) == (tag, "Accept-Encoding")
    other = {"Accept-Encoding": "br", "If-None-Match": answers["gzip"].headers["ETag"]}
    assert ask(other).status_code == 200


def test_the_joined_style_sheet_is_served(app: StaticFiles, page: PageFiles) -> None:
    assert page.first_load is not None
    answer = get(app, f"/assets/{page.first_load.sheet_name}")
    assert answer.content == page.first_load.sheet
    assert answer.headers["Content-Type"].startswith("text/css")
    assert answer.headers["Cache-Control"] == YEAR
    old = get(app, "/assets/twinlens-0123456789abcdef.css")
    assert old.text.startswith("gradio: ")


@pytest.mark.parametrize(
    ("path", "keep"),
    [
        ("/theme.css?v=abc", YEAR),
        ("/theme.css?v=other", None),
        ("/theme.css", None),
        (THUMBNAIL, PRIVATE_YEAR),
        ("/favicon.ico", DAY),
        ("/gradio_api/file=incoming/a/256.jpg", None),
        ("/", None),
        ("/assets/none.js", None),
        ("/assets/%2e%2e/index.html", None),
        ("/static/..%2findex.html", None),
        ("/assets", None),
        ("/static/ffmpeg/ffmpeg-core.wasm", None),  # 32 MB, which would stay in memory
    ],
)
def test_the_rest_is_answered_by_gradio(app: StaticFiles, path: str, keep: str | None) -> None:
    answer = get(app, path)
    assert answer.text.startswith("gradio: ")
    assert answer.headers.get("Cache-Control") == keep


def test_files_are_read_and_compressed_a_few_at_a_time(
    app: StaticFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes tens of megabytes meanwhile; the server has 40 threads."""
    running = most = 0
    lock = threading.Lock()

    def counted(data: bytes, *options: Any) -> bytes:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        try:
            return compress(data, *options)
        finally:
            with lock:
                running -= 1

    async def ask_all(paths: list[str]) -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
            return await asyncio.gather(*map(client.get, paths))

    monkeypatch.setattr(static_files, "compress", counted)
    static_files._file.cache_clear()
    names = [path.name for path in sorted(ASSETS.glob("*.js"))[:30]]
    answers = wait_apart(ask_all([f"/assets/{name}" for name in names]))
    assert [answer.content for answer in answers] == [(ASSETS / n).read_bytes() for n in names]
    assert 1 <= most <= AT_ONCE
