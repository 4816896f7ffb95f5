"""The Arena tab in a real browser: blind until the vote, by mouse, finger and keyboard."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from searcher.evaluation.arena import CHOICES
from tests.browsing import (
    WAIT_MS,
    answered,
    does_not_scroll_sideways,
    held_calls,
    open_tab,
    visiting,
)
from tests.pictures import folder, save
from tests.servers import App, running, wait_for

NAMES = ("colour", "shape", "Colour (baseline)", "Shape (baseline)")


@pytest.fixture(scope="module")
def separate_app(tmp_path_factory: pytest.TempPathFactory, baselines: Path) -> Iterator[App]:
    home = tmp_path_factory.mktemp("arena")
    shutil.copytree(baselines, home / "models")
    folder(home / "samples", {"a": 15, "b": 15})
    with running(home) as app:
        yield app


def ready(page: Page) -> None:
    model = page.locator("#search-model").get_by_role("combobox")
    expect(model).to_have_value(re.compile("all 30"), timeout=WAIT_MS)
    open_tab(page, "Arena")


def is_in_reach(button: Locator) -> bool:
    """Whether a button is in the window, and large enough for a finger."""
    box = button.bounding_box()
    assert box
    return box["y"] + box["height"] <= 700 and box["height"] >= 44


def test_votes_are_blind_and_counted(browser: Browser, separate_app: App) -> None:
    size = {"width": 390, "height": 700}
    with visiting(browser, separate_app.url, viewport=size) as visit:
        page = visit.page
        ready(page)
        page.get_by_role("button", name="Start").click()
        arena, counts = page.locator("#arena"), page.locator("#arena-counts")
        left_side = page.locator("#arena-side-left")
        expect(left_side.locator("li")).to_have_count(6, timeout=WAIT_MS)
        for name in NAMES:
            assert name not in arena.inner_html()
        assert does_not_scroll_sideways(page)

        left = page.get_by_role("button", name="Left is better")
        page.evaluate("scrollTo(0, 0)")
        assert all(is_in_reach(page.locator(f"#arena-{choice}")) for choice in CHOICES)
        left.click()
        expect(arena).to_contain_text(re.compile(r"(Colour|Shape) \(baseline\) wins\."))
        titles = page.locator(".tl-arena-side h3").all_inner_texts()
        assert sorted(titles) == ["Colour (baseline)", "Shape (baseline)"]
        expect(page.locator(".tl-won h3")).to_have_text(titles[0])
        winner = page.locator("#arena-board tbody tr").filter(has_text=titles[0])
        cells = winner.locator("td")
        expect(cells.first).to_have_text("too few votes yet")
        expect(cells.nth(2)).to_have_text("1")
        expect(cells.nth(3)).to_have_text("100%")
        expect(counts).to_have_text("1 vote by you, 1 in all")

        # The vote is gone, and so are the names; the same duel is voted on again.
        page.locator("body").press("Control+z")
        expect(counts).to_have_text("0 votes by you, 0 in all", timeout=WAIT_MS)
        expect(page.locator(".tl-arena-side h3")).to_have_text(["Left", "Right"])
        expect(page.locator("#arena-undo")).to_be_hidden()
        expect(winner.locator("td").nth(1)).to_have_text("–")
        left.click()
        expect(counts).to_have_text("1 vote by you, 1 in all")
        expect(page.locator(".tl-arena-side h3")).to_have_text(titles)

        # On with the keyboard: any arrow goes on, then down is a tie, up is both bad.
        for key, outcome in (("ArrowDown", "Neither wins."), ("ArrowUp", "Both are bad.")):
            page.locator("body").press("ArrowRight")
            expect(arena).to_contain_text("Which side found", timeout=WAIT_MS)
            page.locator("body").press(key)
            expect(arena).to_contain_text(outcome, timeout=WAIT_MS)
        expect(cells.nth(2)).to_have_text("3")
        expect(cells.nth(3)).to_have_text("67%")
        expect(cells.nth(4)).to_have_text("33%")
        expect(page.locator("#arena-board")).to_contain_text("By the labels it is")
        assert does_not_scroll_sideways(page)

        with page.expect_download(timeout=WAIT_MS) as download:
            page.get_by_role("button", name="Save votes as CSV").click()
        assert download.value.path().read_text().count("\n") == 4
        with page.expect_download(timeout=WAIT_MS) as download:
            page.get_by_role("button", name="Save votes as JSON").click()
        votes = json.loads(download.value.path().read_text())
        assert [vote["outcome"] for vote in votes][1:] == ["tie", "both bad"]

        page.locator("#arena-board td button").first.click()
        cases = page.locator("#arena-votes .tl-case")
        expect(cases).to_have_count(3, timeout=WAIT_MS)
        expect(cases.first).to_contain_text("both bad")
        assert does_not_scroll_sideways(page)
        page.get_by_role("button", name=re.compile("^against ")).click()
        expect(page).to_have_url(re.compile("votes=(colour%2Fshape|shape%2Fcolour)"))
        forget = page.get_by_role("button", name="Forget all votes")
        with held_calls(page):  # the leaderboard has not come yet
            page.reload()
            answered(page, forget.click, yes=False)
            answered(page, forget.click, yes=False)  # which the first has no say in
        expect(cases).to_have_count(3, timeout=WAIT_MS)
        answered(page, forget.click, yes=True)
        expect(counts).to_have_text("0 votes by you, 0 in all", timeout=WAIT_MS)
        expect(cells.nth(2)).to_have_text("0")
        expect(cases).to_have_count(0, timeout=WAIT_MS)


def test_pictures_of_a_duel_are_enlarged(browser: Browser, separate_app: App) -> None:
    size = {"width": 390, "height": 844}
    with visiting(browser, separate_app.url, viewport=size, has_touch=True) as visit:
        page = visit.page
        ready(page)
        page.get_by_role("button", name="Start").click()
        second = page.locator("#arena-side-right li button").nth(1)
        second.tap()
        large = page.get_by_role("dialog")
        expect(large.get_by_role("heading")).to_have_text(re.compile(r"[ab]-\d+\.jpg"))
        picture = large.locator("img")
        expect(picture).to_have_css("object-fit", "contain")
        width = picture.evaluate("async (i) => { await i.decode(); return i.naturalWidth; }")
        assert width == 320  # the whole picture
        assert not any(name in large.inner_html() for name in NAMES)
        page.keyboard.press("ArrowRight")  # to the third, not a vote
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Escape")
        expect(large).to_have_count(0)
        expect(page.locator("#arena-side-right li button").nth(2)).to_be_focused()
        expect(page.locator("#arena")).to_contain_text("Which side found")
        page.locator(".tl-arena-query button").press("Enter")
        expect(large.get_by_role("button")).to_have_count(1)
        large.get_by_role("button", name="Close").tap()
        expect(large).to_have_count(0)


def test_my_picture_and_chosen_models_are_in_the_address(
    browser: Browser, separate_app: App, tmp_path: Path
) -> None:
    with visiting(browser, separate_app.url) as visit:
        page = visit.page
        ready(page)
        models = page.locator("#arena-models").get_by_role("combobox")
        with held_calls(page):  # the second choice is made before the first is answered
            for title in ("Colour", "Shape"):
                models.click()
                page.get_by_role("option", name=title).click()
            models.press("Escape")
        expect(page).to_have_url(re.compile("tab=arena&models=colour%2Cshape$"))
        page.get_by_role("button", name="my picture").click()
        image = page.locator("#arena-image")
        image.locator("input[type=file]").set_input_files(save(tmp_path / "mine.png", 99))
        query = page.get_by_role("img", name="The query: mine.png")
        expect(query).to_have_attribute("src", re.compile("^data:image/jpeg"))
        expect(page).to_have_url(re.compile("models=colour%2Cshape&upload=[0-9a-f]{64}$"))
        page.reload()
        expect(image.locator("img")).to_be_visible()
        expect(page.get_by_role("button", name="my picture")).to_have_attribute(
            "aria-pressed", "true"
        )
        expect(page.locator("#arena-models")).to_contain_text("Shape")
        expect(query).to_have_count(0)  # a duel begins by a click
        page.get_by_role("button", name="Start").click()
        expect(query).to_be_visible()
        page.locator("#arena-bad").click()
        page.reload()  # the vote can be undone, where its duel is not shown any more
        page.get_by_role("button", name="Undo my last vote").click()
        expect(page.locator("#arena")).to_contain_text("Your last vote is taken back.")
        expect(page.locator("#arena-counts")).to_contain_text("0 votes by you")
        page.get_by_role("button", name="any picture").click()
        expect(page).to_have_url(re.compile("models=colour%2Cshape$"))
        expect(image).to_be_hidden()


def test_no_reply_of_the_server_names_the_models_before_the_vote(separate_app: App) -> None:
    """The same click without a browser: everything that comes over the wire is read."""
    config = httpx.get(f"{separate_app.url}/config").json()
    (start,) = (c["id"] for c in config["components"] if c["props"].get("elem_id") == "arena-next")
    (event,) = (d["id"] for d in config["dependencies"] if [start, "click"] in d["targets"])
    replies = [""]

    def shows_a_duel() -> bool:  # once the samples are indexed
        replies.append(call(separate_app, event, [None, None, None, None, "", [], False]).decode())
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
