"""Bring a model, in the page and over the API."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from playwright.sync_api import Browser, Page, expect

from tests import external_networks, hub_server
from tests.browsing import WAIT_MS, open_tab, visiting
from tests.hub_repository import Repository
from tests.pictures import folder, save
from tests.servers import App, running, wait_for
from tests.upload_calls import MB, incoming, upload
from tests.vector_sources import vectors_of_samples
from tests.words_cases import repository

LARGE_BYTES = 60 * MB


@pytest.fixture(scope="module")
def bring_app(tmp_path_factory: pytest.TempPathFactory, baselines: Path) -> Iterator[App]:
    """An app whose Hub has the public repository `o/net`, with words, and not its token."""
    home = tmp_path_factory.mktemp("bring")
    shutil.copytree(baselines, home / "models")
    folder(home / "samples", {"a": 3, "b": 3})
    with hub_server.serving() as server:
        server.repositories = {"o/net": Repository(repository("clip", home))}
        hub = {"HF_ENDPOINT": server.url, "HF_HOME": str(home / "hf"), "HF_TOKEN": "hf_wrong"}
        with running(home, **hub) as app:
            yield app


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """A network whose preprocessing its graph does not tell."""
    return external_networks.write(tmp_path, external_networks.network("NHWC"))


def open_section(page: Page) -> None:
    open_tab(page, "Models")
    page.locator("#bring button").first.click()
    expect(page.locator("#bring-check")).to_be_visible(timeout=WAIT_MS)


def test_a_file_is_checked_with_options_and_added(
    browser: Browser, bring_app: App, network: Path
) -> None:
    with visiting(browser, bring_app.url) as visit:
        page = visit.page
        open_section(page)
        page.locator("#bring-file input[type=file]").set_input_files(network)
        expect(page.locator("#bring-file")).to_contain_text(network.stem, timeout=WAIT_MS)
        page.locator("#bring-name input, #bring-name textarea").fill("mine")
        page.locator("#bring-check").click()
        result = page.locator("#bring-result")
        expect(result).to_contain_text("--preprocess with one of", timeout=WAIT_MS)
        expect(page.locator("#bring-add")).to_be_disabled()

        page.locator("#bring-options button").first.click()
        page.locator("#bring-preprocess input").click()
        page.get_by_role("option", name="tf", exact=True).click()
        page.locator("#bring-check").click()
        expect(result).to_contain_text("verified: cosine 1.0000", timeout=WAIT_MS)
        page.locator("#bring-add").click()
        card = page.locator("#model-mine")
        expect(card).to_contain_text("all 6", timeout=WAIT_MS)
        expect(result).to_be_empty()


def test_a_repository_is_checked_and_added(browser: Browser, bring_app: App) -> None:
    with visiting(browser, bring_app.url) as visit:
        page = visit.page
        open_section(page)
        reference = page.locator("#bring-reference input, #bring-reference textarea")
        reference.fill("hf:o/none")
        page.locator("#bring-check").click()
        expect(page.locator("#bring-result")).to_contain_text("no public o/none", timeout=WAIT_MS)
        reference.fill("hf:o/net")
        page.locator("#bring-check").click()
        result = page.locator("#bring-result")
        expect(result).to_contain_text("from preprocessor_config.json", timeout=WAIT_MS)
        expect(result).to_contain_text("words, tokens: at most 77 a text")
        page.locator("#bring-options button").first.click()
        page.get_by_label("Words, where the network has a side for them").uncheck()
        page.locator("#bring-check").click()
        expect(result).not_to_contain_text("words, tokens", timeout=WAIT_MS)
        expect(result).to_contain_text("verified: cosine", timeout=WAIT_MS)
        page.locator("#bring-add").click()
        expect(page.locator("#model-net")).to_contain_text("hf:o/net@", timeout=WAIT_MS)


def test_vectors_are_brought_and_say_what_they_can_not(
    browser: Browser, bring_app: App, tmp_path: Path
) -> None:
    vectors, names = vectors_of_samples(tmp_path)
    client = Client(bring_app.url, verbose=False)
    wait_for(lambda: client.predict(api_name="/status")["pictures"] == 6, what="the samples")
    with visiting(browser, bring_app.url) as visit:
        page = visit.page
        open_section(page)
        page.locator("#bring-file input[type=file]").set_input_files(vectors)
        page.locator("#bring-ids input[type=file]").set_input_files(names)
        expect(page.locator("#bring-ids")).to_contain_text("names", timeout=WAIT_MS)
        page.locator("#bring-name input, #bring-name textarea").fill("api")
        page.locator("#bring-check").click()
        result = page.locator("#bring-result")
        expect(result).to_contain_text("6 vectors of pictures of the library", timeout=WAIT_MS)
        expect(result).to_contain_text("names no picture of the library: row 7, gone.jpg")
        page.locator("#bring-add").click()
        card = page.locator("#model-api")
        expect(card).to_contain_text("all 6", timeout=WAIT_MS)
        expect(card).to_contain_text("it can't search for new pictures or words")

    sample = handle_file(folder(tmp_path / "same", {"a": 1})[0])
    query = client.predict(sample, "colour", 1, api_name="/search")["hits"][0]["id"]
    address = f"?tab=compare&models=colour,api&picture={query}"
    with visiting(browser, bring_app.url, query=address) as visit:
        page = visit.page
        side = page.locator("#compare-side-b")
        expect(side.locator(".tl-card").first).to_be_visible(timeout=WAIT_MS)
        page.locator("#compare-robust").click()
        robust = page.locator("#compare-robustness")
        expect(robust).to_contain_text("api is left out", timeout=WAIT_MS)
        expect(robust.locator("th.tl-side-a")).to_have_count(1)
        side.locator(".tl-card").nth(1).get_by_text("Why?").click()
        why = page.locator(".tl-panel[open] .tl-why")
        expect(why).to_contain_text("api can't say which parts matter", timeout=WAIT_MS)
        page.keyboard.press("Escape")
        page.locator("#compare-image input[type=file]").set_input_files(save(tmp_path / "n.jpg", 9))
        expect(side).to_contain_text("api has vectors from elsewhere", timeout=WAIT_MS)
        expect(page.locator("#compare-side-a .tl-card").first).to_be_visible()


def test_programs_bring_vectors(bring_app: App, tmp_path: Path) -> None:
    client = Client(bring_app.url, verbose=False)
    wait_for(lambda: client.predict(api_name="/status")["pictures"] == 6, what="the samples")
    files = vectors_of_samples(tmp_path, 4)
    vectors, names = map(handle_file, files)

    def check(ids: object, name: str = "two", **choices: str) -> dict[str, str]:
        found: dict[str, str] = client.predict(
            vectors, "", name, "", choices, ids, api_name="/check_model"
        )
        return found

    with pytest.raises(AppError, match="does not say which picture each row is of"):
        check(None)
    with pytest.raises(AppError, match="no option “pool” of vectors"):
        check(names, pool="avg")
    found = check(names, title="Two")
    assert found["report"][0] == "4 vectors of pictures of the library, 8 dimensions"
    client.predict(found["token"], api_name="/add_model")

    def entry() -> dict[str, object]:
        models = client.predict(api_name="/models")
        return next(model for model in models if model["name"] == "two")

    wait_for(lambda: entry()["coverage"] == 4, what="the vectors")
    expected = {"title": "Two", "state": "ready", "embeds": False, "ms": None, "words": False}
    assert expected.items() <= entry().items()
    # Paths are never looked up on the server.
    files[1].write_text("\n".join([str(save(tmp_path / "in" / "x.jpg", 0))] * 5))
    with pytest.raises(AppError, match="no vector of a picture of the library"):
        check(handle_file(files[1]), "other")


def test_programs_bring_models(bring_app: App, network: Path) -> None:
    client = Client(bring_app.url, verbose=False)
    file = handle_file(network)
    with pytest.raises(AppError, match="--preprocess with one of"):
        client.predict(file, "", "ours", "", {}, api_name="/check_model")
    choices = {"preprocess": "tf", "fit": "crop", "resize": "36"}
    found = client.predict(file, "", "ours", "", choices, api_name="/check_model")
    assert "fit: crop, short side to 36, bilinear" in found["report"]
    models = client.predict(found["token"], api_name="/add_model")
    assert "ours" in {model["name"] for model in models}

    def is_ready() -> bool:
        models = client.predict(api_name="/models")
        return any(model["name"] == "ours" and model["state"] == "ready" for model in models)

    wait_for(is_ready, what="the model")
    for arguments, reason in (
        ((None, "", "", "", {}), "Choose an ONNX file or vectors"),
        ((file, "", "ours", "", choices), "There is a model ours"),
        ((file, "", "x", "", {"colour": "blue"}), "no option"),
        ((file, "", "x", "", "tf"), "must be an object|[Ee]rror"),
    ):
        with pytest.raises(AppError, match=reason):
            client.predict(*arguments, api_name="/check_model")
    with pytest.raises(AppError, match="check it again"):
        client.predict(found["token"], api_name="/add_model")


def test_a_network_may_be_larger_than_a_picture(bring_app: App, tmp_path: Path) -> None:
    client = Client(bring_app.url, verbose=False)
    path = external_networks.large(tmp_path, LARGE_BYTES)
    proposal = client.predict(
        handle_file(path), "", "large", "", {"preprocess": "tf"}, api_name="/check_model"
    )
    assert proposal["token"]
    for name, content in (("x.jpg", b"\xff\xd8"), ("x.onnx", b"\xff\xd8"), ("x.jpg", b"\x08\x09")):
        response = upload(bring_app, {}, LARGE_BYTES, name, beginning=content)
        assert response.status_code == 413
        assert response.text == f"{name} is larger than the 20 MB that can be uploaded here."
    names = incoming(bring_app)
    assert path.name in names
    assert not {name for name in names if name.startswith(("x.", "tmp"))}


def test_the_page_refuses_a_large_file_before_it_is_sent(
    browser: Browser, bring_app: App, tmp_path: Path
) -> None:
    for name, size in (("large.jpg", 21 * MB), ("large.onnx", 1025 * MB)):
        with (tmp_path / name).open("wb") as file:
            file.truncate(size)
    with visiting(browser, bring_app.url) as visit:
        page = visit.page
        before = incoming(bring_app)
        page.locator("#search-image input[type=file]").set_input_files(tmp_path / "large.jpg")
        alert = page.locator(".tl-refusal")
        sentence = "large.jpg has 21 MB; here a file may have at most 20 MB."
        expect(alert).to_have_text(sentence, timeout=WAIT_MS)
        open_section(page)
        page.locator("#bring-file input[type=file]").set_input_files(tmp_path / "large.onnx")
        expect(page.locator("#bring-file .tl-refusal")).to_contain_text("at most 1024 MB")
        assert incoming(bring_app) == before
