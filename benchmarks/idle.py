"""CPU time for open pages while nothing happens: `python -m benchmarks.idle [--before FOLDER]`.

Each page has the connections of a browser: Gradio's heartbeat and the stream of events. An app
without the stream, as in a checkout of an earlier commit in FOLDER, gets a request from each page
every two seconds, as its timer sent. CPU time is that of the app's process alone.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil

from benchmarks.common import App, app_running, table
from searcher.config.folders import ROOT

PAGES = (0, 50, 200)
OPENING_S = 10.0  # until all pages are open and the worker is idle


class Pages:
    """Open pages, by HTTP over plain sockets: a client library would take more CPU than the app."""

    def __init__(self, address: str, config: dict[str, Any]) -> None:
        """Find the page's timer.

        Args:
            address: The app's URL.
            config: Gradio's description of the page.
        """
        self._address = urlsplit(address)
        timers = {c["id"]: c for c in config["components"] if c["type"] == "timer"}
        ticks = ((d, id) for d in config["dependencies"] for id, _ in d["targets"] if id in timers)
        tick: tuple[dict[str, Any] | None, int] = next(ticks, (None, 0))
        self._tick, timer = tick
        self._pause = float(timers[timer]["props"]["value"]) if timers else 0.0
        self.requests = 0

    async def open(self, number: int) -> None:
        """Keep one page open until cancelled."""
        session = f"idle{number}"
        updates = self._poll(session) if self._tick else self._listen("twinlens/events")
        await asyncio.gather(self._listen(f"gradio_api/heartbeat/{session}"), updates)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(self._address.hostname, self._address.port)

    def _head(self, verb: str, path: str) -> str:
        return f"{verb} /{path} HTTP/1.1\r\nHost: {self._address.netloc}\r\n"

    async def _listen(self, path: str) -> None:
        reader, writer = await self._connect()
        writer.write(f"{self._head('GET', path)}\r\n".encode())
        status = await reader.readline()
        assert b" 200 " in status, status
        while await reader.read(65536):
            pass
        raise ConnectionError("The stream ended.")

    async def _poll(self, session: str) -> None:
        assert self._tick is not None
        body = json.dumps(
            {
                "data": [None] * len(self._tick["inputs"]),
                "fn_index": self._tick["id"],
                "session_hash": session,
                "trigger_id": self._tick["targets"][0][0],
            }
        )
        head = self._head("POST", "gradio_api/run/predict")
        kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}"
        request = f"{head}{kind}\r\n\r\n{body}".encode()
        reader, writer = await self._connect()
        while True:
            writer.write(request)
            try:
                answer = await reader.readuntil(b"\r\n\r\n")
                assert b" 200 " in answer, answer
                length = answer.lower().split(b"content-length:")[1].split(b"\r\n")[0]
                await reader.readexactly(int(length))
            except (asyncio.IncompleteReadError, ConnectionError):
                reader, writer = await self._connect()  # the app closes idle connections
                continue
            self.requests += 1
            await asyncio.sleep(self._pause)


async def measure(app: App, count: int, seconds: float) -> tuple[float, int]:
    """Return the app's CPU seconds per minute with open pages, and the number of their requests."""
    process = psutil.Process(app.pid)
    config = json.loads(httpx.get(f"{app.address}/config").text)
    pages = Pages(app.address, config)
    tasks = [asyncio.create_task(pages.open(number)) for number in range(count)]
    await asyncio.sleep(OPENING_S)
    before, requests, start = process.cpu_times(), pages.requests, time.perf_counter()
    await asyncio.sleep(seconds)
    after, duration = process.cpu_times(), time.perf_counter() - start
    failed = [task for task in tasks if task.done()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for task in failed:
        task.result()
    cpu = after.user + after.system - before.user - before.system
    return cpu * 60 / duration, pages.requests - requests


def rows(name: str, root: Path, seconds: float) -> list[list[object]]:
    """Return the rows of one app, for each number of pages in turn."""
    with app_running([], root=root) as app:
        time.sleep(OPENING_S)
        figures = [(count, *asyncio.run(measure(app, count, seconds))) for count in PAGES]
    return [[name, *figure] for figure in figures]


def main(arguments: Sequence[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.idle", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="for each number of pages")
    parser.add_argument("--before", type=Path, help="a checkout of an earlier commit")
    options = parser.parse_args(arguments)
    apps = {"now": ROOT} | ({"before": options.before.resolve()} if options.before else {})
    results = [row for name, root in apps.items() for row in rows(name, root, options.seconds)]
    table(["app", "open pages", "CPU seconds a minute", "requests"], results, keys=2)


if __name__ == "__main__":
    main(sys.argv[1:])
