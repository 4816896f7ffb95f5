"""`index` with labels from files, and with data sets of the Hub."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import hub_server
from tests.cli_calls import Run
from tests.datasets import image_row, write_parquet
from tests.hub_repository import COMMIT, Repository
from tests.hub_server import HubServer
from tests.pictures import folder

pytestmark = pytest.mark.slow


def write_coco(path: Path, categories: dict[str, str]) -> Path:
    """COCO's JSON that gives each picture one object."""
    names = sorted(set(categories.values()))
    images = [{"id": n, "file_name": name} for n, name in enumerate(categories)]
    things = [
        {"image_id": n, "category_id": names.index(name), "area": 5}
        for n, name in enumerate(categories.values())
    ]
    kinds = [{"id": n, "name": name} for n, name in enumerate(names)]
    path.write_text(json.dumps({"images": images, "annotations": things, "categories": kinds}))
    return path


def test_labels_from_files(run: Run, tmp_path: Path) -> None:
    folder(tmp_path / "in", {"a": 3})
    coco = write_coco(tmp_path / "coco.json", {f"a-{n}.jpg": "cat" for n in range(2)})
    (tmp_path / "own.csv").write_text("in/a/a-1.jpg,dog\n")
    indexed = json.loads(run("index", tmp_path / "in" / "a", "--coco", coco, "--json").stdout)
    assert (indexed["added"], indexed["labelled"], indexed["relabelled"]) == (3, 2, 0)
    words = "0 added, 3 known, 0 skipped.\n1 of the known ones got another label.\n"
    options = ("--coco", coco, "--labels", tmp_path / "own.csv")
    text = run("index", tmp_path / "in" / "a", *options).stdout
    assert text.startswith(words + "2 labelled by coco.json and own.csv.\n")
    assert json.loads(run("index", tmp_path / "in", "--json").stdout)["known"] == 3
    removed = json.loads(run("remove", "--label", "dog", "--json").stdout)
    assert removed["removed"] == 1
    assert run("doctor").stdout.startswith("Everything agrees.\n")


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A Hub for the processes of a test, with an empty data set and an empty cache."""
    with hub_server.serving() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
        hub.repositories["datasets/zoo/animals"] = Repository(tmp_path / "zoo")
        yield hub


def test_a_data_set_of_the_hub(hub: HubServer, run: Run, tmp_path: Path) -> None:
    rows = [image_row(n, kind="owl" if n else "elk", label=n) for n in range(3)]
    write_parquet(tmp_path / "zoo" / "data" / "test-00000-of-00001.parquet", rows)
    address = "hf:datasets/zoo/animals"
    process = run("index", address, "--limit", 2, "--label", "kind", "--json")
    # What is sent does not say which program sends it.
    assert not any("twinlens" in agent.lower() for agent in hub.agents)
    indexed = json.loads(process.stdout)
    assert (indexed["added"], indexed["skipped"]) == (2, [])
    assert indexed["datasets"] == [
        {
            "dataset": "zoo/animals",
            "commit": COMMIT,
            "split": "test",
            "picture_column": "image",
            "label_column": "kind",
        }
    ]
    words = "zoo/animals at 0123456789ab: split test, pictures from image, labels from kind."
    assert words in process.stderr
    refused = run("index", address, "--split", "dev", status=2)
    assert refused.stderr == "The data set zoo/animals has no split dev, but these: test.\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("hf:zoo/animals",), "hf:zoo/animals is not the address of a data set"),
        (("in", "--limit", 3), "Invalid value for --limit: it is about a data set of the Hub"),
        (("hf:datasets/a/b", "--coco", "x"), "Invalid value for --coco, --labels"),
        (("hf:datasets/a/b", "--watch"), "Invalid value for --watch, --prune"),
        (("in", "--labels", "none.csv"), "none.csv can't be read (No such file or directory)."),
        (("in", "--labels", "in/a/a-0.jpg"), "a-0.jpg is not UTF-8 text."),
    ],
)
def test_mistakes_get_a_sentence(
    run: Run,
    tmp_path: Path,
    arguments: tuple[object, ...],
    words: str,
) -> None:
    folder(tmp_path / "in", {"a": 1})
    given = [tmp_path / str(a) if str(a)[:2] in ("in", "no") else a for a in arguments]
    process = run("index", *given, status=2)
    assert words in process.stderr
    assert process.stdout == ""
