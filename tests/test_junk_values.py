"""Calls of every function with values of every kind: each gets a sentence, none a traceback."""

import random
from typing import Any

import pytest

from tests.raw_calls import (
    FILE,
    Raw,
    assert_no_server_paths,
    assert_no_traceback,
    number_of,
    record_ids,
)
from tests.servers import wait_for

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


def test_unknown_ids_get_a_sentence_and_no_path_of_the_server(raw: Raw) -> None:
    """Every function with every action, and with a fifth of the ids; all ids for all of them.

    Only the first call of each goes through the queue.
    """
    before = len(raw.app.log.read_text())
    ids: list[Any] = [1, 2**62, -1, "x", None, [], "9" * 400, 10**400, True, {"id": 1}]
    for place, function in enumerate(raw.functions()):
        for number, wrong in [(0, ids[0]), *list(enumerate(ids))[1 + place % 5 :: 5]]:
            values = [wrong] * len(function["inputs"])
            actions = ("query", "open", "why", None)
            for action in actions if number == 0 else [actions[(number + place) % len(actions)]]:
                event = {"action": action, "id": wrong, "ids": [wrong], "index": wrong}
                if function["queue"] and number == 0 and action == "query":
                    status, _ = raw.call(function["id"], values, event)
                else:
                    body = {"data": values, "event_data": event}
                    status = raw.send("POST", f"run/{function['api_name']}", json=body).status_code
                assert status < 500, (function["api_name"], wrong, action)
                if not any(t[1] in ("click", "select", "api") for t in function["targets"]):
                    break  # the function takes no event data
    assert_no_server_paths(raw)
    assert_no_traceback(raw, before)


@pytest.mark.parametrize(
    ("element", "event", "values"),
    [
        ("compare-panel", "select", [None, None, 5]),
        ("map-result", "click", [None]),
        ("search-result", "select", [None, None, 5, None]),
        ("library-shown", "select", [None]),
    ],
)
def test_a_thumbnail_that_is_missing_gets_a_sentence(
    raw: Raw, element: str, event: str, values: list[Any]
) -> None:
    picture = record_ids(raw)[0]
    path = next((raw.app.log.parent / "data" / "thumbs").glob(f"*/{picture}.jpg"))
    data = path.read_bytes()
    number = next(
        function["id"]
        for function in raw.functions()
        if len(function["inputs"]) == len(values) and function["id"] in _of(raw, element, event)
    )
    event_data = {"action": "query", "id": picture, "ids": [picture]}
    status, answer = raw.call(number, values, event_data)
    assert status == 200
    assert f"thumbs/{path.parent.name}/{path.name}" in str(answer)
    path.unlink()
    try:
        status, answer = raw.call(number, values, event_data)
    finally:
        path.write_bytes(data)
    assert (status, "thumbnail of this picture is missing" in answer) == (400, True)
    assert_no_server_paths(raw)


def _of(raw: Raw, element: str, event: str) -> list[int]:
    config = raw.client.get(f"{raw.app.url}/config").json()
    (target,) = [c["id"] for c in config["components"] if c["props"].get("elem_id") == element]
    return [f["id"] for f in raw.functions() if [target, event] in [list(t) for t in f["targets"]]]


def test_whatever_is_called_with_whatever_values(raw: Raw) -> None:
    """Two calls of every function there is, from a seed."""
    before = len(raw.app.log.read_text())
    chance = random.Random(15)
    functions = raw.functions()
    calls = 0
    for function in functions * 2:
        input_count = len(function["inputs"])
        values = [
            chance.choice(JUNK) for _ in range(input_count + chance.choice([-1, 0, 0, 0, 0, 2]))
        ]
        junk = chance.choice(JUNK)
        event = chance.choice(
            [
                junk,
                {
                    "action": chance.choice(ACTIONS),
                    "ids": junk,
                    "id": junk,
                    "index": junk,
                    "box": junk,
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
    assert calls > 85
    assert_no_server_paths(raw)
    assert_no_traceback(raw, before)
    assert len(raw.app.log.read_text()) - before < 60_000


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


def test_words_and_parts_that_make_no_sense_get_a_sentence(raw: Raw) -> None:
    before = len(raw.app.log.read_text())
    search, compare = number_of(raw, "search"), number_of(raw, "compare")
    etc = {"path": "/etc/passwd", "meta": FILE}
    lists: list[Any] = [
        *([{"image": etc}], [{"image": "/etc/passwd"}], [{"image": "data:image/png;base64,@"}]),
        *([{"text": "x", "weight": 10**30}], [{"picture": 2**62}], [{"text": "\u202e"}], [[[]]]),
        *([{"text": "x"}] * 10_000, {"text": "x"}, "text", True, [{"text": "<b>x</b>", "box": 1}]),
    ]
    for parts in lists:
        for number, models in ((search, ["colour"]), (compare, ["colour", "shape"])):
            status, answer = raw.call(number, [None, *models, 3, parts])
            assert status == 400
            assert answer.endswith(".")
    text = number_of(raw, "search_text")
    for words in (None, 7, ["x"], "", "\ud800", "a\0b", "\u200d", "x" * 1001, "x" * 2**20):
        assert raw.call(text, [words, "colour", 3])[0] == 400
    # What calls of earlier versions did not have is left out.
    assert raw.call(number_of(raw, "percentile"), ["colour", 1.0])[0] == 200
    assert raw.call(search, [None])[1].startswith("There is no picture")
    assert_no_server_paths(raw)
    assert_no_traceback(raw, before)


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
    refusals = [response for response in statuses if response.status_code == 429]
    assert refusals
    assert "wait for it" in refusals[0].json()["detail"]
    assert raw.call(number_of(raw, "status"), [])[0] == 200
    wait_for(lambda: raw.call(doctor, [False])[0] == 200, what="the end of the line")
