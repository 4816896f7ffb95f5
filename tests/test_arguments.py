"""What calls bring: each value is checked, and whatever a client sends gets a sentence."""

import json
import logging
import math
import random
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from gradio.events import api as add_endpoint

from searcher.config.folders import ROOT
from searcher.errors import TwinlensError
from searcher.messages.message import verbatim
from searcher.ui import toasts
from searcher.ui.requests import arguments
from searcher.ui.requests.arguments import MAX_IDS, MAX_LABEL
from searcher.ui.security.guarded_blocks import GuardedBlocks
from searcher.ui.security.limits import LimitedLog
from tests.pictures import folder
from tests.raw_calls import FILE, Raw
from tests.servers import running, wait_apart, wait_for

JUNK: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    2**62,
    2**63,
    10**30,
    "",
    "x",
    "1e999",
    "\u202e<b>\u0000",
    "9" * 300,
    "x" * 20_000,
    [],
    [[]],
    [1] * 2000,
    ["colour"] * 100,
    {},
    {"a": {"b": [None]}},
    {"path": "/etc/passwd", "meta": FILE},
    {"path": "thumbs/01/1.jpg", "meta": FILE},
    {"path": "thumbs/ff/9999999999999999999.jpg"},
    {"path": "\u0000", "orig_name": "x"},
    {"path": "x" * 5000},
    {"path": "x" * 256, "meta": FILE},
    {"path": "/etc/passwd", "url": "/etc/passwd", "orig_name": []},
    [{"path": "/etc/passwd"}],
    "colour",
]
ACTIONS = ["query", "open", "why", "remove", "close", "box", "again", "install", "cancel", None, 7]


@pytest.mark.parametrize("value", [1, "1", 2**63 - 1, str(2**62)])
def test_an_id_is_a_number_or_its_digits(value: Any) -> None:
    assert arguments.read_id(value) == int(value)


@pytest.mark.parametrize(
    "value",
    [
        0,
        -1,
        2**63,
        10**400,
        True,
        1.0,
        math.inf,
        "",
        "x",
        "-1",
        "²",
        "٣",
        "1" * 5000,
        None,
        [1],
        {},
    ],
)
def test_nothing_else_is_an_id(value: Any) -> None:
    with pytest.raises(TwinlensError, match="not the id of a picture"):
        arguments.read_id(value)


@pytest.mark.parametrize(
    ("value", "count"),
    [(5, 5), (12.0, 12), (0, 1), (-7, 1), (1e200, 50), (10**300, 50), (None, 12)],
)
def test_a_count_is_brought_into_its_range(value: Any, count: int) -> None:
    assert arguments.read_count(value, 50, 12) == count


@pytest.mark.parametrize("value", ["5", True, math.nan, math.inf, -math.inf, 10**400, [], {}])
def test_nothing_else_is_a_count(value: Any) -> None:
    with pytest.raises(TwinlensError, match="not a number"):
        arguments.read_count(value, 50, 12)


REFUSALS: list[tuple[Callable[[], Any], str]] = [
    (lambda: arguments.read_ids(list(range(1, MAX_IDS + 2))), "At most 1,000 pictures"),
    (lambda: arguments.read_ids("12"), "not a list"),
    (lambda: arguments.read_ids({"1": 1}), "not a list"),
    (lambda: arguments.read_text("x" * 81, MAX_LABEL), "at most 80 letters"),
    (lambda: arguments.read_text(["x"], MAX_LABEL), "not a text"),
    (lambda: arguments.read_model(None), "Name a model"),
    (lambda: arguments.read_model({}), "not a text"),
    (lambda: arguments.read_models(["a", "b", "c"], 2), "At most 2 models"),
    (lambda: arguments.read_models(["a", None], 5), "Name a model"),
    (lambda: arguments.read_models(["a"] * 1001, 5), "too long"),
    (lambda: arguments.read_choice(["pca"], ["pca"]), "none of the choices"),
    (lambda: arguments.read_choice("x", ["pca"]), "none of the choices"),
    (lambda: arguments.read_box([0, 0, math.nan, 1]), "not a region"),
    (lambda: arguments.read_box([0, 0, 10**400, 1]), "not a region"),
]


@pytest.mark.parametrize(("read", "sentence"), REFUSALS)
def test_what_is_wrong_gets_a_sentence(read: Callable[[], Any], sentence: str) -> None:
    with pytest.raises(TwinlensError, match=sentence):
        read()


def test_each_is_taken_once() -> None:
    assert arguments.read_ids([3, "3", 4, 3]) == [3, 4]
    assert arguments.read_models(["a"] * 100 + ["b"], 2) == ["a", "b"]
    assert arguments.read_models(None, 2) == []


