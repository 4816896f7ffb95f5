"""Calls without Gradio's queue: their turns, their number per visitor and in all."""

import asyncio
import threading
from collections import Counter
from types import SimpleNamespace
from typing import Any

import gradio as gr
import httpx
from gradio.routes import App

from searcher.ui.security.call_guard import MAX_IN_ALL, MAX_WAITING, CallGuard
from searcher.ui.security.direct_calls import DirectCalls
from tests.servers import wait_apart, wait_for


def function(limit: int | str, group: str = "search") -> Any:
    return SimpleNamespace(concurrency_limit=limit, concurrency_id=group)


async def most_at_once(calls: DirectCalls, functions: list[Any]) -> int:
    """Run calls of one visitor; return how many ran at the same time at most."""
    running = most = 0

    async def call(one: Any) -> None:
        nonlocal running, most
        async with calls.turn("visitor", one):
            running += 1
            most = max(most, running)
            for _ in range(10):
                await asyncio.sleep(0)
            running -= 1

    await asyncio.gather(*map(call, functions))
    return most


def test_calls_wait_for_their_turn() -> None:
    assert wait_apart(most_at_once(DirectCalls(), [function(4)] * 9)) == 4


def test_events_of_one_group_share_their_turns() -> None:
    events = [function(4), function(4)] * 5
    assert wait_apart(most_at_once(DirectCalls(), events)) == 4
    apart = [function(2), function(2, "other")] * 5
    assert wait_apart(most_at_once(DirectCalls(), apart)) == 4


def test_short_events_neither_wait_nor_count() -> None:
    async def run() -> None:
        calls = DirectCalls()
        assert await most_at_once(calls, [function("default")] * 9) == 9
        async with calls.turn("visitor", function("default")):
            assert calls.of("visitor") == []

    wait_apart(run())


def test_waiting_and_running_calls_count_until_they_end() -> None:
    async def run() -> None:
        calls, one = DirectCalls(), function(1)
        async with calls.turn("a", one):
            waiting = asyncio.create_task(most_at_once(calls, [one]))
            await asyncio.sleep(0)
            assert (len(calls.of("a")), len(calls.of("visitor")), calls.of("b")) == (1, 0, [])
            await asyncio.sleep(0)
            assert calls.of("visitor") == [one]
        await waiting
        try:
            async with calls.turn("a", one):
                raise KeyError
        except KeyError:
            pass
        assert calls.of("a") == calls.of("visitor") == []

    wait_apart(run())


class SlowPage:
    """A page with one event without the queue, 4 at a time, that lasts until `release` is set."""

    def __init__(self) -> None:
        self.release = threading.Event()
        self._lock = threading.Lock()
        self._running = self.most = 0
        with gr.Blocks(analytics_enabled=False) as page:
            gr.Button().click(self._wait, api_name="wait", queue=False, concurrency_limit=4)
        page.queue(max_size=MAX_IN_ALL, api_open=False)
        self.app = CallGuard(App.create_app(page), page)

    def _wait(self) -> None:
        with self._lock:
            self._running += 1
            self.most = max(self.most, self._running)
        self.release.wait(60)
        with self._lock:
            self._running -= 1

    async def call(self, visitor: str) -> tuple[int, str]:
        """Return the status of a call, and the code of its refusal."""
        transport = httpx.ASGITransport(self.app, client=(visitor, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
            answer = await client.post("/gradio_api/run/wait", json={"data": []}, timeout=60)
            return answer.status_code, answer.json().get("code", "")

    async def answers(self, visitors: list[str], refused: int) -> Counter[tuple[int, str]]:
        """Call at once for each visitor; release them when so many are refused and 4 run."""
        calls = [asyncio.create_task(self.call(visitor)) for visitor in visitors]
        try:
            await asyncio.to_thread(
                wait_for,
                lambda: self._running >= 4 and sum(call.done() for call in calls) >= refused,
                what="the refusals",
            )
        finally:
            self.release.set()
        return Counter(await asyncio.gather(*calls))


def test_calls_of_many_visitors_are_limited_in_all() -> None:
    page = SlowPage()
    visitors = [f"192.0.2.{number % 10}" for number in range(50)]
    answers = wait_apart(page.answers(visitors, 50 - 4 - MAX_IN_ALL))
    assert answers == {(200, ""): 4 + MAX_IN_ALL, (503, "rate.busy"): 50 - 4 - MAX_IN_ALL}
    assert page.most == 4


def test_one_visitor_leaves_room_for_others() -> None:
    page = SlowPage()
    answers = wait_apart(page.answers(["192.0.2.1"] * 50 + ["192.0.2.2"] * 5, 50 - MAX_WAITING))
    assert answers == {(200, ""): MAX_WAITING + 5, (429, "rate.waiting"): 50 - MAX_WAITING}
