"""The command line as a user or a program calls it, in processes of its own."""

import json
import shutil
from pathlib import Path

import pytest

from searcher.library.core import Library
from searcher.search.query import UploadedQuery
from tests.cli_calls import Run
from tests.parameters import MakeSettings
from tests.pictures import folder, save
from tests.servers import ROOT
from tests.text_networks import write_text_file

pytestmark = pytest.mark.slow


PICTURE = ROOT / "docs" / "search.jpg"
HIT = {"id", "rank", "distance", "similarity", "path", "name", "label", "query"}
STAGES = {"decode", "embed", "milvus", "redis", "total"}


@pytest.mark.real_processes
def test_each_command_starts_the_stores_and_ends_them(run: Run, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 2})
    assert "2 added, 0 known, 0 skipped." in run("index", tmp_path / "in").stdout
    assert "100.00%" in run("search", paths[0], "--model", "colour").stdout


def test_index_search_compare_models_doctor(run: Run, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 4, "b": 4})
    (tmp_path / "in" / "a" / "bad.jpg").write_text("no picture")
    (tmp_path / "in" / "a" / "film.mov").write_bytes(b"no picture")

    indexed = json.loads(run("index", tmp_path / "in", "--json").stdout)
    assert {k: indexed[k] for k in ("added", "known", "embedded")} == {
        "added": 8,
        "known": 0,
        "embedded": {"colour": 8, "shape": 8},
    }
    assert [Path(entry["path"]).name for entry in indexed["skipped"]] == ["bad.jpg"]
    assert indexed["skipped"][0]["reason"].startswith("bad.jpg is not a picture")
    assert indexed["left_out"] == [
        {"reason": "1 file is no picture (.mov).", "count": 1, "names": [".mov"]}
    ]
    assert indexed["seconds"] > 0
    assert set(indexed["seconds_embedding"]) == {"colour", "shape"}

    answer = json.loads(run("search", paths[2], "--model", "colour", "-k", 3, "--json").stdout)
    assert set(answer) == {"model", "query", "hits", "timings_ms", "unresolved"}
    assert answer["model"] == "colour"
    assert answer["unresolved"] == 0
    assert [hit["rank"] for hit in answer["hits"]] == [0, 1, 2, 3]
    assert all(set(hit) == HIT for hit in answer["hits"])
    assert set(answer["timings_ms"]) == STAGES
    best = answer["hits"][0]
    assert (best["path"], best["label"], best["rank"]) == (str(paths[2]), "a", 0)
    assert best["distance"] < 0.01

    filtered = run("search", "id:" + str(best["id"]), "--model", "shape", "--json",
                   "--where", 'name == "a-2.jpg"')  # fmt: skip
    assert [hit["id"] for hit in json.loads(filtered.stdout)["hits"]] == [best["id"]]

    more = ("--robustness", "--why", "1", "--report", tmp_path / "c.json", "--language", "es")
    asked = run("compare", paths[0], "--models", "colour", "shape", "--json", *more)
    both = json.loads(asked.stdout)
    assert set(both["robustness"]["greyscale"]) == {"colour", "shape"}
    assert [len(why["models"]) for why in both["why"]] == [2]
    (section,) = json.loads((tmp_path / "c.json").read_text())["sections"]
    assert [row["distance"] for row in section["tables"]["hits"]] == [
        hit["distance"] for hits in both["results"].values() for hit in hits if not hit["query"]
    ]
    assert section["tables"]["robustness"][4]["query"] == "en grises"
    assert "must end in .html" in run("arena", "--report", tmp_path / "a.pdf", status=2).stderr
    assert both["models"] == ["colour", "shape"]
    assert set(both["results"]) == {"colour", "shape"}
    assert {"overlap", "rbo", "tau", "fused", "timings_ms"} <= set(both)
    assert all(set(hit) == HIT for hit in both["fused"])
    assert set(both["timings_ms"]["shape"]) == STAGES
    assert both["overlap"] == 1  # all other seven pictures are in both

    models = json.loads(run("models", "--json").stdout)
    ready = [m for m in models if m["state"] == "ready"]
    assert [m["name"] for m in ready] == ["colour", "shape"]
    assert [m["name"] for m in models][:2] == ["resnet50", "vgg16"]
    assert {m["state"] for m in models[:2]} == {"wanted"}
    assert all(m["ms"] > 0 and m["mb"] > 0 and m["dim"] > 0 for m in ready)
    keys = {"name", "title", "state", "reason", "dim", "mb", "ms", "device", "download_mb"}
    keys |= {"weights", "licence", "coverage", "words", "embeds", "vectors"}
    assert all(set(m) == keys for m in models)
    assert {m["coverage"] for m in ready} == {8}
    again = json.loads(run("models", "--measure", "--json").stdout)
    assert [m["ms"] for m in again] != [m["ms"] for m in models]
    assert json.loads(run("models", "--json").stdout) == again

    details = "--hardest 2 --limits 1 --model shape --confusion 3 --suspicious".split()
    named = ("--report", tmp_path / "e.html", "--title", "Which one?", "--logo", PICTURE)
    measured = json.loads(run("evaluate", *details, *named, "--json").stdout)
    page = (tmp_path / "e.html").read_text()
    assert "<h1>Which one?</h1>" in page and '<img class="logo" src="data:' in page
    assert measured["sentences"][0] in page and str(tmp_path) not in page
    assert [measured[name]["model"] for name in ("hardest", "limits")] == ["shape", ""]
    assert [len(query["nearest"]) for query in measured["hardest"]["queries"]] == [6, 6]
    assert {"confusion", "suspicious"} < set(measured)
    assert {k: measured[k] for k in ("k", "pictures", "labels")} == {
        "k": 10,
        "pictures": 8,
        "labels": 2,
    }
    assert set(measured["models"]) == {"colour", "shape"}
    keys = {"p@1", "p@5", "p@10", "map", "ci95", "per_label", "ms", "dim", "mb"}
    assert keys <= set(measured["models"]["shape"])
    assert set(measured["models"]["shape"]["per_label"]) == {"a", "b"}
    assert measured["verdict"]["choice"] in {"colour", "shape"}
    versus = json.loads(run("compare-models", "shape", "colour", "--json").stdout)
    means = [measured["models"][name]["map"] for name in ("shape", "colour")]
    assert versus["measures"]["map"]["difference"] == pytest.approx(means[0] - means[1], abs=1e-3)
    assert "two different models" in run("compare-models", "shape", "shape", status=2).stderr

    assert "at least 12 pictures" in run("shrink", "shape", "--changes", "int8", status=2).stderr
    applied = json.loads(run("shrink", "shape", "--apply", "first-24", "--json").stdout)
    assert applied == {"model": "shape", "stored": "first-24"}
    assert "no HNSW index" in run("shrink", "shape", "--ef", status=2).stderr
    (tmp_path / "qrels.txt").write_text(f"a-0 0 a-1 1\n{paths[3]} 0 {best['id']} 2\n")
    judged = json.loads(run("evaluate", "--qrels", tmp_path / "qrels.txt", "--json").stdout)
    assert (judged["truth"], judged["queries"]) == ("judgements", 2)
    apart = json.loads(run("evaluate", "--query-share", "0.25", "--json").stdout)
    assert (apart["queries"], apart["pictures"]) == (2, 6)
    labelled = json.loads(run("label", "--set", "c", "--id", best["id"], "--json").stdout)
    assert labelled["labelled"] == 1
    assert "1 have their former label." in run("label", "--undo").stdout
    placed = json.loads(run("map", "colour", "--json").stdout)
    assert (placed["method"], placed["vectors"]) == ("pca", 8)  # too few for t-SNE
    assert len(placed["ids"]) == len(placed["positions"]) == 8
    assert "none of the choices" in run("map", "colour", "--method", "umap", status=2).stderr

    healthy = json.loads(run("doctor", "--json").stdout)
    assert healthy["pictures"] == 8
    assert healthy["models"]["colour"] == {"vectors": 8, "missing": 0, "orphans": 0}
    assert healthy["problems"] == healthy["repaired"] == []

    paths[1].unlink()
    assert "a-1.jpg" in run("doctor", status=1).stdout
    folder(tmp_path / "more", {"c": 6}, first_seed=20)
    run("index", tmp_path / "more")
    asked = ("shrink", "colour", "shape", "--report", tmp_path / "cost.json", "--json")
    priced = json.loads(run(*asked).stdout)
    assert [document["model"] for document in priced] == ["colour", "shape"]
    (section,) = json.loads((tmp_path / "cost.json").read_text())["sections"]
    assert len(section["tables"]["cost"]) == sum(len(d["variants"]) for d in priced)


