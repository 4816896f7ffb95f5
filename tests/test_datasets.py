"""Data sets of the Hub: files, splits and columns, from a real HTTP server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants

from searcher.datasets.hub_dataset import HubDataset, Selection
from searcher.datasets.reference import DatasetReference, parse_reference
from searcher.errors import BadDataset, DownloadStopped
from searcher.images.sources import Source
from tests import hub_server
from tests.datasets import CLASSES, image_row, labelled_rows, write_parquet
from tests.hub_server import COMMIT, HubServer, Repository
from tests.servers import free_port

ADDRESS = "hf:datasets/zoo/animals"


@pytest.fixture(scope="module")
def server() -> Iterator[HubServer]:
    with hub_server.serving() as hub:
        yield hub


@pytest.fixture
def hub(server: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HubServer:
    """A server with the empty data set `zoo/animals`, and an empty cache."""
    (tmp_path / "zoo").mkdir()
    (tmp_path / "zoo" / "README.md").write_text("# animals")
    server.repositories = {"datasets/zoo/animals": Repository(tmp_path / "zoo")}
    server.requests, server.failure = [], None
    hub_server.use(server, tmp_path, monkeypatch)
    return server


@pytest.fixture
def shards(hub: HubServer, tmp_path: Path) -> list[str]:
    """Two files of the split `train` and one of `test`."""
    names = [f"data/train-0000{n}-of-00002.parquet" for n in range(2)]
    for n, name in enumerate(names):
        write_parquet(tmp_path / "zoo" / name, labelled_rows(10 * n, 5))
    write_parquet(tmp_path / "zoo" / "data/test-00000-of-00001.parquet", labelled_rows(40, 2))
    return names


def read(address: str = ADDRESS, **selection: Any) -> list[Source]:
    return list(HubDataset(parse_reference(address), Selection(**selection)).sources())


def downloads(hub: HubServer) -> list[str]:
    """The Parquet files that were fetched, in order and without repeats."""
    paths = [path.split("/animals/")[1] for path in hub.paths() if path.startswith("/lfs/")]
    return list(dict.fromkeys(paths))


def refusal(address: str = ADDRESS, **selection: Any) -> str:
    with pytest.raises(BadDataset) as caught:
        HubDataset(parse_reference(address), Selection(**selection)).columns  # noqa: B018
    return str(caught.value)


def test_a_split_is_read_with_names_and_class_names(hub: HubServer, shards: list[str]) -> None:
    dataset = HubDataset(parse_reference(ADDRESS))
    sources = list(dataset.sources())
    assert [s.name for s in sources] == [f"picture-{n}.jpg" for n in [*range(5), *range(10, 15)]]
    assert [s.label for s in sources] == 2 * [*CLASSES, *CLASSES[:2]]
    assert all(s.is_labelled and s.read() for s in sources)
    assert (dataset.commit, dataset.split, dataset.files) == (COMMIT, "train", shards)
    assert downloads(hub) == shards


def test_only_the_files_that_the_limit_needs_are_downloaded(
    hub: HubServer, shards: list[str]
) -> None:
    assert len(read(limit=5)) == 5
    assert downloads(hub) == shards[:1]
    assert len(read(limit=6)) == 6
    assert downloads(hub) == shards


def test_another_split_and_the_only_one(hub: HubServer, shards: list[str], tmp_path: Path) -> None:
    assert len(read(split="test")) == 2
    assert (
        refusal(split="dev") == "The data set zoo/animals has no split dev, but these: test, train."
    )
    for name in shards:
        (tmp_path / "zoo" / name).unlink()
    hub.repositories["datasets/zoo/animals"].commit = "1" * 40
    assert len(read()) == 2


@pytest.mark.parametrize(
    ("path", "split"),
    [
        ("data/train-00000-of-00001-a94092268b0c5d42.parquet", "train"),
        ("train.parquet", "train"),
        ("validation/part_3.parquet", "validation"),
        ("pictures_val.parquet", "validation"),
        ("partial-train/0000.parquet", "train"),
        ("all.parquet", "train"),
    ],
)
def test_splits_by_the_conventions_of_paths(
    hub: HubServer, tmp_path: Path, path: str, split: str
) -> None:
    write_parquet(tmp_path / "zoo" / path, labelled_rows(0, 1))
    write_parquet(tmp_path / "zoo" / "test.parquet", labelled_rows(0, 2))
    assert len(read(split=split)) == 1


def test_the_hubs_conversion_is_read_where_there_is_no_parquet(
    hub: HubServer, tmp_path: Path
) -> None:
    assert refusal().startswith("The data set zoo/animals has no Parquet files: download its")
    write_parquet(tmp_path / "converted/default/train/0000.parquet", labelled_rows(0, 2))
    write_parquet(tmp_path / "converted/default/test/0000.parquet", labelled_rows(9, 1))
    converted = Repository(tmp_path / "converted", "c" * 40)
    hub.repositories["datasets/zoo/animals"].branches["refs/convert/parquet"] = converted
    dataset = HubDataset(parse_reference(ADDRESS))
    assert dataset.commit == "c" * 40
    assert len(list(dataset.sources())) == 2


def test_one_of_several_configurations_must_be_named(hub: HubServer, tmp_path: Path) -> None:
    for n, name in enumerate(("day", "night")):
        write_parquet(tmp_path / "zoo" / name / "train-00000-of-00001.parquet", labelled_rows(n, 1))
    assert refusal() == (
        "Choose one of the parts of zoo/animals, as in hf:datasets/zoo/animals/PART: day, night."
    )
    assert [source.name for source in read(f"{ADDRESS}/night")] == ["picture-1.jpg"]


def test_columns_are_found_by_type_and_chosen_by_name(hub: HubServer, tmp_path: Path) -> None:
    rows = [
        image_row(0, kind="owl", number=7, wild=True),
        image_row(1, kind=None, number=8, wild=None),
    ]
    write_parquet(tmp_path / "zoo" / "train.parquet", rows)
    dataset = HubDataset(parse_reference(ADDRESS))
    assert (dataset.columns.label, dataset.columns.others) == ("", ("kind", "number", "wild"))
    # Without a label, pictures are called by the data set.
    assert {(s.label, s.is_labelled) for s in dataset.sources()} == {("animals", False)}
    assert [s.label for s in read(label="kind")] == ["owl", "animals"]
    assert [s.label for s in read(label="number")] == ["7", "8"]
    assert refusal(label="image") == (
        "The data set zoo/animals has no column image that could be labels, but these: "
        "kind, number, wild."
    )


def test_sounds_are_no_pictures(hub: HubServer, tmp_path: Path) -> None:
    rows = [{"sound": {"bytes": b"RIFF", "path": "a.wav"}, "label": 0}]
    write_parquet(tmp_path / "zoo" / "train.parquet", rows, {"sound": {"_type": "Audio"}})
    assert refusal() == "The data set zoo/animals has no column of pictures."


def test_unknown_classes_are_no_label(hub: HubServer, tmp_path: Path) -> None:
    rows = [image_row(n, label=label) for n, label in enumerate([-1, None, 2, 3])]
    write_parquet(tmp_path / "zoo" / "train.parquet", rows)
    assert [s.label for s in read()] == ["animals", "animals", "zebra", "animals"]


def test_rows_without_a_picture_are_refused(hub: HubServer, tmp_path: Path) -> None:
    pictures: list[dict[str, Any] | None] = [
        {"bytes": None, "path": "https://example.org/a.jpg"},
        {"bytes": b"", "path": None},
        None,
        {"bytes": b"x", "path": "../../b.jpg"},
    ]
    rows = [{"image": picture, "label": 0} for picture in pictures]
    write_parquet(tmp_path / "zoo" / "train.parquet", rows)
    reasons = [str(source.refusal) if source.refusal else source.name for source in read()]
    assert reasons == [
        "a.jpg is not in the data set, which has only its address.",
        "animals-train-000001 is empty.",
        "animals-train-000002 is empty.",
        "b.jpg",
    ]


def test_a_damaged_file_is_skipped_with_a_sentence(
    hub: HubServer, shards: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "zoo" / shards[1]
    data = path.read_bytes()
    path.write_bytes(data[:30_000] + bytes(200) + data[30_200:])
    sources = read()
    assert len(sources) > 5
    damaged = [source for source in sources if source.refusal]
    path.write_bytes(b"no Parquet" * 5000)
    hub.repositories["datasets/zoo/animals"].commit = "2" * 40
    *intact, last = read()
    assert (len(intact), str(last.refusal)) == (
        5,
        "data/train-00001-of-00002.parquet can't be read: it is damaged, or not a Parquet file.",
    )
    assert damaged == [] or len(damaged) == 1


def test_a_later_run_needs_no_network(
    hub: HubServer, shards: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert refusal("hf:datasets/zoo/plants").startswith("The Hub has no data set zoo/plants")
    online = read(limit=5)
    hub_server.use(f"http://127.0.0.1:{free_port()}", tmp_path, monkeypatch)
    assert read(limit=5) == online
    dataset = HubDataset(parse_reference(ADDRESS))
    assert dataset.files == shards
    with pytest.raises(BadDataset, match="was not downloaded before"):
        list(dataset.sources())
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert read(limit=5) == online
    assert refusal("hf:datasets/zoo/plants") == (
        "HF_HUB_OFFLINE is set, and what is needed of the data set zoo/plants was not downloaded "
        "before."
    )


def test_a_revision_is_read(hub: HubServer, shards: list[str], tmp_path: Path) -> None:
    write_parquet(tmp_path / "old" / "train.parquet", labelled_rows(0, 1))
    old = Repository(tmp_path / "old", "b" * 40)
    hub.repositories["datasets/zoo/animals"].branches["v1"] = old
    assert len(read(f"{ADDRESS}@v1")) == 1
    assert len(read(f"{ADDRESS}@{'b' * 40}")) == 1
    assert refusal(f"{ADDRESS}@v2").startswith("zoo/animals has no revision v2")


@pytest.mark.parametrize("failure", [500, 401, b"<html>", b"[]", b"{}"])
def test_answers_that_are_none_get_a_sentence(hub: HubServer, failure: int | bytes) -> None:
    hub.failure = failure
    assert refusal().endswith(".")


def test_gated_and_private_data_sets(hub: HubServer, shards: list[str]) -> None:
    hub.repositories["datasets/zoo/animals"].gated = True
    assert refusal().startswith("zoo/animals is gated: accept its conditions at")
    hub.repositories["datasets/zoo/animals"].private = True
    assert refusal().startswith("The Hub has no data set zoo/animals, or it is private")


def test_a_visitor_does_not_use_the_token_of_this_machine(
    hub: HubServer, shards: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.repositories["datasets/zoo/animals"].private = True
    monkeypatch.setenv("HF_TOKEN", hub_server.TOKEN)
    assert len(read()) == 10
    with pytest.raises(BadDataset, match="or it is private"):
        HubDataset(parse_reference(ADDRESS), anonymous=True)


def test_a_download_reports_its_bytes_and_can_be_stopped(hub: HubServer, shards: list[str]) -> None:
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


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("hf:datasets/a/b", DatasetReference("a/b")),
        (" hf:datasets/mnist ", DatasetReference("mnist")),
        ("hf:datasets/a/b@main", DatasetReference("a/b", "", "main")),
        ("hf:datasets/a/b/c d@refs/pr/1", DatasetReference("a/b", "c d", "refs/pr/1")),
    ],
)
def test_addresses(text: str, reference: DatasetReference) -> None:
    assert parse_reference(text) == reference


@pytest.mark.parametrize(
    "text", ["", "hf:a/b", "hf:datasets/", "hf:datasets/../x", "hf:datasets/a b"]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(BadDataset, match="is not the address of a data set"):
        parse_reference(text)
