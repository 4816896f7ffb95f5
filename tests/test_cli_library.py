"""The command line changes a library: removal, pruning, shards, watching."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from searcher.library.core import Library
from tests import forks
from tests.cli_calls import Run
from tests.parameters import MakeSettings
from tests.pictures import folder, save
from tests.servers import ROOT, environment, wait_for

pytestmark = pytest.mark.slow

# A shell's job in the background ignores Ctrl-C, and so do its children.
TAKES_CTRL_C = """
import signal
from searcher.cli.main import run
signal.signal(signal.SIGINT, signal.default_int_handler)
run()
"""


def test_remove_by_label_path_and_id(run: Run, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 3, "b": 2, "c": 2})
    run("index", tmp_path / "in")
    removed = json.loads(run("remove", "--label", "b", "--json").stdout)
    assert (set(removed), removed["removed"]) == ({"removed", "trash"}, 2)
    assert run("remove", "--path", tmp_path / "in" / "c").stdout.startswith("2 removed.\n")
    hits = json.loads(run("search", paths[0], "--model", "colour", "--json").stdout)["hits"]
    assert {hit["label"] for hit in hits} == {"a"}
    undo = run("remove", "--id", hits[0]["id"], 4711).stdout.splitlines()[1]
    assert json.loads(run("doctor", "--json").stdout)["pictures"] == 2
    assert undo == f"`remove --undo {undo.split()[2].strip('`')}` brings them back within a week."
    # The latest by default, else the one that is named.
    assert run("remove", "--undo").stdout == "1 restored.\n"
    assert json.loads(run("doctor", "--json").stdout)["pictures"] == 3
    back = run("remove", "--undo", removed["trash"], "--json").stdout
    assert json.loads(back) == {"restored": 2}
    healthy = json.loads(run("doctor", "--json").stdout)
    assert (healthy["pictures"], healthy["trash"], healthy["problems"]) == (5, 2, [])
    for unknown in (removed["trash"], "../stores", "nothing"):
        assert "nothing in the trash" in run("remove", "--undo", unknown, status=2).stderr
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
    status = json.loads(run("status", "--json").stdout)
    assert (status["pictures"], status["labels"]) == (20, {"a": 20})
    assert status["coverage"] == {"colour": 20, "shape": 20}
    (document,) = status["shards"]
    assert (document["title"], document["parts"], document["share"]) == ("in", 2, 1.0)
    assert [s["state"] for s in document["shards"]] == ["done", "done"]
    listed = json.loads(run("pictures", "label:a", "source:folder", "--oldest", "--json").stdout)
    assert (len(listed["pictures"]), listed["more"], listed["total"]) == (20, False, None)
    assert listed["facets"]["lacks"] == {}
    shown = run("pictures", "label:none").stdout.splitlines()
    assert shown[:2] == ["label:a  20", "source:folder  20"]
    run("index", tmp_path / "in" / "a", "--shard", "2/3")
    lines = run("status").stdout.splitlines()
    assert lines[0] == "20 pictures"
    assert lines[1].split() == ["colour", "20", "of", "20"]
    assert "indexing a in 3 parts: 33% of 20 files, 0 added, 0 vectors, 0.0 vectors/s" in lines
    assert "  1/3 has not begun" in lines
    for wrong in ("0/2", "3/2", "half"):
        assert "--shard" in run("index", tmp_path, "--shard", wrong, status=2).stderr


def test_watch_keeps_in_step_until_it_is_stopped(
    make_settings: MakeSettings, tmp_path: Path
) -> None:
    paths = folder(tmp_path / "in", {"a": 3})
    settings = make_settings()
    variables = {"TWINLENS_DATA": str(settings.data), "MODELS_DIR": str(settings.models_dir)}
    variables["INSTALL_MODELS"] = ""
    command = [sys.executable, "-c", TAKES_CTRL_C, "index", str(tmp_path / "in"), "--watch"]
    library = Library(settings)
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **variables}, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            wait_for(lambda: library.coverage() == {"colour": 3, "shape": 3}, what="the first look")
            save(tmp_path / "in" / "b" / "new.jpg", 90)
            paths[0].unlink()
            expected = ["a-1.jpg", "a-2.jpg", "new.jpg"]
            wait_for(
                lambda: sorted(r.name for r in library.records.all()) == expected, what="a step"
            )
        finally:
            process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in errors
    library.close()


def test_a_backup_is_restored_elsewhere(run: Run, tmp_path: Path) -> None:
    folder(tmp_path / "in", {"a": 3})
    run("index", tmp_path / "in")
    summary = json.loads(run("backup", tmp_path / "1.zip", "--json").stdout)
    assert (summary["pictures"], summary["models"]) == (3, 2)
    text = "3 pictures (0 uploads), 0 models.\n"
    assert run("backup", tmp_path / "2.zip", "--no-models").stdout == text

    def elsewhere(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "searcher", *arguments]
        return forks.run(command, env=environment(tmp_path / "other"))

    (tmp_path / "other" / "models").mkdir(parents=True)
    (tmp_path / "other" / "models" / "shape.onnx").write_bytes(b"another")
    restored = elsewhere("restore", tmp_path / "1.zip")
    assert restored.stdout == "3 pictures (0 uploads), 2 models.\n"
    assert "shape.onnx is in the models folder already" in restored.stderr
    assert json.loads(elsewhere("doctor", "--json").stdout)["models"]["colour"]["vectors"] == 3
    again = elsewhere("restore", tmp_path / "1.zip")
    assert again.returncode == 2
    assert "Traceback" not in again.stderr