def test_people_get_text(run: Run, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 3})
    save(tmp_path / "in" / "@eaDir" / "a.jpg", 9)
    said = run("index", tmp_path / "in").stdout
    assert "3 added, 0 known, 0 skipped." in said
    assert "left out: 1 folder of a system" in said
    assert "0 added, 3 known, 0 skipped." in run("index", tmp_path / "in").stdout
    assert "100.00%" in run("search", paths[0], "--model", "colour").stdout
    parts = (f"{paths[0]}#0,0,0.5,1", "--minus", paths[1])
    document = json.loads(run("search", *parts, "--model", "colour", "--json").stdout)
    assert document["query"] == "a-0.jpg − a-1.jpg"
    three = run("compare", "--models", "colour", "shape", "colour", paths[0]).stdout
    assert three.count("colour and shape: overlap 100%") == 1
    assert three.count("overlap 100%") == 3
    assert "baseline" in run("models").stdout
    evaluated = run("evaluate", "--hardest", "1", "--curves").stdout
    assert "recall at              1       2       3       5" in evaluated
    assert "hardest queries of " in evaluated
    assert "right  a/a-" in evaluated
    assert "3 pictures, 1 label," in evaluated
    assert "Colour (baseline) and Shape (baseline) are tied in p@10" in evaluated
    assert "Choose " in evaluated
    assert "shape is right and colour wrong: 0 of 3 queries" in (
        run("compare-models", "colour", "shape").stdout
    )
    assert run("arena").stdout.startswith("0 votes;")
    assert json.loads(run("arena", "--json").stdout)["leader"] is None
    assert run("votes").stdout.startswith("time,kind,query,name,text,")
    assert json.loads(run("votes", "--models", "colour", "shape", "--json").stdout) == []
    overlap = run("compare-models", "colour", "shape", "--by-overlap").stdout
    assert "mean rank-biased overlap of colour and shape" in overlap
    assert overlap.count("  a/a-") == 3
    assert run("doctor").stdout == "Everything agrees.\n"
    # A text file of its own, one of another model, and one without a model.
    text = write_text_file(tmp_path / "models", "colour")
    for name in ("shape", "gone"):
        shutil.copy(text, text.with_name(f"{name}.text.onnx"))
    listed, problems = run("models"), run("doctor", status=1).stdout
    assert listed.stdout.count("words: yes") == 1
    foreign, lone = "shape.text.onnx was made for another file", "there is no gone.onnx"
    assert foreign in listed.stdout
    assert lone in listed.stderr
    assert foreign in problems
    assert lone in problems


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("index", "/nowhere/at/all"), "no file or folder"),
        (("search", "/nowhere.jpg", "--model", "colour"), "can't be read"),
        (("search", ROOT / "LICENSE", "--model", "colour"), "not a picture"),
        (("search", ROOT / "LICENSE", "--model", "nothing"), "no model"),
        (("frobnicate",), "No such command 'frobnicate'."),
        ((), "Missing command."),
        (("search", "x.jpg"), "Missing option '--model'."),
        (("search", "--model", "colour"), "This query has no part"),
        (("search", "--text", "two dogs", "--model", "colour"), "does not understand words"),
        (("search", "id:7", "--model", "colour"), "not in the library"),
        (("search", PICTURE, "--model", "colour", "--where", "size > 1"), "which is no field"),
        (("shrink", "colour", "shape", "--ef"), "they need a single model"),
        (("compare", "x", "--weight", "nan", "--models", "a", "b"), "as there are parts (1)"),
        (("remove", "--id", "x"), "Invalid value for '--id'"),
        (("adopt", "x.onnx", "--name", "x", "--mean", "1", "2"), "one number or three, not 2"),
        (("adopt", "x.onnx", "--name", "x", "--std", "a"), "--std: not a number in a"),
    ],
)
def test_mistakes_get_a_sentence_and_status_2(
    run: Run, arguments: tuple[object, ...], words: str
) -> None:
    process = run(*arguments, status=2)
    assert words in process.stderr
    assert process.stdout == ""


def test_the_command_line_works_while_another_process_has_the_library(
    run: Run, tmp_path: Path, make_settings: MakeSettings
) -> None:
    paths = folder(tmp_path / "in", {"a": 6})
    library = Library(make_settings())
    library.add(paths[:3])
    assert json.loads(run("index", tmp_path / "in", "--json").stdout)["added"] == 3
    assert library.records.count() == 6
    query = UploadedQuery("x", paths[5].read_bytes())
    assert library.search(query, "colour", 1).own_copies[0].distance < 0.01
    assert run("doctor").stdout == "Everything agrees.\n"
    library.close()


def test_stores_can_be_elsewhere(
    tmp_path: Path, make_settings: MakeSettings, redis_url: str
) -> None:
    folder(tmp_path / "in", {"a": 3})
    library = Library(make_settings(REDIS_URL=redis_url.replace("/0", "/5")))
    assert library.add([tmp_path / "in"]).added == 3
    library.close()