@pytest.mark.parametrize("data", [None, [], "action", 7, {"other": 1}])
def test_an_event_that_says_nothing(data: Any) -> None:
    assert arguments.read_event(gr.EventData(None, data), "action") is None


def test_the_log_gets_a_line_for_each_and_not_without_end(caplog: pytest.LogCaptureFixture) -> None:
    sparing = LimitedLog(logging.getLogger("test"), lines=3)
    for number in range(10):
        sparing.warn(f"call {number}\nsecond line")
    assert len(caplog.messages) == 3
    assert all("\n" not in message for message in caplog.messages)


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory, baselines: Path) -> Iterator[Raw]:
    """An app whose library may be changed, once it can be searched."""
    home = tmp_path_factory.mktemp("junk")
    (home / "models").symlink_to(baselines)
    folder(home / "samples", {"a": 4, "b": 4})
    with running(home) as app:
        raw = Raw(app)
        numbers = {own["api_name"]: own["id"] for own in raw.functions()}

        def ready() -> bool:
            models = raw.call(numbers["models"], [])[1][0]
            return [m["coverage"] for m in models if m["state"] == "ready"] == [8, 8]

        wait_for(ready, what="the samples")
        yield raw


def record_ids(raw: Raw) -> list[str]:
    thumbs = raw.app.log.parent / "data" / "thumbs"
    return [path.stem for path in sorted(thumbs.glob("*/*.jpg"))]


def number_of(raw: Raw, name: str) -> int:
    return next(own["id"] for own in raw.functions() if own["api_name"] == name)


def quiet(raw: Raw, before: int) -> None:
    """The app lives, and its log has no traceback since."""
    written = raw.app.log.read_text()[before:]
    assert "Traceback" not in written, written[-3000:]
    assert raw.app.process.poll() is None
    assert raw.client.get(raw.app.url).status_code == 200


def says_nothing_of_the_server(raw: Raw) -> None:
    said = "\n".join(raw.answers)
    assert "Traceback" not in said
    for place in (raw.app.log.parent, ROOT, Path.home(), Path("/root/")):
        assert f"{place}/" not in said or str(place) == "/", place


def test_unknown_ids_get_a_sentence_and_no_path_of_the_server(raw: Raw) -> None:
    before = len(raw.app.log.read_text())
    ids: list[Any] = [1, 2**62, -1, "x", None, [], "9" * 400, 10**400, True, {"id": 1}]
    for function in raw.functions():
        for wrong in ids:
            values = [wrong] * len(function["inputs"])
            for action in ("query", "open", "why", None):
                event = {"action": action, "id": wrong, "ids": [wrong], "index": wrong}
                if function["queue"]:
                    status, _ = raw.call(function["id"], values, event)
                else:
                    body = {"data": values, "event_data": event}
                    status = raw.send("POST", f"run/{function['api_name']}", json=body).status_code
                assert status < 500, (function["api_name"], wrong, action)
                if not any(t[1] in ("click", "api") for t in function["targets"]):
                    break  # no event has a say in it
    says_nothing_of_the_server(raw)
    quiet(raw, before)


@pytest.mark.parametrize(
    ("element", "event", "values"),
    [
        ("compare-result", "click", []),
        ("map-result", "click", []),
        ("search-result", "click", [None]),
        ("library-shown", "click", ["", 0, None]),
    ],
)
def test_a_thumbnail_that_is_missing_gets_a_sentence(
    raw: Raw, element: str, event: str, values: list[Any]
) -> None:
    picture = record_ids(raw)[0]
    path = next((raw.app.log.parent / "data" / "thumbs").glob(f"*/{picture}.jpg"))
    data = path.read_bytes()
    number = next(
        own["id"]
        for own in raw.functions()
        if len(own["inputs"]) == len(values) and own["id"] in _of(raw, element, event)
    )
    chosen = {"action": "query", "id": picture, "ids": [picture]}
    status, answer = raw.call(number, values, chosen)
    assert status == 200
    assert f"thumbs/{path.parent.name}/{path.name}" in str(answer)
    path.unlink()
    try:
        status, answer = raw.call(number, values, chosen)
    finally:
        path.write_bytes(data)
    assert (status, "thumbnail of this picture is missing" in answer) == (400, True)
    says_nothing_of_the_server(raw)


def _of(raw: Raw, element: str, event: str) -> list[int]:
    config = raw.client.get(f"{raw.app.url}/config").json()
    (target,) = [c["id"] for c in config["components"] if c["props"].get("elem_id") == element]
    return [f["id"] for f in raw.functions() if [target, event] in [list(t) for t in f["targets"]]]


