"""The Arena tab in a real browser: blind until the vote, by mouse and by keyboard."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.browsing import WAIT_MS, does_not_scroll_sideways, open_tab, visiting
from tests.pictures import folder
from tests.servers import App, running, wait_for

NAMES = ("colour", "shape", "Colour (baseline)", "Shape (baseline)")


@pytest.fixture
def separate_app(tmp_path: Path, baselines: Path) -> Iterator[App]:
    shutil.copytree(baselines, tmp_path / "models")
    folder(tmp_path / "samples", {"a": 15, "b": 15})
    with running(tmp_path) as app:
        yield app


def test_votes_are_blind_and_counted(browser: Browser, separate_app: App) -> None:
    size = {"width": 390, "height": 900}
    with visiting(browser, separate_app.url, viewport=size) as visit:
        page = visit.page
        model = page.locator("#search-model").get_by_role("combobox")
        expect(model).to_have_value(re.compile("all 30"), timeout=WAIT_MS)
        open_tab(page, "Arena")
        page.get_by_role("button", name="Start").click()
        arena = page.locator("#arena")
        left_side = page.locator("#arena-side-left")
        expect(left_side.locator("li")).to_have_count(6, timeout=WAIT_MS)
        for name in NAMES:
            assert name not in arena.inner_html()
        assert does_not_scroll_sideways(page)

        page.get_by_role("button", name="Left is better").click()
        expect(arena).to_contain_text(re.compile(r"(Colour|Shape) \(baseline\) wins\."))
        titles = page.locator(".tl-arena-side h3").all_inner_texts()
        assert sorted(titles) == ["Colour (baseline)", "Shape (baseline)"]
        expect(page.locator(".tl-won h3")).to_have_text(titles[0])
        winner = page.locator("#arena-board tbody tr").first
        expect(winner).to_contain_text(re.compile(re.escape(titles[0]) + r"\s*1\s*100%"))

        # On with the keyboard: any arrow goes on, then down is a tie.
        page.locator("body").press("ArrowRight")
        expect(arena).to_contain_text("Which side found", timeout=WAIT_MS)
        page.locator("body").press("ArrowDown")
        expect(arena).to_contain_text("Neither wins.", timeout=WAIT_MS)
        expect(winner).to_contain_text(re.compile(re.escape(titles[0]) + r"\s*2\s*75%"))
        assert does_not_scroll_sideways(page)

        with page.expect_download(timeout=WAIT_MS) as download:
            page.get_by_role("button", name="Save votes as CSV").click()
        assert download.value.path().read_text().count("\n") == 3

        page.once("dialog", lambda dialog: dialog.dismiss())
        page.get_by_role("button", name="Forget all votes").click()
        page.once("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Forget all votes").click()
        expect(winner).to_contain_text(re.compile(r"\s0\s*–"), timeout=WAIT_MS)
        expect(page.get_by_test_id("toast-body")).to_have_count(0)  # for the kept votes


def test_no_reply_of_the_server_names_the_models_before_the_vote(separate_app: App) -> None:
    """The same click without a browser: everything that comes over the wire is read."""
    config = httpx.get(f"{separate_app.url}/config").json()
    (start,) = (c["id"] for c in config["components"] if c["props"].get("elem_id") == "arena-next")
    (event,) = (d["id"] for d in config["dependencies"] if [start, "click"] in d["targets"])
    replies = [""]

    def shows_a_duel() -> bool:  # once the samples are indexed
        replies.append(call(separate_app, event, [None, "", False]).decode())
        return "tl-arena" in replies[-1]

    wait_for(shows_a_duel, what="a duel")
    reply = replies[-1]
    assert "process_completed" in reply
    for name in NAMES:
        assert name not in reply


def call(app: App, event: int, data: list[object]) -> bytes:
    """Everything that the server sends for one event of the page."""
    body = {"data": data, "fn_index": event, "session_hash": "visitor"}
    httpx.post(f"{app.url}/gradio_api/queue/join", json=body).raise_for_status()
    address = f"{app.url}/gradio_api/queue/data?session_hash=visitor"
    with httpx.stream("GET", address, timeout=60) as stream:
        received = b""
        for part in stream.iter_bytes():
            received += part
            if b"process_completed" in received:
                return received
    return received
