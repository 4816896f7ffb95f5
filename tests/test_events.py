"""The stream that tells pages of a new status: silent while idle, quick, limited."""

import asyncio
import re
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from searcher.library.core import Library
from searcher.library.worker import ROUND_S, Worker
from searcher.messages.message import message
from searcher.ui import events
from tests import onnx_files
from tests.pictures import folder
from tests.servers import START_S, free_port, running, wait_for

LOOKING = message("work.indexing", done=3, total=9)
PAGES = 50
MOST_WAKEUPS = 300  # a second; Gradio's queue as it is needs up to a thousand, the app some 140


class Listeners:
    """Open streams as browsers hold them, each with the messages it received."""

    def __init__(self, url: str, count: int) -> None:
        self._url = url
        self.messages: list[list[str]] = [[] for _ in range(count)]
        self.statuses: list[int | None] = [None] * count
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._all(),))

    async def _listen(self, client: httpx.AsyncClient, number: int) -> None:
        async with client.stream("GET", f"{self._url}/twinlens/events") as answer:
            self.statuses[number] = answer.status_code
            async for line in answer.aiter_lines():
                if line:
                    self.messages[number].append(line.removeprefix("data: "))

    async def _all(self) -> None:
        self._stop = asyncio.Event()
        limits = httpx.Limits(max_connections=None)
        async with AsyncExitStack() as stack:
            client = httpx.AsyncClient(timeout=None, limits=limits)
            await stack.enter_async_context(client)
            tasks = [
                asyncio.create_task(self._listen(client, n)) for n in range(len(self.messages))
            ]
            await self._stop.wait()
            for task in tasks:
                task.cancel()
            with suppress(Exception):
                await asyncio.gather(*tasks, return_exceptions=True)

    def __enter__(self) -> "Listeners":
        self._thread.start()
        wait_for(lambda: None not in self.statuses, what="all streams")
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def has_messages(self, count: int) -> bool:
        """Whether each stream received at least `count` messages."""
        return all(len(page) >= count for page in self.messages)


def wakeups(process: int) -> int:
    """How often the threads of a process have gone on after a wait, whatever a turn took."""
    tasks = [(task / "status").read_text() for task in Path(f"/proc/{process}/task").iterdir()]
    return sum(int(n) for n in re.findall(r"\nvoluntary_ctxt_switches:\s+(\d+)", "".join(tasks)))


@pytest.fixture
def worker(library: Library) -> Worker:
    """A worker that does nothing unless it is told to."""
    return Worker(library)


@pytest.fixture
def url(worker: Worker) -> Iterator[str]:
    """A server with nothing but the stream."""
    app = Starlette()
    app.stop_event = asyncio.Event()  # type: ignore[attr-defined]
    events.add_routes(app, worker)
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_for(lambda: server.started, what="the server")
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        app.stop_event.set()  # type: ignore[attr-defined]
        server.should_exit = True
        thread.join()


def test_every_page_hears_of_a_change(worker: Worker, url: str) -> None:
    with Listeners(url, PAGES) as listeners:
        wait_for(lambda: listeners.has_messages(1), what="the first version")
        worker._board.publish(working=LOOKING)
        wait_for(lambda: listeners.has_messages(2), what="the second version")
        versions = {tuple(page) for page in listeners.messages}
        assert versions == {tuple(dict.fromkeys(next(iter(versions))))}  # one change, all alike


def test_the_same_status_is_not_told_again(worker: Worker, url: str) -> None:
    worker._board.publish(working=LOOKING)
    with Listeners(url, 3) as listeners:
        wait_for(lambda: listeners.has_messages(1), what="the first version")
        for _ in range(5):
            worker._board.publish(working=LOOKING)
        worker._board.publish(working="")
        wait_for(lambda: listeners.has_messages(2), what="the second version")
        assert [len(page) for page in listeners.messages] == [2, 2, 2]


