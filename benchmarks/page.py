"""The page in Chromium: `python -m benchmarks.page [CHECKOUT…]`.

The first load, with an empty cache: requests, kilobytes that come over the network, and seconds
until a picture can be dropped and the list of models is filled; as fast as the machine is, and at
1.6 Mbit/s with 150 ms. Then the time from a click on an example until all its thumbnails are
painted, with the models that need no weights and 335 pictures: Search with one model, Compare with
five. Every checkout has the same library; the default is this one.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.common import (
    SAMPLES,
    App,
    app_running,
    pictures,
    table,
    temporary_library,
    wait_for_supervisor,
)
from benchmarks.index import multiply
from searcher.config.folders import ROOT
from searcher.export.install import make_baselines
from searcher.library.query_label import QUERIES
from tests.browsing import DISMISS_TOUR, find_browser

PICTURES = 335
COPIES = 3  # of a baseline, so that there are five models
CLICKS = 9
LOADS = 3
WAIT_MS = 120_000
QUIET_S = 3.0  # until requests that follow the first view have been counted
# Chromium's own preset "Slow 4G" has the same speed.
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 2e5, "uploadThroughput": 94_000}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
# The chosen models of the tab that the page opens on: Compare, or Search in earlier versions.
CHOSEN = """(document.querySelector("#compare-models .token")?.textContent
  ?? document.querySelector("#search-model input")?.value ?? "")"""
USABLE = f"""() => document.querySelector(".tl-query input[type=file]") && {CHOSEN}"""
# Clicks the example with a number; returns the milliseconds until all thumbnails in view are there.
CLICK = """async ([result, number]) => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const state = () => document.querySelector(result)?.innerHTML ?? "";
  const painted = () => {
    const images = [...document.querySelectorAll(`${result} .tl-card img`)];
    const near = images.filter((image) => {
      const { top, width } = image.getBoundingClientRect();
      return width && top < innerHeight;
    });
    return near.length && near.every((image) => image.complete && image.naturalWidth);
  };
  const examples = [...document.querySelectorAll("button.gallery-item")];
  const before = state();
  const start = performance.now();
  examples.filter((example) => example.offsetParent)[number].click();
  while (state() === before || !painted()) {
    if (performance.now() - start > 30000) throw new Error("nothing was found");
    await frame();
  }
  await frame();
  return performance.now() - start;
}"""


def first_load(browser: Browser, address: str, slow: bool) -> tuple[int, float, float]:
    """Open the page in a new profile; return requests, kB over the network, seconds."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        requests: set[str] = set()
        sizes: list[float] = []

        def on_request(event: dict[str, Any]) -> None:
            if event["request"]["url"].startswith(address):
                requests.add(event["requestId"])

        session.on("Network.requestWillBeSent", on_request)
        session.on(
            "Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"])
        )
        if slow:
            session.send("Network.emulateNetworkConditions", SLOW)
        start = time.perf_counter()
        page.goto(address, wait_until="commit", timeout=WAIT_MS)
        page.wait_for_function(USABLE, timeout=WAIT_MS)
        seconds = time.perf_counter() - start
        page.wait_for_load_state("load")
        page.wait_for_timeout(QUIET_S * 1000)
        return len(requests), sum(sizes) / 1000, seconds
    finally:
        context.close()


def clicks(page: Page, result: str, count: int) -> list[float]:
    """Return the milliseconds of clicks on one example after the other, the first one left out."""
    times = []
    for number in range(CLICKS + 1):
        times.append(page.evaluate(CLICK, [result, number % count]))
        page.wait_for_timeout(200)
    return times[1:]


def search_and_compare(browser: Browser, address: str) -> tuple[float, float]:
    """Return the medians in milliseconds of a search, and of a comparison of five models."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        page = context.new_page()
        page.add_init_script(DISMISS_TOUR)
        page.goto(address)
        page.wait_for_function(USABLE, timeout=WAIT_MS)
        examples = page.locator("button.gallery-item:visible")
        page.get_by_role("tab", name="Search").click()
        page.locator("#search-image").wait_for()
        examples.first.wait_for()
        searching = clicks(page, "#search-result", examples.count())
        page.get_by_role("tab", name="Compare").click()
        baselines = page.locator("#compare-baselines input")
        if baselines.count():
            baselines.check()
        models = page.locator("#compare-models, #compare-others")
        for _ in range(COPIES):
            models.locator("input").click()
            models.get_by_role("option", selected=False).first.click()
        page.keyboard.press("Escape")
        examples.first.wait_for()
        comparing = clicks(page, "#compare-result", examples.count())
        return statistics.median(searching), statistics.median(comparing)
    finally:
        context.close()


def measure(browser: Browser, root: Path, variables: dict[str, str]) -> list[object]:
    """Return a row of the table for a checkout."""
    with app_running([], root, **variables) as app:
        _wait_until_covered(browser, app)
        fast = [first_load(browser, app.address, slow=False) for _ in range(LOADS)]
        slow = [first_load(browser, app.address, slow=True) for _ in range(LOADS)]
        medians = search_and_compare(browser, app.address)
    requests, kilobytes, seconds = map(statistics.median, zip(*fast, strict=True))
    slow_seconds = statistics.median(values[2] for values in slow)
    figures = [round(requests), round(kilobytes), seconds, slow_seconds, *map(round, medians)]
    return [root.name, *figures]


@contextmanager
def library(folder: Path) -> Iterator[dict[str, str]]:
    """Yield the variables of a library with five models, in which all pictures are indexed."""
    (folder / "in").mkdir()
    (folder / "samples").mkdir()
    (folder / "samples" / QUERIES).symlink_to(SAMPLES / QUERIES)
    models = folder / "made"
    models.mkdir()
    make_baselines(models)
    for number in range(COPIES):
        copyfile(models / "colour.onnx", models / f"colour_{number + 2}.onnx")
    with temporary_library(sorted(models.glob("*.onnx"))) as made:
        made.index(multiply(pictures(), PICTURES, folder / "in"))
        made.close()
        wait_for_supervisor(made.settings.stores)
        yield {
            "TWINLENS_DATA": str(made.settings.data),
            "MODELS_DIR": str(made.settings.models_dir),
            "SAMPLES_DIR": str(folder / "samples"),
        }


def _wait_until_covered(browser: Browser, app: App) -> None:
    """Wait until the page says that every picture can be found, and for what the worker does."""
    page = browser.new_page()
    page.goto(app.address)
    page.wait_for_function(f"() => {CHOSEN}.includes('{PICTURES}')", timeout=WAIT_MS)
    page.wait_for_timeout(QUIET_S * 1000)
    page.close()


def main(checkouts: Sequence[str]) -> None:
    """Print the table."""
    with (
        tempfile.TemporaryDirectory() as folder,
        library(Path(folder)) as variables,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        table(
            ["checkout", "requests", "kB", "usable s", "slow: usable s", "search ms", "five ms"],
            (measure(browser, Path(root), variables) for root in checkouts or [str(ROOT)]),
        )
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
