"""Several visitors at once: `python -m benchmarks.load [--before FOLDER]`.

One app with three quick networks and 5,000 pictures. Each visitor searches over HTTP, without a
pause or with one of about two seconds: with another sample picture each time, with words, with a
picture of the library, and with three models at once. They ask as gradio_client does: directly
where an endpoint has no queue. The visitors run on the same CPU as the app. `--before` measures a
checkout of an earlier commit as well, in turns.
"""

import argparse
import asyncio
import random
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from benchmarks.common import (
    MODELS,
    App,
    app_running,
    memory,
    network,
    percentile,
    pictures,
    table,
)
from benchmarks.query import fill
from searcher.config.folders import ROOT
from searcher.library.core import Library

NAMES = ("efficientnet_lite0", "mobilenet_v2", "words")
TEXT_FILE = "words.text.onnx"
PHRASES = ("a dog in the snow", "red flowers", "a boat on the sea", "a city at night")
MIX = {"picture": 4, "by id": 3, "words": 2, "compare three": 1}
PICTURES = 5000
CROWDS = ((4, 0.0), (16, 0.0), (64, 0.0), (64, 2.0))  # visitors, and the seconds they pause
SEARCHES = 256  # for each crowd
TURNS = 2
MAX_ERRORS = 3  # printed per row
TIMEOUT_S = 60


@dataclass
class Visits:
    """The response times in ms by kind of search, and the errors, of some visitors."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0
    megabytes: float = 0.0  # of the app, at the end


class Visitor:
    """Searches with a connection and an address of its own."""

    def __init__(self, app: App, queued: dict[str, bool], number: int) -> None:
        """Open no connection yet.

        Args:
            app: The app.
            queued: Whether an endpoint has a queue, by its name.
            number: The visitor's, from 0.
        """
        headers = {"X-Forwarded-For": f"192.0.2.{number + 1}"}
        self._http = httpx.AsyncClient(
            base_url=f"{app.address}/gradio_api/", headers=headers, timeout=TIMEOUT_S, verify=False
        )
        self._queued = queued
        self._chance = random.Random(number)

    async def visit(
        self, files: Sequence[bytes], searches: int, pause: float, visits: Visits
    ) -> None:
        """Search, and pause for about `pause` seconds before each search."""
        kinds, weights = list(MIX), list(MIX.values())
        for _ in range(searches):
            await asyncio.sleep(self._chance.uniform(0, 2 * pause))
            (kind,) = self._chance.choices(kinds, weights)
            start = time.perf_counter()
            try:
                await self._search(kind, self._chance.choice(files))
            except Exception as error:  # any error that a visitor would see
                visits.errors.append(f"{kind}: {type(error).__name__}: {error}")
            else:
                visits.times[kind].append((time.perf_counter() - start) * 1000)
        await self._http.aclose()

    async def _search(self, kind: str, file: bytes) -> None:
        small = NAMES[0]
        if kind == "by id":
            await self._call("search_by_id", self._chance.randrange(1, PICTURES), small)
        elif kind == "words":
            await self._call("search_text", self._chance.choice(PHRASES), NAMES[2])
        else:
            sent = await self._http.post("upload", files={"files": ("query.jpg", file)})
            image = {
                "path": sent.raise_for_status().json()[0],
                "meta": {"_type": "gradio.FileData"},
            }
            if kind == "picture":
                await self._call("search", image, small)
            else:
                await self._call("compare", image, *NAMES[:2], 12, None, "", [NAMES[2]])

    async def _call(self, name: str, *values: Any) -> None:
        route = "call" if self._queued[name] else "run"
        answer = await self._http.post(f"{route}/{name}", json={"data": values})
        answer.raise_for_status()
        if self._queued[name]:
            event = answer.json()["event_id"]
            answer = (await self._http.get(f"call/{name}/{event}")).raise_for_status()
        assert '"hits"' in answer.text or '"results"' in answer.text, answer.text[:200]


async def visitors(
    app: App, count: int, pause: float, files: Sequence[bytes], visits: Visits
) -> None:
    """Let `count` visitors search SEARCHES times in all turns."""
    config = httpx.get(f"{app.address}/config").json()
    queued = {d["api_name"]: d["queue"] is not False for d in config["dependencies"]}
    crowd = [Visitor(app, queued, number) for number in range(count)]
    start = time.perf_counter()
    searches = SEARCHES // TURNS // count
    await asyncio.gather(*(each.visit(files, searches, pause, visits) for each in crowd))
    visits.seconds += time.perf_counter() - start
    visits.megabytes = memory(app.pid)[0]


def rows(label: str, visits: Visits) -> list[list[object]]:
    """Return the rows of one number of visitors, and print the first errors to stderr."""
    for error in visits.errors[:MAX_ERRORS]:
        print(error, file=sys.stderr)
    total = sum(map(len, visits.times.values())) / visits.seconds
    end = len(visits.errors), round(visits.megabytes)
    return [
        [label, total, kind, len(times), statistics.median(times), percentile(times, 95), *end]
        for kind in MIX
        if len(times := visits.times[kind]) > 1
    ]


def main(arguments: list[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--before", type=Path, help="a checkout of an earlier commit")
    options = parser.parse_args(arguments)
    roots = {"now": ROOT} | ({"before": options.before.resolve()} if options.before else {})
    models = [*map(network, NAMES), MODELS / TEXT_FILE]
    files = [source.read() for source in pictures()]
    with ExitStack() as stack:
        apps = {
            name: stack.enter_context(
                app_running(models, root, TRUSTED_PROXIES="127.0.0.1", MODEL_CACHE="3")
            )
            for name, root in roots.items()
        }
        for app in apps.values():
            httpx.post(f"{app.address}/gradio_api/run/status", json={"data": []}, timeout=TIMEOUT_S)
            library = Library(app.settings)
            for name in NAMES:
                fill(library, name, PICTURES)
            library.close()
            asyncio.run(visitors(app, *CROWDS[0], files, Visits()))  # to warm up
        results = {(name, crowd): Visits() for crowd in CROWDS for name in apps}
        for _ in range(TURNS):
            for (name, crowd), visits in results.items():
                asyncio.run(visitors(apps[name], *crowd, files, visits))
    header = ["app", "visitors", "searches/s", "search", "answers", "p50 ms", "p95 ms"]
    labelled = (
        (name, row)
        for (name, (count, pause)), visits in results.items()
        for row in rows(f"{count}, a pause of {pause:.0f} s" if pause else str(count), visits)
    )
    table([*header, "errors", "app MB"], [[name, *row] for name, row in labelled])


if __name__ == "__main__":
    main(sys.argv[1:])
