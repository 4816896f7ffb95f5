"""Calls without Gradio's queue: their turns, and their number per visitor."""

import asyncio
from types import SimpleNamespace
from typing import Any

from searcher.ui.security.direct_calls import DirectCalls
from tests.servers import wait_apart


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
