"""Compression of answers: what is compressed, and that streams are not held back."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import brotli
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Message, Scope

from searcher.ui.delivery.compression import Compression, accepted_encoding
from tests.servers import wait_apart

DOCUMENT = {"words": ["the same word"] * 500}


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, identity", "gzip"),
        ("BR;q=0, GZIP;q=0.5", "gzip"),
        ("*", "br"),
        ("br;q=0, *", "gzip"),
        ("br;q=no", ""),
        ("identity", ""),
        ("", ""),
    ],
)
def test_the_encoding_is_one_that_the_client_accepts(accept: str, encoding: str) -> None:
    assert accepted_encoding(accept) == encoding


async def document(request: Request) -> Response:
    return JSONResponse(DOCUMENT, headers={"ETag": '"one"'})


async def part(request: Request) -> Response:
    return JSONResponse(DOCUMENT, status_code=206)


async def short(request: Request) -> Response:
    return JSONResponse({})


async def picture(request: Request) -> Response:
    return Response(bytes(5000), media_type="image/jpeg")


async def encoded(request: Request) -> Response:
    body = gzip.compress(json.dumps(DOCUMENT).encode())
    headers = {"Content-Encoding": "gzip"}
    return Response(body, media_type="application/json", headers=headers)


async def page(request: Request) -> Response:
    async def pieces() -> AsyncIterator[str]:
        for _ in range(3):
            yield "<p>" + "word " * 1000

    return StreamingResponse(pieces(), media_type="text/html")


ROUTES = [document, part, short, picture, encoded, page]
APP = Compression(Starlette(routes=[Route(f"/{f.__name__}", f) for f in ROUTES]))


def ask(path: str, accept: str = "br, gzip", app: Any = APP) -> tuple[dict[str, str], list[bytes]]:
    """Return the headers and the pieces of the body of an answer."""
    headers = [(b"accept-encoding", accept.encode())]
    scope = {"type": "http", "method": "GET", "path": path, "headers": headers, "query_string": b""}
    sent: list[Message] = []

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    wait_apart(app(scope, receive, send))
    start = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return start, [message.get("body", b"") for message in sent[1:]]


@pytest.mark.parametrize(
    ("accept", "encoding", "decode"),
    [("br, gzip", "br", brotli.decompress), ("gzip", "gzip", gzip.decompress)],
)
def test_a_document_is_compressed(accept: str, encoding: str, decode: Any) -> None:
    headers, (body,) = ask("/document", accept)
    assert json.loads(decode(body)) == DOCUMENT
    assert headers["content-encoding"] == encoding
    assert headers["content-length"] == str(len(body))
    assert headers["vary"] == "Accept-Encoding"
    assert headers["etag"] == 'W/"one"'


def test_proxies_learn_that_the_plain_document_is_one_of_several() -> None:
    headers, (body,) = ask("/document", "identity")
    assert json.loads(body) == DOCUMENT
    assert headers["vary"] == "Accept-Encoding"
    assert headers["etag"] == '"one"'
    assert "content-encoding" not in headers


@pytest.mark.parametrize("path", ["/part", "/short", "/picture", "/page"])
def test_other_answers_stay_as_they_are(path: str) -> None:
    headers, pieces = ask(path)
    assert "content-encoding" not in headers
    assert pieces == ask(path, "")[1]


def test_an_answer_is_not_compressed_twice() -> None:
    headers, (body,) = ask("/encoded")
    assert headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(body)) == DOCUMENT


@pytest.mark.parametrize("kind", ["text/event-stream", "text/html", "application/json"])
def test_a_stream_is_sent_piece_by_piece(kind: str) -> None:
    received: list[bytes] = []

    async def stream(scope: Scope, receive: Any, send: Any) -> None:
        headers = [(b"content-type", kind.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for number in range(3):
            body = b"data: %d\n\n" % number * 500
            await send({"type": "http.response.body", "body": body, "more_body": True})
            received.append(body)
            assert sum(map(len, pieces)) == sum(map(len, received))
        await send({"type": "http.response.body", "body": b""})

    pieces: list[bytes] = []

    async def watched(scope: Scope, receive: Any, send: Any) -> None:
        async def note(message: Message) -> None:
            pieces.append(message.get("body", b""))
            await send(message)

        await Compression(stream)(scope, receive, note)

    headers, _ = ask("/", app=watched)
    assert "content-encoding" not in headers
    assert b"".join(pieces) == b"".join(received)
