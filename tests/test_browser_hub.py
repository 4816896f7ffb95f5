"""Models of the Hub in the Models tab and over the API."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from playwright.sync_api import Browser, expect

from searcher.models.catalog import CATALOGUE
from searcher.models.networks import HubNetwork
from tests import hub_server
from tests.browsing import WAIT_MS, open_tab, shown_text, visiting
from tests.hub_models import write_repository
from tests.hub_repository import COMMIT, Repository
from tests.hub_server import HubServer
from tests.pictures import folder
from tests.servers import App, running, wait_for

DINO = CATALOGUE["dinov2_small"]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubServer]:
    """A Hub that has a small network in place of one of the catalogue's, and no other."""
    home = tmp_path_factory.mktemp("hub")
    assert isinstance(DINO, HubNetwork)
    with hub_server.serving() as server:
        repository = Repository(write_repository(home / "net", True, ("_fp16",)))
        server.repositories = {DINO.repository.repository: repository, "o/net": repository}
        yield server


@pytest.fixture(scope="module")
def hub_app(
    hub: HubServer, tmp_path_factory: pytest.TempPathFactory, baselines: Path
) -> Iterator[App]:
    home = tmp_path_factory.mktemp("app")
    shutil.copytree(baselines, home / "models")
    folder(home / "samples", {"a": 3, "b": 3})
    with running(home, HF_ENDPOINT=hub.url, HF_HOME=str(home / "hf"), HF_TOKEN="") as app:
        yield app


def test_a_model_of_the_catalogue_takes_one_click(browser: Browser, hub_app: App) -> None:
    with visiting(browser, hub_app.url) as visit:
        page = visit.page
        open_tab(page, "Models")
        card = page.locator("#model-dinov2_small")
        expect(card).to_contain_text("88.5 MB to download, about 1 minute", timeout=WAIT_MS)
        expect(card).to_contain_text("Apache-2.0")
        card.get_by_role("button", name="Install").click()
        expect(card).to_contain_text("8 dimensions", timeout=WAIT_MS)
        expect(card).to_contain_text("all 6", timeout=WAIT_MS)


def test_a_failure_is_shown_on_its_card_only(browser: Browser, hub_app: App) -> None:
    with visiting(browser, hub_app.url) as visit:
        page = visit.page
        open_tab(page, "Models")
        card = page.locator("#model-siglip_base")
        card.get_by_role("button", name="Install").click()
        expect(card).to_contain_text("The Hub has no repository Xenova", timeout=WAIT_MS)
        expect(card.get_by_role("button", name="Try again")).to_be_visible()
        expect(shown_text(page, "The Hub has no repository")).to_have_count(1)


def test_programs_describe_and_adopt_models(hub: HubServer, hub_app: App) -> None:
    client = Client(hub_app.url, verbose=False)
    document = client.predict("hf:o/net", "", api_name="/describe_model")
    assert document["commit"] == COMMIT
    assert (document["variant"], document["variants"]) == ("fp32", ["fp32", "fp16"])
    assert document["name"] == "net"
    models = client.predict("hf:o/net", "mine", "fp16", api_name="/adopt")
    (mine,) = [model for model in models if model["name"] == "mine"]
    assert mine["state"] in ("wanted", "installing", "ready", "checking")

    def state() -> str:
        models = client.predict(api_name="/models")
        return next(model["state"] for model in models if model["name"] == "mine")

    wait_for(lambda: state() == "ready", what="the model")
    for source, name, reason in (
        ("hf:o/net", "mine", "There is a model mine"),
        ("hf:o/net", "resnet50", "resnet50"),
        ("hf:o/net", "../x", "can't be a model's name"),
        ("hf:o/none", "", "no public o/none"),
        ("o/net", "", "does not name a repository"),
    ):
        with pytest.raises(AppError, match=reason):
            client.predict(source, name, "", api_name="/adopt")
