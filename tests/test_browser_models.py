"""The Models tab in a real browser."""

import re
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import APIResponse, Browser, Route, expect

from tests import onnx_files
from tests.browsing import (
    WAIT_MS,
    answered,
    does_not_scroll_sideways,
    open_tab,
    shown_text,
    violations,
    visiting,
)
from tests.pictures import folder
from tests.servers import App, running, wait_for
from tests.text_networks import write_text_file

RUN = re.compile("/gradio_api/run/")
# Of an element in the page: its top, and its height.
PLACE = "e => [e.getBoundingClientRect().top + scrollY, e.offsetHeight]"


@pytest.fixture
def separate_app(tmp_path: Path, baselines: Path) -> Iterator[App]:
    """An app that this test may change."""
    shutil.copytree(baselines, tmp_path / "models")
    folder(tmp_path / "samples", {"a": 4, "b": 4})
    onnx_files.write(tmp_path / "models", "mean")
    text = write_text_file(tmp_path / "models", "mean")
    shutil.copy(text, text.with_name("shape.text.onnx"))
    onnx_files.write_broken(tmp_path / "models" / "bad.onnx", "not unit")
    # Its proxy never answers, so that there is time to stop an installation.
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        variables = {
            "KERAS_HOME": str(tmp_path / "keras"),
            "HTTPS_PROXY": f"http://127.0.0.1:{proxy.getsockname()[1]}",
        }
        with running(tmp_path, **variables) as app:
            yield app


def test_models_are_listed_installed_and_removed(browser: Browser, separate_app: App) -> None:
    size = {"width": 1280, "height": 900}
    with visiting(browser, separate_app.url, viewport=size) as visit:
        page = visit.page
        open_tab(page, "Models")
        mean = page.locator("#model-mean")
        expect(mean).to_contain_text("ready", timeout=WAIT_MS)
        expect(mean).to_contain_text("all 8", timeout=WAIT_MS)
        expect(mean).to_contain_text(re.compile(r"size\s*under 1 MB"))
        expect(mean).to_contain_text(re.compile(r"a picture\s*\d+\.\d ms"), timeout=WAIT_MS)
        expect(page.locator("#model-bad")).to_contain_text("its vectors are not of unit length")
        expect(page.locator("#model-colour").get_by_role("button")).to_have_count(0)
        expect(mean).to_contain_text("understands words")
        expect(page.locator("#model-colour")).not_to_contain_text("understands words")
        expect(page.get_by_role("button", name="Index now")).to_have_count(0)  # nothing is missing
        reason = shown_text(page, "its vectors are not of unit length")
        expect(reason).to_be_hidden()
        page.locator("#model-bad").get_by_text("Details").click()
        expect(reason).to_be_visible()
        expect(page.locator("#model-shape")).to_contain_text("was made for another file")
        expect(page.locator("#model-words")).to_contain_text("a text is a bag of words")
        expect(page.locator("#status .tl-problem")).to_have_count(0)  # it is over every tab
        assert does_not_scroll_sideways(page)
        page.get_by_role("button", name="Measure again").click()
        toast = shown_text(page, "as soon as nothing else goes on")
        expect(toast).to_be_visible(timeout=WAIT_MS)

        network = page.locator("#model-convnext_tiny")
        expect(network).to_contain_text("112 MB to download, about 2 minutes")
        place = network.evaluate(PLACE)
        network.get_by_role("button", name="Install").click()
        expect(network).to_contain_text("installing", timeout=WAIT_MS)
        # The card neither moves nor grows, and its job has a line on every tab.
        assert network.evaluate(PLACE) == place
        expect(reason).to_be_visible()  # its card was drawn anew
        open_tab(page, "Search")
        line = page.locator("#jobs li").filter(has_text="Installing ConvNeXt-Tiny")
        expect(line).to_be_visible()
        assert does_not_scroll_sideways(page)
        page.emulate_media(reduced_motion="reduce")  # without a bar that moves for ever
        assert not violations(page)
        line.get_by_role("button", name="Stop").press("Enter")
        expect(line).to_have_count(0)
        open_tab(page, "Models")
        expect(network).to_contain_text("not installed", timeout=WAIT_MS)

        remove = mean.get_by_role("button", name="Remove")
        answered(page, remove.click, yes=False)
        expect(mean).to_be_visible()
        models = separate_app.log.parent / "models"
        open_tab(page, "Search")
        late: list[tuple[Route, APIResponse]] = []
        page.route(RUN, lambda route: late.append((route, route.fetch())), times=1)
        open_tab(page, "Models")
        answered(page, remove.click, yes=True)
        wait_for(lambda: not (models / "mean.onnx").exists(), what="the removal")
        page.wait_for_timeout(2000)  # in which the page may hear of it
        for route, answer in late:
            route.fulfill(response=answer)
        expect(mean).to_have_count(0, timeout=WAIT_MS)
        assert not list(models.glob("mean*"))
    assert not (separate_app.log.parent / "models" / "mean.onnx").exists()
