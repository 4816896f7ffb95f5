"""Data sets of the Hub and files of labels, from the page and by programs."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from playwright.sync_api import Browser, expect

from searcher.datasets.dataset_address import Selection, parse_reference
from searcher.errors import NoRoom, NotAllowed
from searcher.library.core import Library
from searcher.ui.security.metered_library import Metered, add_dataset_for_visitor
from tests import hub_server
from tests.browsing import WAIT_MS, does_not_scroll_sideways, open_tab, visiting
from tests.datasets import image_row, labelled_rows, write_parquet
from tests.hub_repository import Repository
from tests.hub_server import HubServer
from tests.parameters import MakeSettings
from tests.pictures import save
from tests.servers import App, running

ADDRESS = "hf:datasets/zoo/animals"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubServer]:
    """A Hub with 5 bears, cats and zebras in two files, the second row no picture."""
    folder = tmp_path_factory.mktemp("zoo")
    rows = labelled_rows(0, 4)
    rows[1]["image"]["bytes"] = b"no picture"
    write_parquet(folder / "data" / "train-00000-of-00002.parquet", rows)
    write_parquet(folder / "data" / "train-00001-of-00002.parquet", labelled_rows(7, 1))
    (folder / "README.md").write_text("# animals")
    with hub_server.serving() as hub:
        hub.repositories["datasets/zoo/animals"] = Repository(folder)
        yield hub


@pytest.fixture(scope="module")
def zoo_app(
    hub: HubServer, tmp_path_factory: pytest.TempPathFactory, baselines: Path
) -> Iterator[App]:
    home = tmp_path_factory.mktemp("app")
    shutil.copytree(baselines, home / "models")
    with running(home, HF_ENDPOINT=hub.url, HF_HOME=str(home / "hub")) as app:
        yield app


def test_a_program_adds_a_data_set(zoo_app: App) -> None:
    client = Client(zoo_app.url, verbose=False)
    report = client.predict(ADDRESS, limit=3, api_name="/add_dataset")
    assert (report["added"], report["dataset"], report["split"]) == (2, "zoo/animals", "train")
    assert (report["picture_column"], report["label_column"]) == ("image", "label")
    assert [(entry["name"], entry["path"]) for entry in report["skipped"]] == [
        ("picture-1.jpg", None)
    ]
    assert client.predict(api_name="/status")["labels"] == {"bear": 1, "zebra": 1}
    with pytest.raises(AppError, match="has no split dev, but these: train"):
        client.predict(ADDRESS, "dev", api_name="/add_dataset")
    with pytest.raises(AppError, match="/etc is not the address of a data set"):
        client.predict("/etc", api_name="/add_dataset")


def test_a_program_adds_labels_with_the_pictures(zoo_app: App, tmp_path: Path) -> None:
    client = Client(zoo_app.url, verbose=False)
    (tmp_path / "labels.csv").write_text("path,label\nphoto.jpg,owl\n")
    photo = handle_file(str(save(tmp_path / "photo.jpg", 99)))
    report = client.predict([photo, handle_file(str(tmp_path / "labels.csv"))], api_name="/add")
    assert (report["added"], report["skipped"]) == (1, [])
    assert client.predict(api_name="/status")["labels"]["owl"] == 1


def test_a_visitor_adds_a_data_set(browser: Browser, zoo_app: App) -> None:
    with visiting(browser, zoo_app.url, viewport={"width": 390, "height": 900}) as visit:
        page = visit.page
        open_tab(page, "Library")
        page.get_by_role("button", name="Add pictures").click()
        page.get_by_label("Or a data set of the Hugging Face Hub").fill(ADDRESS)
        page.get_by_role("button", name="Add the data set").click()
        added = page.locator("#library-added")
        expect(added).to_contain_text("known, 1 skipped", timeout=WAIT_MS)
        expect(added).to_contain_text("zoo/animals, train: pictures from image, labels from label.")
        expect(added).to_contain_text("picture-1.jpg is not a picture in a known format")
        page.get_by_label("Filter").fill("cat picture-8")
        expect(page.locator("#library-shown .tl-card")).to_have_count(0, timeout=WAIT_MS)
        page.get_by_label("Filter").fill("bear picture-7")
        expect(page.locator("#library-shown .tl-card")).to_have_count(1, timeout=WAIT_MS)
        assert does_not_scroll_sideways(page)


@pytest.fixture
def use_hub(hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HubServer:
    hub_server.use(hub, tmp_path, monkeypatch)
    return hub


def add(library: Library, address: str = ADDRESS) -> int:
    return add_dataset_for_visitor(library, parse_reference(address), Selection())[1].added


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ("MAX_ADDED_MB", "those that were added here may take 1 MB"),
        ("VISITOR_UPLOADS_MB", "more than the 1 MB that each visitor may upload"),
    ],
)
def test_data_sets_count_as_uploads(
    use_hub: HubServer, make_settings: MakeSettings, tmp_path: Path, setting: str, problem: str
) -> None:
    rows = [image_row(0, raw=bytes(100_000)), *(image_row(n, raw=b"") for n in range(1, 3))]
    rows[0]["image"]["bytes"] += bytes(range(256)) * 8000
    write_parquet(tmp_path / "large" / "train.parquet", rows, compression="none")
    use_hub.repositories["datasets/zoo/large"] = Repository(tmp_path / "large", "d" * 40)
    library = Metered(make_settings(**{setting: "1"}))
    try:
        with pytest.raises(NoRoom, match=problem):
            add(library, "hf:datasets/zoo/large")
        assert not any("large" in path for path in use_hub.paths() if "/lfs/" in path)
        assert add(library) == 4
    finally:
        library.close()


def test_the_server_may_be_told_to_fetch_nothing(
    use_hub: HubServer, make_settings: MakeSettings
) -> None:
    library = Metered(make_settings(ALLOW_URLS="0"))
    use_hub.requests.clear()
    with pytest.raises(NotAllowed, match="ALLOW_URLS is 0"):
        add(library)
    assert use_hub.requests == []
    library.close()
