"""`index --vectors`: a model of vectors from elsewhere, from the command line."""

import json
from pathlib import Path

import pytest

from tests.cli_calls import Run
from tests.pictures import folder
from tests.vector_sources import random_vectors, write_array, write_columns

pytestmark = pytest.mark.slow


def test_vectors_become_a_model(run: Run, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 3, "b": 3})
    vectors = random_vectors(7)
    vectors[5] = 0
    keys = [*(path.relative_to(tmp_path) for path in paths), "none.jpg"]
    (tmp_path / "ids.csv").write_text("path\n" + "".join(f"{key}\n" for key in keys))
    file = write_array(tmp_path / "My API.npy", vectors)
    options = ("--vectors", file, "--ids", tmp_path / "ids.csv", "--title", "My API")
    document = json.loads(run("index", tmp_path / "in", *options, "--json").stdout)
    assert document["added"] == 6
    assert document["vectors"] == {
        "model": "my-api",
        "title": "My API",
        "dim": 8,
        "rows": 7,
        "vectors": 5,
        "skipped": [
            {"reason": "1 row has a vector of zeros: row 6", "count": 1, "row": 6},
            {
                "reason": "1 row names no picture of the library: row 7, none.jpg",
                "count": 1,
                "row": 7,
            },
        ],
    }
    models = {model["name"]: model for model in json.loads(run("models", "--json").stdout)}
    entry = models["my-api"]
    assert (entry["state"], entry["embeds"], entry["ms"], entry["coverage"]) == (
        *("ready", False, None),
        5,
    )
    assert models["colour"]["embeds"]
    process = run("search", paths[0], "--model", "my-api", status=2)
    assert process.stderr.startswith(
        "My API has vectors from elsewhere and no network, so it can't"
    )

    assert "choose another --name" in run("index", *options, status=2).stderr
    table = write_columns(
        tmp_path / "v.parquet",
        random_vectors(6),
        "fixed",
        "float32",
        filename=[p.name for p in paths],
    )
    process = run("index", "--vectors", table, "--name", "my-api", "--force")
    assert process.stdout == "my-api: ready, 6 vectors of 6 rows, 8 dimensions.\n"
    assert run("doctor").stdout.startswith("Everything agrees.\n")


def test_mistakes_get_a_sentence(run: Run, tmp_path: Path) -> None:
    file = write_array(tmp_path / "v.npy", random_vectors(2))
    both = ("--vectors", file, "--ids", file)
    for arguments, sentence in (
        ((), "name what to add"),
        (("--ids", "x"), "only with --vectors"),
        (("--vectors", tmp_path / "gone.npy"), "gone.npy"),
        (("--vectors", file, "--ids", "gone.txt"), "no file gone.txt"),
        (("--vectors", file), "v.npy does not say which picture each row is of"),
        (both, "names of files is needed"),
        ((tmp_path, "--watch", *both), "not with --watch"),
        ((*both, "--name", "shape"), "shape of another kind"),
        ((*both, "--name", "resnet50"), "is the name of a model of Twinlens"),
    ):
        assert sentence in run("index", *arguments, status=2).stderr
