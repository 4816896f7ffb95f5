"""Take the screenshots of the README: `python -m tools.screenshots`.

Starts the app on the sample pictures in a temporary folder, and visits its tabs in Chromium, which
must be installed. Uses the model files in `--models FOLDER`, by default those that need no
download. Writes docs/*.jpg, and the animated docs/compare.webp.
"""

import argparse
import io
import re
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from searcher.config.folders import ROOT
from tests.browsing import ARGUMENTS, DISMISS_TOUR, find_browser, open_tab
from tests.servers import running
from tools.command import run

SAMPLES = ROOT / "sample_images"
DOCS = ROOT / "docs"
WIDE = {"width": 1280, "height": 1180}
PHONE = {"width": 390, "height": 844}
WAIT_MS = 120_000
FRAME_MS = 1600


def take(options: argparse.Namespace) -> None:
    """Take all screenshots. Raises TwinlensError if the app does not start."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        shutil.copytree(options.models, home / "models")
        (home / "samples").symlink_to(SAMPLES)
        with running(home) as app, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
            for name, size, scheme in (
                ("", WIDE, "light"),
                ("-dark", WIDE, "dark"),
                ("-phone", PHONE, "light"),
            ):
                walk(browser, app.url, name, size, scheme, options.pair)


def walk(
    browser: Browser,
    address: str,
    name: str,
    size: dict[str, int],
    scheme: str,
    pair: list[str],
) -> None:
    """Take the screenshots in one size and theme: of Search and Compare, of all tabs if no name."""
    context = browser.new_context(
        viewport=size,  # type: ignore[arg-type]
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page = context.new_page()
    page.add_init_script(DISMISS_TOUR)
    page.goto(address)
    # All is indexed when the example is there; the page opens on it.
    expect(page.locator("#compare-result .tl-card").first).to_be_visible(timeout=WAIT_MS)
    if not name:
        animate(page)
    save(page, f"compare{name}")
    open_tab(page, "Search")
    choose(page, "search-model", pair[0])
    query = sorted((SAMPLES / "queries").glob("*.jpg"))[0]
    page.locator("#search-image input[type=file]").set_input_files(query)
    expect(page.locator("#search-result .tl-card").first).to_be_visible(timeout=WAIT_MS)
    save(page, f"search{name}")
    if not name:
        others(page, pair)
    context.close()


def others(page: Page, pair: list[str]) -> None:
    """Take the screenshots of the other tabs."""
    open_tab(page, "Arena")
    page.get_by_role("button", name="Start").click()
    expect(page.locator("#arena-side-left li").first).to_be_visible(timeout=WAIT_MS)
    save(page, "arena")
    open_tab(page, "Evaluate")
    page.get_by_role("button", name="Measure").click()
    expect(page.get_by_role("table").first).to_be_visible(timeout=WAIT_MS)
    save(page, "evaluate")
    open_tab(page, "Map")
    for side, title in zip("ab", pair, strict=True):
        choose(page, f"map-{side}", title)
    expect(page.locator("#map-result h3").first).to_have_text(pair[0], timeout=WAIT_MS)
    expect(page.locator("#map-result .tl-making")).to_be_hidden(timeout=WAIT_MS)  # by t-SNE
    page.locator("#map-result canvas[tabindex]").first.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    save(page, "map")
    for tab in ("Library", "Models"):
        open_tab(page, tab)
        save(page, tab.lower())


def animate(page: Page) -> None:
    """Record an animation that opens some hits beside the comparison."""
    frames = [screenshot(page)]
    page.locator("#compare-side-b .tl-card:not(.tl-own) .tl-open").first.click()
    for _ in range(3):
        frames.append(screenshot(page))
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    small = [frame.resize((960, 885), Image.Resampling.LANCZOS) for frame in frames]
    small[0].save(
        DOCS / "compare.webp",
        save_all=True,
        append_images=small[1:],
        duration=FRAME_MS,
        loop=0,
        quality=70,
    )


def choose(page: Page, elem_id: str, title: str) -> None:
    box = page.locator(f"#{elem_id}").get_by_role("combobox")
    box.fill(title)
    box.press("Enter")
    expect(box).to_have_value(re.compile(re.escape(title)))
    box.blur()


def save(page: Page, name: str) -> None:
    page.evaluate("scrollTo(0, 0)")
    screenshot(page).save(DOCS / f"{name}.jpg", quality=82, optimize=True)


def screenshot(page: Page) -> Image.Image:
    """Capture the window after its pictures have loaded and animations have ended."""
    # Toasts that end by themselves meanwhile can't be clicked by a pointer.
    page.get_by_test_id("toast-close").evaluate_all("found => found.forEach(one => one.click())")
    page.wait_for_timeout(700)
    page.wait_for_function(
        """[...document.images].every(image => image.complete || image.loading === "lazy")"""
    )
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.screenshots", description=__doc__)
    parser.add_argument("--models", type=Path, default=ROOT / "models", help="folder of *.onnx")
    parser.add_argument(
        "--pair",
        nargs=2,
        default=["EfficientNet-Lite2", "EfficientNet-Lite0"],
        metavar="TITLE",
        help="titles of the two models to show",
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(run(take, parse(sys.argv[1:])))
