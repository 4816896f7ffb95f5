"""The command line as a user or a program calls it, in processes of its own."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from searcher.library import Library
from searcher.search import Query
from tests.conftest import MakeSettings
from tests.pictures import folder, save
from tests.servers import ROOT, wait_for

Run = Any

# A shell's job in the background ignores Ctrl-C, and so do its children.
TAKES_CTRL_C = """
import signal, sys
from searcher.__main__ import main
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def run(make_settings: MakeSettings, store: dict[str, str]) -> Run:
    """Run `python -m searcher …` on this test's own library."""
    settings = make_settings()
    env = {
        **os.environ,
        **store,
        "TWINLENS_DATA": str(settings.data),
        "MODELS_DIR": str(settings.models_dir),
        "INSTALL_MODELS": "resnet50 vgg16",  # which the command line does not make by itself
    }

    def call(*arguments: object, status: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "searcher", *map(str, arguments)],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stderr
        return done

    return call


HIT = {"id", "rank", "distance", "similarity", "path", "name", "label"}
STAGES = {"decode", "embed", "milvus", "redis", "total"}


def test_index_search_compare_models_doctor(run: Run, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 4, "b": 4})
    (tmp_path / "in" / "a" / "bad.jpg").write_text("no picture")

    indexed = json.loads(run("index", tmp_path / "in", "--json").stdout)
    assert {k: indexed[k] for k in ("added", "known", "embedded")} == {
        "added": 8,
        "known": 0,
        "embedded": {"colour": 8, "shape": 8},
    }
    assert [Path(entry["path"]).name for entry in indexed["skipped"]] == ["bad.jpg"]
    assert indexed["skipped"][0]["reason"].startswith("bad.jpg is not a picture")
    assert indexed["seconds"] > 0
    assert set(indexed["seconds_embedding"]) == {"colour", "shape"}

    found = json.loads(run("search", paths[2], "--model", "colour", "-k", 3, "--json").stdout)
    assert set(found) == {"model", "query", "hits", "timings_ms", "unresolved"}
    assert found["model"] == "colour"
    assert found["unresolved"] == 0
    assert len(found["hits"]) == 3
    assert all(set(hit) == HIT for hit in found["hits"])
    assert set(found["timings_ms"]) == STAGES
    best = found["hits"][0]
    assert (best["path"], best["label"], best["rank"]) == (str(paths[2]), "a", 1)
    assert best["distance"] < 0.01

    both = json.loads(run("compare", paths[0], "--models", "colour", "shape", "--json").stdout)
    assert both["models"] == ["colour", "shape"]
    assert set(both["results"]) == {"colour", "shape"}
    assert {"overlap", "rbo", "tau", "fused", "timings_ms"} <= set(both)
    assert all(set(hit) == HIT for hit in both["fused"])
    assert set(both["timings_ms"]["shape"]) == STAGES
    assert both["overlap"] == 1  # all eight pictures are in both

    models = json.loads(run("models", "--json").stdout)
    ready = [m for m in models if m["state"] == "ready"]
    assert [m["name"] for m in ready] == ["colour", "shape"]
    assert [m["name"] for m in models][:2] == ["resnet50", "vgg16"]
    assert {m["state"] for m in models[:2]} == {"wanted"}
    assert all(m["ms"] > 0 and m["mb"] > 0 and m["dim"] > 0 for m in ready)
    keys = {"name", "title", "state", "reason", "dim", "mb", "ms", "weights", "coverage"}
    assert all(set(m) == keys for m in models)
    assert {m["coverage"] for m in ready} == {8}

    measured = json.loads(run("evaluate", "--json").stdout)
    assert {k: measured[k] for k in ("k", "pictures", "labels")} == {
        "k": 10,
        "pictures": 8,
        "labels": 2,
    }
    assert set(measured["models"]) == {"colour", "shape"}
    keys = {"p@1", "p@5", "p@10", "map", "ci95", "per_label", "ms", "dim", "mb"}
    assert keys <= set(measured["models"]["shape"])
    assert set(measured["models"]["shape"]["per_label"]) == {"a", "b"}

    healthy = json.loads(run("doctor", "--json").stdout)
    assert healthy["pictures"] == 8
    assert healthy["models"]["colour"] == {"vectors": 8, "missing": 0, "orphans": 0}
    assert healthy["problems"] == healthy["repaired"] == []

    paths[1].unlink()
    assert "a-1.jpg" in run("doctor", status=1).stdout


