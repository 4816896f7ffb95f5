"""HTTP requests that are no calls of the app: each gets a status of 4xx with a sentence."""

import json
import socket

import pytest

from tests.raw_calls import Raw, assert_no_server_paths, assert_no_traceback

BODIES: list[tuple[str, bytes]] = [
    ("queue/join", b""),
    ("queue/join", b"{"),
    ("queue/join", b"\xff\xfe"),
    ("queue/join", b"[]"),
    ("queue/join", b"7"),
    ("queue/join", b"{}"),
    ("queue/join", b'{"data": []}'),
    ("queue/join", b'{"data": [], "fn_index": 99999, "session_hash": "x"}'),
    ("queue/join", b'{"data": [], "fn_index": "0", "session_hash": "x"}'),
    ("queue/join", b'{"data": [], "fn_index": true, "session_hash": "x"}'),
    ("queue/join", b'{"data": {}, "fn_index": 0, "session_hash": "x"}'),
    ("queue/join", b'{"data": [], "fn_index": 1, "session_hash": "x"}'),
    ("queue/join", b'{"data": [], "fn_index": 0, "session_hash": ["x"]}'),
    ("queue/join", b'{"data": [], "fn_index": 0, "session_hash": "' + b"x" * 101 + b'"}'),
    ("queue/join", b'{"data": ["\\ud800"], "fn_index": 0, "session_hash": "x"}'),
    ("queue/join", b'{"\\udfff": 1}'),
    ("queue/join", b'{"data": [NaN, -Infinity], "fn_index": 0, "session_hash": "x"}'),
    ("queue/join", b'{"data": [1e999], "fn_index": 0, "session_hash": "x"}'),
    ("queue/join", b'{"data": [' + b"9" * 5000 + b"]}"),
    ("queue/join", b'{"data": ' + b"[" * 40 + b"]" * 40 + b"}"),
    ("queue/join", b'{"data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    ("queue/join", b'{"data": ["' + b"x" * 300_000 + b'"]}'),
    ("queue/join", b'{"data": [' + b"1," * 700_000 + b"1]}"),
    ("run/nothing", b'{"data": []}'),
    ("run/%ff%00", b'{"data": []}'),
    ("run/refresh", b'{"data": []}'),
    ("run/refresh", b'{"data": [], "batched": true}'),
    ("run/search", b'{"data": [1, 2, 3], "fn_index": -1}'),
    ("api/evaluate", b'{"data": [["colour"], 5]}'),
    ("call/nothing", b'{"data": []}'),
    ("call/search", b'{"data": ["\\ud800", "\\ud800", 1]}'),
    ("call/search", b'{"data": null}'),
    ("call/v2/nothing", b"{}"),
    ("call/v2/search_text", b"{}"),
    ("call/v2/search", b'{"nothing": 1}'),
    ("call/v2/show_new", b"{}"),
    ("cancel", b"{}"),
    ("cancel", b'{"session_hash": "x", "fn_index": 1, "event_id": null}'),
    ("reset", b"{"),
    ("component_server", b"{}"),
    ("component_server", b'{"data": 1, "component_id": 9, "session_hash": "x", "fn_name": "x"}'),
    ("stream/x", b"{}"),
    ("stream/x/close", b"{}"),
    ("process_recording", b""),
    ("vibe-edit/", b"{}"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body"), BODIES)
def test_a_body_that_is_no_call_gets_a_4xx(raw: Raw, path: str, body: bytes) -> None:
    before = len(raw.app.log.read_text())
    for kind in ("application/json", "text/plain"):
        response = raw.send("POST", path, content=body, headers={"content-type": kind})
        assert 400 <= response.status_code < 500, response.text
        assert json.loads(response.text)["detail"]
    assert_no_traceback(raw, before)


@pytest.mark.parametrize(
    "path",
    [
        "queue/data?session_hash=nobody",
        "queue/data",
        "queue/data?session_hash=%ff",
        "call/search/nothing",
        "call/v2/search/nothing",
        "stream/x/y/1/playlist.m3u8",
        "file=thumbs/00/1.jpg",
        "file=/etc/passwd",
        "file=%00",
        "upload_progress",
    ],
)
def test_what_nobody_asked_for_is_a_4xx(raw: Raw, path: str) -> None:
    before = len(raw.app.log.read_text())
    response = raw.send("GET", path)
    assert 400 <= response.status_code < 500, response.text
    assert_no_server_paths(raw)
    assert_no_traceback(raw, before)


def test_a_body_that_is_cut_off_leaves_no_trace(raw: Raw) -> None:
    before = len(raw.app.log.read_text())
    port = int(raw.app.url.rpartition(":")[2])
    for path in ("queue/join", "call/search", "run/refresh"):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            head = f"POST /gradio_api/{path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            head += "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
            connection.sendall(head.encode() + b'{"data": [')
    assert_no_traceback(raw, before)
