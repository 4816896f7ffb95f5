"""Repositories of data sets: files, revisions, the cache, and what goes wrong."""

from pathlib import Path

import pytest
from huggingface_hub import constants

from searcher.datasets import repository
from searcher.datasets.dataset_address import Selection, parse_reference
from searcher.datasets.hub_dataset import HubDataset
from searcher.errors import BadDataset, DownloadStopped
from tests import hub_server
from tests.datasets import ADDRESS, labelled_rows, read, refusal, write_parquet
from tests.hub_repository import Repository
from tests.hub_server import HubServer
from tests.servers import free_port


def downloads(zoo: HubServer) -> list[str]:
    """The Parquet files that were fetched, in order and without repeats."""
    paths = [path.split("/animals/")[1] for path in zoo.paths() if path.startswith("/lfs/")]
    return list(dict.fromkeys(paths))


def test_only_the_files_that_the_limit_needs_are_downloaded(
    zoo: HubServer, shards: list[str]
) -> None:
    assert len(read(limit=5)) == 5
    assert downloads(zoo) == shards[:1]
    assert len(read(limit=6)) == 6
    assert downloads(zoo) == shards


def test_the_hubs_conversion_is_read_where_there_is_no_parquet(
    zoo: HubServer, tmp_path: Path
) -> None:
    assert refusal().startswith("The data set zoo/animals has no Parquet files: download its")
    write_parquet(tmp_path / "converted/default/train/0000.parquet", labelled_rows(0, 2))
    write_parquet(tmp_path / "converted/default/test/0000.parquet", labelled_rows(9, 1))
    converted = Repository(tmp_path / "converted", "c" * 40)
    zoo.repositories["datasets/zoo/animals"].branches["refs/convert/parquet"] = converted
    dataset = HubDataset(parse_reference(ADDRESS))
    assert dataset.commit == "c" * 40
    assert len(list(dataset.sources())) == 2


def test_a_later_run_needs_no_network(
    zoo: HubServer, shards: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = "The Hub has no repository datasets/zoo/plants"
    assert refusal("hf:datasets/zoo/plants").startswith(missing)
    online = read(limit=5)
    hub_server.use(f"http://127.0.0.1:{free_port()}", tmp_path, monkeypatch)
    assert read(limit=5) == online
    dataset = HubDataset(parse_reference(ADDRESS))
    assert dataset.files == shards
    with pytest.raises(BadDataset, match="does not answer at"):
        list(dataset.sources())
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert read(limit=5) == online
    assert refusal("hf:datasets/zoo/plants") == (
        "datasets/zoo/plants is not in the Hub's cache: unset HF_HUB_OFFLINE to download it, or "
        "use a folder with its files."
    )


def test_a_revision_is_read(zoo: HubServer, shards: list[str], tmp_path: Path) -> None:
    write_parquet(tmp_path / "old" / "train.parquet", labelled_rows(0, 1))
    old = Repository(tmp_path / "old", "b" * 40)
    zoo.repositories["datasets/zoo/animals"].branches["v1"] = old
    assert len(read(f"{ADDRESS}@v1")) == 1
    assert len(read(f"{ADDRESS}@{'b' * 40}")) == 1
    assert refusal(f"{ADDRESS}@v2").startswith("datasets/zoo/animals has no revision v2")


@pytest.mark.parametrize("failure", [500, 401, b"<html>", b"[]", b"{}"])
def test_answers_that_are_none_get_a_sentence(zoo: HubServer, failure: int | bytes) -> None:
    zoo.failure = failure
    assert refusal().endswith(".")


def test_gated_and_private_data_sets(zoo: HubServer, shards: list[str]) -> None:
    zoo.repositories["datasets/zoo/animals"].gated = True
    assert refusal().startswith("datasets/zoo/animals is gated: accept its conditions at")
    zoo.repositories["datasets/zoo/animals"].private = True
    assert refusal().startswith("The Hub has no repository datasets/zoo/animals, or it is private")


def test_a_visitor_does_not_use_the_token_of_this_machine(
    zoo: HubServer, shards: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    zoo.repositories["datasets/zoo/animals"].private = True
    monkeypatch.setenv("HF_TOKEN", hub_server.TOKEN)
    assert len(read()) == 10
    with pytest.raises(BadDataset, match="no public datasets/zoo/animals"):
        HubDataset(parse_reference(ADDRESS), anonymous=True)
    # Not even for what is in the cache by now.
    zoo.repositories["datasets/zoo/animals"].private = False
    zoo.repositories["datasets/zoo/animals"].gated = True
    assert len(read()) == 10
    with pytest.raises(BadDataset, match="no public datasets/zoo/animals"):
        HubDataset(parse_reference(ADDRESS), anonymous=True)


def test_a_huge_card_is_not_downloaded(
    zoo: HubServer, shards: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    card = zoo.repositories["datasets/zoo/animals"].folder / "README.md"
    card.write_bytes(bytes(3 * 2**20))
    monkeypatch.setattr(repository, "MAX_CARD_MB", 1)
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 2**18)
    assert refusal().startswith("README.md is larger than 1 MB")
    card.write_bytes(bytes(2**19))
    assert len(read()) == 10


def test_a_download_reports_its_bytes_and_can_be_stopped(zoo: HubServer, shards: list[str]) -> None:
    reports: list[tuple[int, int]] = []
    reference = parse_reference(ADDRESS)
    dataset = HubDataset(reference, progress=lambda done, total: reports.append((done, total)))
    assert dataset.columns.picture == "image"
    assert reports[-1][0] == reports[-1][1] > 20_000
    stopped = HubDataset(reference, stop=lambda: True)
    assert stopped.columns.picture == "image"  # from the cache
    assert len(list(stopped.sources())) == 5  # ends before the second file
    other = HubDataset(reference, Selection(split="test"), stop=lambda: True)
    with pytest.raises(DownloadStopped):
        other.columns  # noqa: B018
