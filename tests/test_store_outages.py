"""Stores that fail under the running app: an error message, and recovery."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import psutil
import pytest
from gradio_client import Client, handle_file
from playwright.sync_api import Browser, expect

from tests.browsing import WAIT_MS, visiting
from tests.pictures import folder
from tests.servers import App, free_port, redis_on, running, wait_for


@pytest.fixture
def home(tmp_path: Path, baselines: Path) -> Path:
    shutil.copytree(baselines, tmp_path / "models")
    folder(tmp_path / "samples", {"a": 60})
    return tmp_path


def hit_count(app: App, home: Path) -> int:
    """How many hits a search has; raises what a visitor would see."""
    client = Client(app.url, verbose=False)
    query = handle_file(str(home / "samples" / "a" / "a-0.jpg"))
    hits = client.predict(query, "colour", 12, api_name="/search")["hits"]
    return sum(not hit["query"] for hit in hits)


def is_searchable(app: App, home: Path) -> bool:
    try:
        return hit_count(app, home) == 12
    except Exception as error:
        assert "Traceback" not in str(error)
        return False


@pytest.mark.parametrize("victims", ["redis", "supervisor", "both"])
def test_killed_stores_come_back_by_themselves(home: Path, victims: str) -> None:
    with running(home) as app:
        wait_for(lambda: is_searchable(app, home), what="the samples")
        for process in psutil.process_iter(["cmdline", "name"]):
            line = " ".join(process.info["cmdline"] or [])
            is_redis = "redis-server" in line
            is_ours = str(home) in line and (
                is_redis or "searcher.stores.private.supervisor" in line
            )
            if is_ours and (victims == "both" or is_redis == (victims == "redis")):
                os.kill(process.pid, signal.SIGKILL)
        wait_for(lambda: is_searchable(app, home), what="the stores' return")
        assert app.process.poll() is None


def test_a_redis_elsewhere_may_go_and_come_back(
    browser: Browser, home: Path, tmp_path: Path
) -> None:
    port = free_port()
    with (
        running(home, REDIS_URL=f"redis://127.0.0.1:{port}") as app,
        visiting(browser, app.url) as visit,
    ):
        status = visit.page.locator("#status")
        expect(status).to_contain_text("Redis does not answer", timeout=WAIT_MS)
        for _ in range(2):
            with redis_on(port, tmp_path, "--appendonly", "yes") as server:
                try:
                    wait_for(lambda: is_searchable(app, home), what="the samples")
                    expect(status).not_to_contain_text("Redis", timeout=WAIT_MS)
                finally:
                    server.kill()
            assert not is_searchable(app, home)
            expect(status).to_contain_text("Redis does not answer", timeout=WAIT_MS)


@pytest.fixture
def mounted(home: Path) -> list[str]:
    """A command that runs another one with a small disk of its own as data folder."""
    (home / "data").mkdir()
    if subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode:
        pytest.skip("user namespaces are not allowed here")
    mount = f'mount -t tmpfs -o "$DISK" tmpfs {home}/data && exec "$@"'
    return ["unshare", "-rm", "sh", "-c", mount, "sh"]


@pytest.mark.parametrize(
    ("disk", "sentence"),
    [
        ("size=400k", "is full"),
        ("size=3m,ro", "The data folder can't be used (Read-only file system)."),
    ],
)
def test_a_disk_that_is_full_or_read_only_is_said(
    browser: Browser, home: Path, mounted: list[str], disk: str, sentence: str
) -> None:
    with running(home, mounted, DISK=disk) as app, visiting(browser, app.url) as visit:
        expect(visit.page.locator("#status")).to_contain_text(sentence, timeout=WAIT_MS)
        expect(visit.page.locator("#search-image")).to_be_visible()
        assert app.process.poll() is None