def test_people_get_text(run: Run, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 3})
    assert "3 added, 0 known, 0 skipped." in run("index", tmp_path / "in").stdout
    assert "0 added, 3 known, 0 skipped." in run("index", tmp_path / "in").stdout
    assert "100.00%" in run("search", paths[0], "--model", "colour").stdout
    assert "overlap 100%" in run("compare", paths[0], "--models", "colour", "shape").stdout
    assert "baseline" in run("models").stdout
    assert "3 pictures, 1 labels" in run("evaluate").stdout
    assert run("doctor").stdout == "Everything agrees.\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("index", "/nowhere/at/all"), "no file or folder"),
        (("search", "/nowhere.jpg", "--model", "colour"), "can't be read"),
        (("search", ROOT / "LICENSE", "--model", "colour"), "not a picture"),
        (("search", ROOT / "LICENSE", "--model", "nothing"), "no model"),
        (("frobnicate",), "invalid choice"),
    ],
)
def test_mistakes_get_a_sentence_and_status_2(
    run: Run, arguments: tuple[object, ...], words: str
) -> None:
    done = run(*arguments, status=2)
    assert words in done.stderr
    assert done.stdout == ""


def test_the_command_line_works_while_another_process_has_the_library(
    run: Run, tmp_path: Path, make_settings: MakeSettings
) -> None:
    paths = folder(tmp_path / "in", {"a": 6})
    library = Library(make_settings())
    library.add(paths[:3])
    assert json.loads(run("index", tmp_path / "in", "--json").stdout)["added"] == 3
    assert library.records.count() == 6
    assert library.search(Query("x", paths[5].read_bytes()), "colour", 1).hits[0].distance < 0.01
    assert run("doctor").stdout == "Everything agrees.\n"
    library.close()


def test_stores_can_be_elsewhere(
    tmp_path: Path, make_settings: MakeSettings, redis_url: str
) -> None:
    folder(tmp_path / "in", {"a": 3})
    library = Library(make_settings(REDIS_URL=redis_url.replace("/0", "/5")))
    library.add([tmp_path / "in"])
    assert library.records.count() == 3
    library.close()


def test_remove_by_label_path_and_id(run: Run, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 3, "b": 2, "c": 2})
    run("index", tmp_path / "in")
    assert json.loads(run("remove", "--label", "b", "--json").stdout) == {"removed": 2}
    assert run("remove", "--path", tmp_path / "in" / "c").stdout == "2 removed.\n"
    hits = json.loads(run("search", paths[0], "--model", "colour", "--json").stdout)["hits"]
    assert {hit["label"] for hit in hits} == {"a"}
    assert run("remove", "--id", hits[0]["id"], 4711).stdout == "1 removed.\n"
    assert json.loads(run("doctor", "--json").stdout)["pictures"] == 2
    assert all(path.exists() for path in paths)


def test_prune_forgets_what_is_gone(run: Run, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 4})
    run("index", tmp_path / "in")
    paths[0].unlink()
    assert json.loads(run("index", tmp_path / "in", "--prune", "--json").stdout)["pruned"] == 1
    assert "0 forgotten" in run("index", tmp_path / "in", "--prune").stdout
    assert json.loads(run("doctor", "--json").stdout)["pictures"] == 3


def test_shards_on_the_command_line(run: Run, tmp_path: Path) -> None:
    folder(tmp_path / "in", {"a": 20})
    added = [
        json.loads(run("index", tmp_path / "in", "--shard", part, "--json").stdout)["added"]
        for part in ("1/2", "2/2", "2/2")
    ]
    assert added[0] + added[1] == 20
    assert min(added[:2]) > 0
    assert added[2] == 0
    for wrong in ("0/2", "3/2", "half"):
        assert "--shard" in run("index", tmp_path, "--shard", wrong, status=2).stderr


def test_watch_keeps_in_step_until_it_is_stopped(
    make_settings: MakeSettings, tmp_path: Path
) -> None:
    paths = folder(tmp_path / "in", {"a": 3})
    settings = make_settings()
    own = {"TWINLENS_DATA": str(settings.data), "MODELS_DIR": str(settings.models_dir)}
    own["INSTALL_MODELS"] = ""
    command = [sys.executable, "-c", TAKES_CTRL_C, "index", str(tmp_path / "in"), "--watch"]
    library = Library(settings)
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **own}, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            wait_for(lambda: library.coverage() == {"colour": 3, "shape": 3}, what="the first look")
            save(tmp_path / "in" / "b" / "new.jpg", 90)
            paths[0].unlink()
            wanted = ["a-1.jpg", "a-2.jpg", "new.jpg"]
            wait_for(lambda: sorted(r.name for r in library.records.all()) == wanted, what="a step")
        finally:
            process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in errors
    library.close()
