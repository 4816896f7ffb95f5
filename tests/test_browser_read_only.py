"""A library that visitors may look at and not change: in a real browser, and for programs."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from playwright.sync_api import Browser, expect

from tests.browsing import WAIT_MS, open_tab, shown_text, visiting
from tests.pictures import folder
from tests.servers import App, running
from tests.upload_calls import MB, upload


@pytest.fixture(scope="module")
def read_only_app(tmp_path_factory: pytest.TempPathFactory, baselines: Path) -> Iterator[App]:
    home = tmp_path_factory.mktemp("read-only")
    shutil.copytree(baselines, home / "models")
    folder(home / "samples", {"a": 6})
    with running(home, READ_ONLY="1") as app:
        yield app


def test_the_page_hides_and_refuses_changes(browser: Browser, read_only_app: App) -> None:
    with visiting(browser, read_only_app.url) as visit:
        page = visit.page
        model = page.locator("#search-model").get_by_role("combobox")
        expect(model).to_have_value(re.compile("all 6"), timeout=WAIT_MS)
        open_tab(page, "Models")
        expect(page.locator("#model-colour")).to_contain_text("ready", timeout=WAIT_MS)
        expect(page.locator(".tl-actions button")).to_have_count(0)
        expect(page.get_by_role("button", name="Index now")).to_have_count(0)
        expect(page.locator("#bring")).to_have_count(0)

        open_tab(page, "Library")
        expect(page.locator("#library-shown .tl-card")).to_have_count(6, timeout=WAIT_MS)
        expect(page.locator(".tl-tick")).to_have_count(0)
        expect(page.get_by_role("button", name="Add pictures")).to_have_count(0)
        # A forged click gets an error message, and nothing changes.
        page.locator("#library-shown .tl-open").first.click()
        opened = page.get_by_role("dialog")
        expect(opened).to_contain_text("pixels", timeout=WAIT_MS)
        expect(opened.get_by_role("button", name="Remove")).to_have_count(0)
        opened.evaluate(
            """opened => {
                const button = document.createElement("button");
                const question = JSON.stringify({one: "Remove?", other: "Remove?"});
                Object.assign(button.dataset, {action: "remove", question, remove: "Yes"});
                opened.append(button);
                button.click();
            }"""
        )
        page.get_by_role("alertdialog").get_by_role("button", name="Yes").click()
        expect(shown_text(page, "this library is read-only")).to_be_visible(timeout=WAIT_MS)
        expect(page.locator("#library-shown .tl-card")).to_have_count(6)


def test_programs_bring_no_model(read_only_app: App) -> None:
    client = Client(read_only_app.url, verbose=False)
    large = upload(read_only_app, {}, 21 * MB, "net.onnx", beginning=b"\x08\x09")
    assert large.status_code == 413
    with pytest.raises(AppError, match="this library is read-only"):
        client.predict(None, "hf:o/net", "", "", {}, api_name="/check_model")