def test_whatever_is_called_with_whatever_values(raw: Raw) -> None:
    """Some hundreds of calls over every function there is, from a seed."""
    before = len(raw.app.log.read_text())
    chance = random.Random(15)
    functions = raw.functions()
    calls = 0
    for function in functions * 6:
        needed = len(function["inputs"])
        values = [chance.choice(JUNK) for _ in range(needed + chance.choice([-1, 0, 0, 0, 0, 2]))]
        some = chance.choice(JUNK)
        event = chance.choice(
            [
                some,
                {
                    "action": chance.choice(ACTIONS),
                    "ids": some,
                    "id": some,
                    "index": some,
                    "box": some,
                },
            ]
        )
        name = function["api_name"]
        way = chance.choice(["queue", "queue", "run", "call", "call/v2"])
        if way == "queue" and function["queue"]:
            status, _ = raw.call(function["id"], values, event)
        elif way == "call/v2":
            body = {f"value_{n}": value for n, value in enumerate(values)}
            status = raw.send("POST", f"call/v2/{name}", json=body).status_code
        else:
            body = {"data": values, "event_data": event}
            status = raw.send(
                "POST", f"{way.replace('queue', 'run')}/{name}", json=body
            ).status_code
        calls += 1
        assert status < 500, (name, way, values, event)
    assert calls > 250
    says_nothing_of_the_server(raw)
    quiet(raw, before)
    assert len(raw.app.log.read_text()) - before < 60_000


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
    ("queue/join", b'{"data": [], "fn_index": 0, "session_hash": "x"}'),
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
    ("call/v2/search", b"{}"),
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
    quiet(raw, before)


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
    says_nothing_of_the_server(raw)
    quiet(raw, before)


def test_a_body_that_is_cut_off_leaves_no_trace(raw: Raw) -> None:
    before = len(raw.app.log.read_text())
    port = int(raw.app.url.rpartition(":")[2])
    for path in ("queue/join", "call/search", "run/refresh"):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            head = f"POST /gradio_api/{path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            head += "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
            connection.sendall(head.encode() + b'{"data": [')
    quiet(raw, before)


def test_the_same_model_a_hundred_times_is_measured_once(raw: Raw) -> None:
    evaluate = number_of(raw, "evaluate")
    status, answer = raw.call(evaluate, [["colour"] * 100, 5])
    assert status == 200
    assert list(answer[0]["models"]) == ["colour"]
    status, answer = raw.call(evaluate, [["colour", "shape", "third"], 5])
    assert (status, answer) == (400, "At most 2 models can be named here.")
    wrong: list[object] = ["5", True, [], 2**2000]
    for depth in wrong:
        assert raw.call(evaluate, [["colour"], depth])[0] == 400


def test_two_hundred_thousand_ids_get_a_sentence(raw: Raw) -> None:
    remove = number_of(raw, "remove")
    status, answer = raw.call(remove, [list(range(1, 200_001))])
    assert (status, answer) == (400, "At most 1,000 pictures can be named at once.")
    assert len(record_ids(raw)) == 8


def test_one_visitor_can_not_fill_the_queue(raw: Raw) -> None:
    """Calls that take long are put in line until one is refused; what is quick goes on."""
    doctor = number_of(raw, "doctor")
    statuses = []
    for number in range(24):
        body = {"fn_index": doctor, "data": [True], "session_hash": f"line-{number}"}
        statuses.append(raw.send("POST", "queue/join", json=body))
    assert statuses[0].status_code == 200
    refused = [response for response in statuses if response.status_code == 429]
    assert refused
    assert "wait for it" in refused[0].json()["detail"]
    assert raw.call(number_of(raw, "status"), [])[0] == 200
    wait_for(lambda: raw.call(doctor, [False])[0] == 200, what="the end of the line")


def test_a_failure_of_ours_has_its_traceback_once(caplog: pytest.LogCaptureFixture) -> None:
    def divide() -> float:
        return 1 / 0

    def refuse() -> None:
        raise toasts.Refusal(verbatim("no <b>"))

    with GuardedBlocks(analytics_enabled=False) as page:
        add_endpoint(divide, api_name="divide")
        add_endpoint(refuse, api_name="refuse")
        add_endpoint(refuse, api_name="private", api_visibility="private")
    with pytest.raises(gr.Error, match="log has the details"):
        wait_apart(page.process_api(page.fns[0], []))
    (record,) = caplog.records
    assert record.exc_info
    assert record.exc_info[0] is ZeroDivisionError
    caplog.clear()
    for number, text in ((1, "no <b>"), (2, "no &lt;b&gt;")):
        with pytest.raises(gr.Error, match=text):
            wait_apart(page.process_api(page.fns[number], []))
        (record,) = caplog.records
        assert not record.exc_info
        caplog.clear()
