"""The queue of calls: it is told of calls and free places, and looks for nothing."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import gradio as gr
import httpx
from gradio.routes import App

from searcher.ui.gradio_internals import with_stream_ends
from searcher.ui.security.guarded_blocks import GuardedBlocks
from tests.servers import wait_apart, wait_for

NEVER_S = 3600.0  # longer than the test
IDLE_S = 0.3


class QueuedPage:
    """A page with one queued event, 2 at a time, that lasts until `release` is set."""

    def __init__(self) -> None:
        self.release = threading.Event()
        self.running: list[str] = []
        with GuardedBlocks(analytics_enabled=False) as self.page:
            name, progress = gr.Textbox(), gr.Textbox()
            gr.Button().click(self._wait, [name], [progress], api_name="wait", concurrency_limit=2)
        self.page.queue(max_size=9)
        # A queue that looks for calls would find none before the test is over.
        self.page._queue.sleep_when_free = NEVER_S
        self.app = App.create_app(self.page)

    def _wait(self, name: str, progress: gr.Progress = gr.Progress()) -> str:  # noqa: B008
        self.running.append(name)
        progress(0.5, desc=f"half of {name}")
        self.release.wait(30)
        return name.upper()

    async def call(self, client: httpx.AsyncClient, name: str) -> str:
        """Return the stream of a call's messages."""
        answer = await client.post("/gradio_api/call/wait", json={"data": [name]})
        event = answer.json()["event_id"]
        stream = await client.get(f"/gradio_api/call/wait/{event}", timeout=60)
        return stream.text

    def run(self, test: Callable[[httpx.AsyncClient], Awaitable[None]]) -> None:
        """Run a test while the queue runs."""

        async def started() -> None:
            self.page.run_startup_events()
            transport = httpx.ASGITransport(self.app, client=("192.0.2.1", 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
                await asyncio.wait_for(test(client), 60)
            self.page._queue.close()

        wait_apart(started())


def test_calls_start_when_they_come_and_when_a_place_is_free() -> None:
    page = QueuedPage()

    async def test(client: httpx.AsyncClient) -> None:
        calls = [asyncio.create_task(page.call(client, name)) for name in "abcd"]
        await asyncio.to_thread(wait_for, lambda: len(page.running) == 2, what="two calls")
        page.release.set()
        answers = await asyncio.gather(*calls)
        assert [f'["{name}"]' in text for name, text in zip("ABCD", answers, strict=True)] == [
            True
        ] * 4
        assert sorted(page.running) == list("abcd")

    page.run(test)


def test_an_empty_queue_sets_no_timers() -> None:
    page = QueuedPage()
    page.release.set()

    async def test(client: httpx.AsyncClient) -> None:
        assert '["A"]' in await page.call(client, "a")
        await asyncio.sleep(IDLE_S)  # the last look at its progress
        loop: Any = asyncio.get_running_loop()
        timers = []
        original = loop.call_at

        def call_at(when: float, *arguments: Any, **options: Any) -> Any:
            timers.append(arguments[0])
            return original(when, *arguments, **options)

        loop.call_at = call_at
        await asyncio.sleep(IDLE_S)
        loop.call_at = original
        assert len(timers) == 1  # this test's own
        assert '["B"]' in await page.call(client, "b")

    page.run(test)


def test_a_call_that_comes_as_the_stream_ends_is_accepted_after_the_end() -> None:
    page = QueuedPage()
    page.release.set()
    app = with_stream_ends(page.app)
    session = {"session_hash": "s"}
    ending, heard = asyncio.Event(), asyncio.Event()

    async def follow() -> None:
        scope = {
            **{"type": "http", "method": "GET", "path": "/gradio_api/queue/data", "headers": []},
            **{"query_string": b"session_hash=s", "client": ("192.0.2.1", 1)},
        }

        async def receive() -> dict[str, object]:
            await asyncio.Event().wait()  # it does not disconnect
            raise AssertionError

        async def send(part: Any) -> None:
            if b"close_stream" in part.get("body", b""):
                ending.set()
                await heard.wait()

        await app(scope, receive, send)

    async def test(client: httpx.AsyncClient) -> None:
        async def join(name: str) -> None:
            call = {"data": [name], "fn_index": 0, **session}
            (await client.post("/gradio_api/queue/join", json=call)).raise_for_status()

        await join("a")
        stream = asyncio.create_task(follow())
        await ending.wait()
        other = asyncio.create_task(join("b"))
        await asyncio.to_thread(wait_for, lambda: "b" in page.running, what="the call")
        await asyncio.sleep(IDLE_S)
        assert not other.done()
        heard.set()
        await other
        await stream

    page.run(test)
