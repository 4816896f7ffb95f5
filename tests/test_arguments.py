"""The arguments of calls: each value is checked, and what is wrong gets a sentence."""

import logging
import math
from collections.abc import Callable
from typing import Any

import gradio as gr
import pytest
from gradio.events import api as add_endpoint

from searcher.errors import TwinlensError
from searcher.messages.message import verbatim
from searcher.ui import toasts
from searcher.ui.requests import arguments
from searcher.ui.requests.arguments import MAX_IDS, MAX_LABEL
from searcher.ui.security.guarded_blocks import GuardedBlocks
from searcher.ui.security.limits import LimitedLog
from tests.servers import wait_apart


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
