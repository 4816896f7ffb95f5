"""Fixtures: settings in temporary folders, libraries on real stores, servers of the tests' own."""

import contextlib
import gc
import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import hypothesis
import pytest
import redis
from gradio_client import Client
from playwright.sync_api import Browser, sync_playwright
from pymilvus import MilvusClient

from searcher.config.http_proxies import prepare_proxies
from searcher.config.settings import Settings
from searcher.export.install import install, make_baselines
from searcher.images.pictures import open_picture
from searcher.library.core import Library
from searcher.models.embedder import Embedder
from searcher.stores.private.client import EmbeddedStores
from tests import component_interfaces, forks, packing, shared_verdicts, tiers, tls
from tests.api_app import api_app, api_client  # noqa: F401 (fixtures, as the next four)
from tests.browsing import ARGUMENTS, find_browser
from tests.cli_calls import run  # noqa: F401
from tests.datasets import shards, zoo  # noqa: F401
from tests.hub_server import stand_in_hub  # noqa: F401
from tests.milvus import MilvusServer, milvus_server  # noqa: F401
from tests.packing import (  # noqa: F401 (hooks)
    pytest_sessionfinish,
    pytest_testnodedown,
    pytest_xdist_make_scheduler,
)
from tests.parameters import MakeSettings
from tests.pictures import folder
from tests.raw_calls import raw  # noqa: F401
from tests.records import records  # noqa: F401
from tests.servers import App, free_port, redis_on, running, wait_for
from tests.text_networks import write_text_file
from tests.vectors import milvus_uri, vectors  # noqa: F401

hypothesis.settings.register_profile("without time bounds", deadline=None)
hypothesis.settings.load_profile("without time bounds")


def pytest_configure(config: pytest.Config) -> None:
    """Name the fork server of this run; its workers inherit the name."""
    if not hasattr(config, "workerinput"):
        stack = contextlib.ExitStack()
        stack.enter_context(forks.server())
        config.add_cleanup(stack.close)
    component_interfaces.leave_out()
    forks.fork_children()
    shared_verdicts.use()
    tls.share_contexts()
    tiers.install_guard()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Import no file whose tests would all be left out, unless it was asked for."""
    if config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return None
    return packing.is_left_out(collection_path, config.option.markexpr) or None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect no garbage among what the test files import, neither meanwhile nor later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow tests, and put all in order."""
    tiers.mark(items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Forbid starting processes while a fast test runs."""
    with tiers.guarded(item):
        return (yield)


@pytest.fixture(autouse=True)
def _real_processes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start the processes of tests marked `real_processes` without the fork server."""
    if request.node.get_closest_marker("real_processes"):
        monkeypatch.delenv(forks.ADDRESS)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, "pytest.CallInfo[None]", None]:
    """With TWINLENS_NO_SKIPS a skipped test is a failed one: CI has all that the tests need."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.skipped and os.environ.get("TWINLENS_NO_SKIPS") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and nothing may be: {report.longrepr}"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real photographs and a third party's network."""
    folder = os.environ.get("TWINLENS_SHARED")
    if not folder or not Path(folder).is_dir():
        pytest.skip("TWINLENS_SHARED does not point at the photographs")
    return Path(folder).resolve()


@pytest.fixture(scope="session")
def baselines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with the two baselines."""
    folder = tmp_path_factory.mktemp("baselines")
    make_baselines(folder)
    shared_verdicts.share(folder)
    return folder


@pytest.fixture(scope="session")
def keras_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with both of the article's networks, untrained (seeded weights)."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # of all workers: making a network takes a minute
    folder = folder / "keras"
    folder.mkdir(exist_ok=True)
    for name in ("resnet50", "vgg16"):
        if not (folder / f"{name}.onnx").exists():
            install(name, "random", folder, print)
    shared_verdicts.share(folder)
    return folder


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No network and no cached weights: requests go to a proxy that does not exist."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    for variable in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    for variable in ("no_proxy", "NO_PROXY"):  # put back afterwards
        monkeypatch.setenv(variable, "")
    prepare_proxies()


@pytest.fixture
def store(request: pytest.FixtureRequest) -> dict[str, str]:
    """The variables with the stores' addresses: none, or empty servers; see ON_EVERY_STORE."""
    if getattr(request, "param", "embedded") == "embedded":
        return {}
    server: MilvusServer = request.getfixturevalue("milvus_server")
    url: str = request.getfixturevalue("redis_url")
    client = MilvusClient(server.uri)
    for name in client.list_collections():
        client.drop_collection(name)
    client.close()
    redis.Redis.from_url(url).flushdb()
    return {"MILVUS_URI": server.uri, "REDIS_URL": url}


@pytest.fixture
def make_settings(tmp_path: Path, baselines: Path, store: dict[str, str]) -> MakeSettings:
    """Settings under the test's own folder, with the baselines as models."""

    def make(**variables: str) -> Settings:
        models = tmp_path / "models"
        if not models.exists():
            shutil.copytree(baselines, models)
        env = {
            "TWINLENS_DATA": str(tmp_path / "data"),
            "MODELS_DIR": str(models),
            "SAMPLES_DIR": str(tmp_path / "samples"),
            "INSTALL_MODELS": "",
        }
        return Settings.from_env(env | store | variables)

    return make


@pytest.fixture
def library(make_settings: MakeSettings) -> Iterator[Library]:
    """An empty library with the baselines."""
    library = Library(make_settings())
    try:
        yield library
    finally:
        library.close()


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStores]:
    """The private servers of an empty folder."""
    stores = EmbeddedStores(tmp_path_factory.mktemp("stores"))
    try:
        yield stores
    finally:
        stores.release()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A redis-server of the system, over TCP with a password."""
    port = free_port()
    options = ["--requirepass", "secret", "--save", ""]
    with redis_on(port, tmp_path_factory.mktemp("redis"), *options):
        yield f"redis://:secret@127.0.0.1:{port}/0"


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory, baselines: Path) -> Path:
    """A folder as at a first start: two models and 24 sample pictures.

    The colour baseline understands words; a "boat" is for it what a-4.jpg shows.
    """
    home = tmp_path_factory.mktemp("app")
    shutil.copytree(baselines, home / "models")
    folder(home / "samples", {"a": 12, "b": 12})
    boat = open_picture((home / "samples" / "a" / "a-4.jpg").read_bytes(), "boat")
    vector = Embedder(home / "models" / "colour.onnx").embed_picture(boat)
    write_text_file(home / "models", "colour", {"boat": vector.tolist()})
    return home


@pytest.fixture(scope="session")
def app(home: Path) -> Iterator[App]:
    """A running app on `home`; it indexes the samples by itself."""
    with running(home) as app:
        yield app


@pytest.fixture(scope="session")
def locations(app: App, home: Path) -> dict[str, str]:
    """The variables for another app on the library of `app`, which is searchable by then."""
    client = Client(app.url, verbose=False)
    wait_for(lambda: client.predict(api_name="/status")["pictures"] == 24, what="the samples")
    return {
        "TWINLENS_DATA": str(home / "data"),
        "MODELS_DIR": str(home / "models"),
        "SAMPLES_DIR": str(home / "samples"),
    }


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = find_browser()
    if not executable:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()
