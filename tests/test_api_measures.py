"""The named endpoints about quality, speed and health, called as programs call them."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from tests.api_app import ready, some_hit
from tests.pictures import encode, paint
from tests.servers import App, wait_for


def test_models_are_listed_with_their_figures(api_client: Client) -> None:
    wait_for(lambda: all(m["ms"] for m in ready(api_client)), what="the speeds")
    models = {m["name"]: m for m in ready(api_client)}
    assert set(models) == {"colour", "shape"}
    assert all(m["ms"] > 0 and m["dim"] > 0 for m in models.values())
    assert set(models["colour"]) >= {"title", "state", "reason", "mb", "weights", "coverage"}


def test_speeds_are_measured_again_when_asked_for(api_client: Client) -> None:
    speeds = api_client.predict(api_name="/measure_speeds")
    assert {m["name"] for m in speeds if m["state"] == "ready"} == {"colour", "shape"}
    former = {m["name"]: m["ms"] for m in speeds}

    def differs() -> bool:
        return any(m["ms"] != former[m["name"]] for m in ready(api_client))

    wait_for(differs, what="other figures")


def test_status_and_measures(api_client: Client) -> None:
    status = api_client.predict(api_name="/status")
    assert status["shards"] == []
    assert (status["pictures"], status["labels"]) == (12, {"a": 6, "b": 6})
    assert status["problems"] == []
    measured = api_client.predict(["colour"], 5, api_name="/evaluate")
    assert set(measured["models"]) == {"colour"}
    assert 0 < measured["models"]["colour"]["map"] <= 1
    assert measured["verdict"]["choice"] == "colour"
    assert measured["ceilings"]["p@10"] == 0.5
    versus = api_client.predict("colour", "shape", api_name="/compare_models")
    assert versus["models"] == ["colour", "shape"]
    p1 = versus["measures"]["p@1"]
    only = (versus["a_right_count"] - versus["b_right_count"]) / versus["queries"]
    assert p1["difference"] == pytest.approx(only, abs=1e-4)
    assert p1["a"] - p1["b"] == pytest.approx(only, abs=2e-4)
    standing = api_client.predict(api_name="/arena")
    assert (standing["votes"], standing["leader"], standing["agree"]) == (0, None, None)
    assert [s["model"] for s in standing["standings"]] == ["colour", "shape"]
    assert api_client.predict(5, api_name="/votes") == []
    near, far = (
        api_client.predict("colour", d, api_name="/percentile")["closer_than"] for d in (0.01, 1.9)
    )
    assert near > 0.99 > 0.01 > far


def test_reports_have_the_sections_that_are_asked_for(
    api_client: Client, api_app: App, tmp_path: Path
) -> None:
    names = ["comparison", "evaluation", "disagreements", "cost", "arena"]
    query = {"parts": [{"picture": some_hit(api_client, api_app)["id"]}]}
    logo = tmp_path / "logo.png"
    logo.write_bytes(encode(paint(5), "PNG"))
    asked: dict[str, Any] = {"models": ["colour", "shape"], "title": "<b>", **query}
    asked |= {"logo": handle_file(str(logo)), "api_name": "/report"}
    page = api_client.predict(names, **asked)
    assert "<h1>&lt;b&gt;</h1>" in page and page.count('<section class="part"') == 5
    document = json.loads(api_client.predict(names, format="json", **asked))
    assert [section["section"] for section in document["sections"]] == names
    measured = api_client.predict(["colour", "shape"], api_name="/evaluate")["models"]
    rows = document["sections"][1]["tables"]["quality"]
    assert {row["measure"]: row["shape"] for row in rows}["map"] == measured["shape"]["map"]
    for wrong, words in (
        ({"sections": ["x"]}, "none of the choices"),
        ({"sections": []}, "none of the choices"),
        ({"sections": ["disagreements"], "models": ["shape"]}, "two different models"),
        ({"sections": ["comparison"], "models": ["shape"], **query}, "2 to 6 models"),
        ({"sections": ["cost"]}, "1 to 6 models"),
        ({"sections": ["arena"], "format": "pdf"}, "none of the choices"),
        ({"sections": ["arena"], "title": "x" * 201}, "at most 200 letters"),
    ):
        with pytest.raises(AppError, match=words):
            api_client.predict(api_name="/report", **wrong)


def test_smaller_vectors_are_measured_and_stored(api_client: Client) -> None:
    def is_stored(name: str) -> bool:
        return name == next(m["vectors"] for m in ready(api_client) if m["name"] == "shape")

    document = api_client.predict("shape", 2, api_name="/shrink")
    assert (document["stored"], document["million"]["price_per_gb"]) == ("float32", 2)
    assert document["variants"][0]["bytes"] == 4 * document["dim"]
    changes = api_client.predict("shape", "first-24", 1, api_name="/changed_queries")
    assert (changes["queries"], len(changes["cases"])) == (document["queries"], 1)
    with pytest.raises(AppError, match="no vectors like"):
        api_client.predict("shape", "first-4000", api_name="/changed_queries")
    possible = api_client.predict(measure="p@10", count=1, api_name="/hardest_queries")
    (query,) = possible["queries"]
    assert (possible["model"], query["score"]) == ("", query["relevant"] / 10)
    with pytest.raises(AppError, match="needs a Milvus server"):
        api_client.predict("shape", "int8", api_name="/store_vectors")
    with pytest.raises(AppError, match="no HNSW index"):
        api_client.predict("shape", api_name="/index_recall")
    for name in ("first-24", "float32"):
        api_client.predict("shape", name, api_name="/store_vectors")
        wait_for(partial(is_stored, name), what=f"{name} vectors")


def test_judgements_queries_and_labels_of_programs(
    api_client: Client, api_app: App, tmp_path: Path
) -> None:
    (tmp_path / "judged.txt").write_text("asked 0 a/a-1.jpg 1\nasked 0 nobody.jpg 1\n")
    asked = tmp_path / "asked.png"
    asked.write_bytes(encode(paint(78), "PNG"))
    judged = api_client.predict(
        qrels=handle_file(str(tmp_path / "judged.txt")),
        queries=[handle_file(str(asked))],
        api_name="/evaluate",
    )
    assert (judged["truth"], judged["queries"], judged["pictures"]) == ("judgements", 1, 12)
    assert "1 line of judged.txt judges nobody.jpg" in judged["sentences"][-1]
    truth = {"qrels": handle_file(str(tmp_path / "judged.txt")), "queries": [handle_file(asked)]}
    hardest = api_client.predict("shape", **truth, api_name="/hardest_queries")
    assert [query["name"] for query in hardest["queries"]] == ["asked.png"]
    overlap = api_client.predict("shape", "colour", **truth, api_name="/disagreements")
    assert [query["name"] for query in overlap["disagreements"]] == ["asked.png"]
    report = {"sections": ["evaluation"], "format": "json", **truth, "api_name": "/report"}
    (section,) = json.loads(api_client.predict(**report))["sections"]
    assert "What was judged as relevant" in section["notes"][0]
    names = ["a-0.jpg", str(api_app.log.parent / "samples" / "b" / "b-0.jpg")]
    apart = api_client.predict(query_names=names, api_name="/evaluate")
    assert (apart["queries"], apart["pictures"]) == (1, 11)  # paths are not for visitors
    versus = api_client.predict("colour", "shape", query_share=0.25, api_name="/compare_models")
    assert versus["queries"] == 3
    hit = some_hit(api_client, api_app)
    labelled = api_client.predict([hit["id"]], "by hand", api_name="/set_label")
    assert labelled["labelled"] == 1
    assert api_client.predict(api_name="/status")["labels"] == {"a": 5, "b": 6, "by hand": 1}
    assert api_client.predict(labelled["batch"], api_name="/undo_label") == {"restored": 1}


def test_reasons_and_the_librarys_health(api_client: Client, api_app: App) -> None:
    hit = some_hit(api_client, api_app)
    query = handle_file(str(api_app.log.parent / "samples" / "a" / "a-2.jpg"))
    why = api_client.predict(query, hit["id"], "shape", api_name="/explain")
    assert (why["model"], why["similarity"]) == ("shape", pytest.approx(1, abs=1e-3))
    assert [[len(row) for row in why[side]] for side in ("query", "hit")] == [[7] * 7] * 2
    health = api_client.predict(api_name="/doctor")
    assert (health["pictures"], health["problems"], health["repaired"]) == (12, [], [])
    assert health["models"]["shape"] == {"vectors": 12, "missing": 0, "orphans": 0}
