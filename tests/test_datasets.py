"""Data sets of the Hub: splits, columns and rows, from a real HTTP server."""

from pathlib import Path
from typing import Any

import pytest

from searcher.datasets.dataset_address import DatasetReference, parse_reference
from searcher.datasets.hub_dataset import HubDataset
from searcher.errors import BadDataset
from tests.datasets import ADDRESS, CLASSES, image_row, labelled_rows, read, refusal, write_parquet
from tests.hub_repository import COMMIT
from tests.hub_server import HubServer


def test_a_split_is_read_with_names_and_class_names(zoo: HubServer, shards: list[str]) -> None:
    dataset = HubDataset(parse_reference(ADDRESS))
    sources = list(dataset.sources())
    assert [s.name for s in sources] == [f"picture-{n}.jpg" for n in [*range(5), *range(10, 15)]]
    assert [s.label for s in sources] == 2 * [*CLASSES, *CLASSES[:2]]
    assert all(s.is_labelled and s.read() for s in sources)
    assert (dataset.commit, dataset.split, dataset.files) == (COMMIT, "train", shards)


def test_another_split_and_the_only_one(zoo: HubServer, shards: list[str], tmp_path: Path) -> None:
    assert len(read(split="test")) == 2
    assert (
        refusal(split="dev") == "The data set zoo/animals has no split dev, but these: test, train."
    )
    for name in shards:
        (tmp_path / "zoo" / name).unlink()
    zoo.repositories["datasets/zoo/animals"].commit = "1" * 40
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
    zoo: HubServer, tmp_path: Path, path: str, split: str
) -> None:
    write_parquet(tmp_path / "zoo" / path, labelled_rows(0, 1))
    write_parquet(tmp_path / "zoo" / "test.parquet", labelled_rows(0, 2))
    assert len(read(split=split)) == 1


def test_one_of_several_configurations_must_be_named(zoo: HubServer, tmp_path: Path) -> None:
    for n, name in enumerate(("day", "night")):
        write_parquet(tmp_path / "zoo" / name / "train-00000-of-00001.parquet", labelled_rows(n, 1))
    assert refusal() == (
        "Choose one of the parts of zoo/animals, as in hf:datasets/zoo/animals/PART: day, night."
    )
    assert [source.name for source in read(f"{ADDRESS}/night")] == ["picture-1.jpg"]


def test_columns_are_found_by_type_and_chosen_by_name(zoo: HubServer, tmp_path: Path) -> None:
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


def test_sounds_are_no_pictures(zoo: HubServer, tmp_path: Path) -> None:
    rows = [{"sound": {"bytes": b"RIFF", "path": "a.wav"}, "label": 0}]
    write_parquet(tmp_path / "zoo" / "train.parquet", rows, {"sound": {"_type": "Audio"}})
    assert refusal() == "The data set zoo/animals has no column of pictures."


def test_unknown_classes_are_no_label(zoo: HubServer, tmp_path: Path) -> None:
    rows = [image_row(n, label=label) for n, label in enumerate([-1, None, 2, 3])]
    write_parquet(tmp_path / "zoo" / "train.parquet", rows)
    assert [s.label for s in read()] == ["animals", "animals", "zebra", "animals"]


def test_rows_without_a_picture_are_refused(zoo: HubServer, tmp_path: Path) -> None:
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
    zoo: HubServer, shards: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "zoo" / shards[1]
    data = path.read_bytes()
    path.write_bytes(data[:30_000] + bytes(200) + data[30_200:])
    sources = read()
    assert len(sources) > 5
    damaged = [source for source in sources if source.refusal]
    path.write_bytes(b"no Parquet" * 5000)
    zoo.repositories["datasets/zoo/animals"].commit = "2" * 40
    *intact, last = read()
    assert (len(intact), str(last.refusal)) == (
        5,
        "data/train-00001-of-00002.parquet can't be read: it is damaged, or not a Parquet file.",
    )
    assert damaged == [] or len(damaged) == 1


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