def test_many_changes_are_told_a_few_times_and_the_last_one_is(worker: Worker, url: str) -> None:
    with Listeners(url, 3) as listeners:
        wait_for(lambda: listeners.has_messages(1), what="the first version")
        start = time.monotonic()
        for number in range(300):
            worker._board.publish(working=f"Indexing: {number} of 300")
            time.sleep(0.005)
        last = worker.status.version
        wait_for(lambda: all(page[-1] == last for page in listeners.messages), what="the last one")
        most = 3 + (time.monotonic() - start) / events.PAUSE_S
        assert max(len(page) for page in listeners.messages) <= most


def test_a_stream_is_ended_where_its_page_goes(worker: Worker, url: str) -> None:
    for _ in range(3):  # more in all than one address may have
        with Listeners(url, events.MAX_STREAMS_PER_ADDRESS - 20) as listeners:
            wait_for(lambda: listeners.has_messages(1), what="the first version")
            assert set(listeners.statuses) == {200}
        wait_for(lambda: httpx.get(f"{url}/twinlens/version").is_success)


def test_beyond_the_limit_a_page_asks_and_is_told_only_what_is_new(
    worker: Worker, url: str
) -> None:
    with Listeners(url, events.MAX_STREAMS_PER_ADDRESS):
        assert httpx.get(f"{url}/twinlens/events").status_code == 204
        first = httpx.get(f"{url}/twinlens/version")
        tag = {"If-None-Match": first.headers["etag"]}
        second = httpx.get(f"{url}/twinlens/version", headers=tag)
        assert (first.text, second.status_code, second.content) == (
            worker.status.version,
            304,
            b"",
        )
        worker._board.publish(working=LOOKING)
        third = httpx.get(f"{url}/twinlens/version", headers=tag)
        assert (third.status_code, third.text) == (200, worker.status.version)


def test_proxies_are_told_to_hand_the_stream_on_at_once(url: str) -> None:
    with httpx.stream("GET", f"{url}/twinlens/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["x-accel-buffering"] == "no"
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="reads /proc")
def test_idle_pages_cost_the_app_nothing_and_hear_of_a_new_model(
    tmp_path: Path, baselines: Path
) -> None:
    shutil.copytree(baselines, tmp_path / "models")
    folder(tmp_path / "samples", {"a": 4, "b": 4})
    with running(tmp_path) as app, Listeners(app.url, PAGES) as listeners:

        def news() -> list[str]:
            """The latest version on each page; heartbeats repeat it."""
            return [page[-1] for page in listeners.messages]

        def settled() -> bool:
            """Whether two rounds of the worker tell nothing, and wake few threads."""
            before, start, woken = news(), time.monotonic(), wakeups(app.process.pid)
            time.sleep(2 * ROUND_S)
            rate = (wakeups(app.process.pid) - woken) / (time.monotonic() - start)
            rates.append(round(rate))
            return news() == before and rate < MOST_WAKEUPS

        rates: list[int] = []
        wait_for(lambda: listeners.has_messages(1), what="the first version")
        wait_for(settled, START_S, what=lambda: f"a quiet app: {rates} wake-ups a second")
        before = news()
        onnx_files.write(tmp_path / "models", "mean")
        wait_for(
            lambda: all(new != old for new, old in zip(news(), before, strict=True)),
            what="the new model",
        )


def test_open_streams_do_not_keep_the_app_from_ending(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    with running(tmp_path) as app, Listeners(app.url, PAGES) as listeners:
        wait_for(lambda: listeners.has_messages(1), what="the first version")
        app.process.send_signal(signal.SIGTERM)
        wait_for(lambda: app.process.poll() is not None, what="the end of the app")


def test_with_a_login_only_members_are_told(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    with running(tmp_path, AUTH="anna:secret") as app:
        for address in ("events", "version"):
            assert httpx.get(f"{app.url}/twinlens/{address}").status_code == 401
        with httpx.Client(base_url=app.url) as client:
            client.post("/login", data={"username": "anna", "password": "secret"})
            assert client.get("/twinlens/version").status_code == 200
            with client.stream("GET", "/twinlens/events") as answer:
                assert answer.status_code == 200
                assert next(answer.iter_lines()).startswith("data: ")
