"""The named endpoints, called as programs call them."""

import base64
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from searcher.images.pictures import Picture
from searcher.models.embedder import Embedder
from tests.pictures import encode, folder, paint
from tests.servers import App, running, wait_for
from tests.text_networks import write_text_file

QUESTIONS = {"search", "search_text", "search_by_id", "compare"}
QUESTIONS |= {"models", "status", "picture", "percentile"}
MEASURES = {"evaluate", "compare_models", "explain", "map", "doctor"}
CHANGES = {"add", "add_dataset", "remove", "undo_remove", "install", "measure_speeds"}
CHANGES |= {"describe_model", "adopt", "check_model", "add_model"}


@pytest.fixture(scope="module")
def separate_app(tmp_path_factory: pytest.TempPathFactory, baselines: Path) -> Iterator[App]:
    """An app whose library may be changed; its model Colour understands words."""
    home = tmp_path_factory.mktemp("api")
    (home / "models").mkdir()
    for path in baselines.glob("*.onnx"):
        (home / "models" / path.name).write_bytes(path.read_bytes())
    folder(home / "samples", {"a": 6, "b": 6})
    embedder = Embedder(home / "models" / "colour.onnx")
    vector = embedder.embed_picture(Picture(paint(3), 320, 240))  # of a-3.jpg
    write_text_file(home / "models", "colour", {"three": vector.tolist()})
    with running(home) as app:
        yield app


@pytest.fixture(scope="module")
def client(separate_app: App) -> Client:
    """A client, once all samples are searchable."""
    client = Client(separate_app.url, verbose=False)
    wait_for(lambda: all_indexed(client), what="the samples")
    return client


def all_indexed(client: Client) -> bool:
    return {m["coverage"] for m in ready(client)} == {12}


def ready(client: Client) -> list[dict[str, Any]]:
    return [m for m in client.predict(api_name="/models") if m["state"] == "ready"]


def some_hit(client: Client, separate_app: App) -> dict[str, Any]:
    path = separate_app.log.parent / "samples" / "a" / "a-2.jpg"
    response = client.predict(handle_file(str(path)), "shape", 3, api_name="/search")
    hit: dict[str, Any] = response["hits"][0]
    return hit


def test_the_verbs_are_offered_and_nothing_else(client: Client, separate_app: App) -> None:
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert {name.removeprefix("/") for name in endpoints} == QUESTIONS | MEASURES | CHANGES
    names = [p["parameter_name"] for p in endpoints["/compare"]["parameters"]]
    assert names == ["image", "model_a", "model_b", "k", "parts", "where", "more_models"]
    info = httpx.get(f"{separate_app.url}/gradio_api/info").json()
    assert all(len(entry["description"]) > 20 for entry in info["named_endpoints"].values())
    assert info["unnamed_endpoints"] == {}


def test_models_are_listed_with_their_figures(client: Client) -> None:
    wait_for(lambda: all(m["ms"] for m in ready(client)), what="the speeds")
    models = {m["name"]: m for m in ready(client)}
    assert set(models) == {"colour", "shape"}
    assert all(m["ms"] > 0 and m["dim"] > 0 for m in models.values())
    assert set(models["colour"]) >= {"title", "state", "reason", "mb", "weights", "coverage"}


def test_speeds_are_measured_again_when_asked_for(client: Client) -> None:
    speeds = client.predict(api_name="/measure_speeds")
    assert {m["name"] for m in speeds if m["state"] == "ready"} == {"colour", "shape"}
    former = {m["name"]: m["ms"] for m in speeds}

    def differs() -> bool:
        return any(m["ms"] != former[m["name"]] for m in ready(client))

    wait_for(differs, what="other figures")


def test_a_picture_of_the_library_is_searched_with_by_its_id(
    client: Client, separate_app: App
) -> None:
    hit = some_hit(client, separate_app)
    response = client.predict(hit["id"], "colour", 4, api_name="/search_by_id")
    assert [h["rank"] for h in response["hits"]] == [0, 1, 2, 3, 4]
    assert response["hits"][0]["id"] == hit["id"]
    assert response["hits"][0]["distance"] < 0.001
    assert [h["query"] for h in response["hits"]] == [True, *[False] * 4]
    where = f'name == "{hit["name"]}" or not source == "sample"'
    response = client.predict(hit["id"], "colour", 4, where, api_name="/search_by_id")
    assert [h["name"] for h in response["hits"]] == [hit["name"]]
    with pytest.raises(AppError, match="labl at character 1"):
        client.predict(hit["id"], "colour", 4, "labl == 'a'", api_name="/search_by_id")
    for wrong in (-1, 2**63, "x"):
        with pytest.raises(AppError, match="not the id of a picture"):
            client.predict(wrong, "colour", 4, api_name="/search_by_id")


def test_a_pictures_details_say_nothing_of_the_servers_folders(
    client: Client, separate_app: App
) -> None:
    hit = some_hit(client, separate_app)
    response = client.predict(hit["id"], api_name="/picture")
    assert (response["name"], response["label"], response["path"]) == (hit["name"], "a", None)
    assert response["width"] > 0
    assert set(response["models"]) == {"colour", "shape"}
    assert str(separate_app.log.parent) not in str(response)
    with pytest.raises(AppError, match="not in the library"):
        client.predict(12345, api_name="/picture")


def test_words_and_parts_find_pictures(client: Client, separate_app: App) -> None:
    words = client.predict("three", "colour", 3, api_name="/search_text")
    best = words["hits"][0]
    assert (words["query"], best["name"], best["distance"] < 0.1) == ("three", "a-3.jpg", True)
    picture = handle_file(str(separate_app.log.parent / "samples" / "a" / "a-2.jpg"))
    parts = [{"text": "three"}, {"image": picture, "box": [0, 0, 0.5, 1], "weight": -0.5}]
    alone = client.predict(model="colour", k=3, parts=parts, api_name="/search")
    assert alone["query"] == "three − a-2.jpg"
    both = client.predict(picture, "colour", "shape", 3, parts, api_name="/compare")
    assert (both["query"], both["unseen"]) == ("a-2.jpg + three − a-2.jpg", {"shape": [1]})
    inline = f"data:image/jpeg;base64,{base64.b64encode(encode(paint(3))).decode()}"
    for part in ({"picture": best["id"]}, {"image": inline}, {"text": "three"}):
        document = client.predict(model="colour", parts=[part], api_name="/search")
        assert document["hits"][0]["id"] == best["id"]
    why = client.predict(None, best["id"], "colour", [{"text": "three"}], api_name="/explain")
    assert (why["query"], len(why["hit"])) == (None, 7)
    placed = client.predict("colour", api_name="/map")
    assert (placed["model"], placed["vectors"], len(placed["positions"])) == ("colour", 12, 12)
    near, far = (
        client.predict("colour", d, "text", api_name="/percentile")["closer_than"]
        for d in (best["distance"], 1.9)
    )
    assert near > 0.99 > 0.01 > far
    with pytest.raises(AppError, match=r"Shape .* does not understand words"):
        client.predict("three", "shape", 3, api_name="/search_text")


def test_status_and_measures(client: Client) -> None:
    status = client.predict(api_name="/status")
    assert (status["pictures"], status["labels"]) == (12, {"a": 6, "b": 6})
    assert status["problems"] == []
    measured = client.predict(["colour"], 5, api_name="/evaluate")
    assert set(measured["models"]) == {"colour"}
    assert 0 < measured["models"]["colour"]["map"] <= 1
    assert measured["verdict"]["choice"] == "colour"
    assert measured["ceilings"]["p@10"] == 0.5
    versus = client.predict("colour", "shape", api_name="/compare_models")
    assert versus["models"] == ["colour", "shape"]
    p1 = versus["measures"]["p@1"]
    only = (versus["a_right_count"] - versus["b_right_count"]) / versus["queries"]
    assert p1["difference"] == pytest.approx(only, abs=1e-4)
    assert p1["a"] - p1["b"] == pytest.approx(only, abs=2e-4)
    near, far = (
        client.predict("colour", d, api_name="/percentile")["closer_than"] for d in (0.01, 1.9)
    )
    assert near > 0.99 > 0.01 > far


def test_reasons_and_the_librarys_health(client: Client, separate_app: App) -> None:
    hit = some_hit(client, separate_app)
    query = handle_file(str(separate_app.log.parent / "samples" / "a" / "a-2.jpg"))
    why = client.predict(query, hit["id"], "shape", api_name="/explain")
    assert (why["model"], why["similarity"]) == ("shape", pytest.approx(1, abs=1e-3))
    assert [[len(row) for row in why[side]] for side in ("query", "hit")] == [[7] * 7] * 2
    health = client.predict(api_name="/doctor")
    assert (health["pictures"], health["problems"], health["repaired"]) == (12, [], [])
    assert health["models"]["shape"] == {"vectors": 12, "missing": 0, "orphans": 0}


def test_pictures_come_and_go(client: Client, tmp_path: Path) -> None:
    new = tmp_path / "new.png"
    new.write_bytes(encode(paint(77), "PNG"))
    (tmp_path / "no.txt").write_text("no picture")
    files = [handle_file(str(new)), handle_file(str(tmp_path / "no.txt"))]
    report = client.predict(files, "zoo", api_name="/add")
    assert (report["added"], report["embedded"]) == (1, {"colour": 1, "shape": 1})
    assert [entry["name"] for entry in report["skipped"]] == ["no.txt"]
    hit = client.predict(handle_file(str(new)), "shape", 1, api_name="/search")["hits"][0]
    assert (hit["name"], hit["label"]) == ("new.png", "zoo")
    removed = client.predict([hit["id"]], api_name="/remove")
    assert (set(removed), removed["removed"]) == ({"removed", "trash"}, 1)
    for batch in ("../records", "nothing", removed["trash"] + "/"):
        with pytest.raises(AppError, match="nothing in the trash"):
            client.predict(batch, api_name="/undo_remove")
    assert client.predict(removed["trash"], api_name="/undo_remove") == {"restored": 1}
    client.predict([hit["id"]], api_name="/remove")
    assert client.predict(api_name="/status")["pictures"] == 12


def test_the_pages_example_runs(client: Client, separate_app: App, tmp_path: Path) -> None:
    """The text is taken from what the browser gets, and run in a folder with a cat.jpg."""
    config = httpx.get(f"{separate_app.url}/config").json()
    example = next(
        c["props"]["value"]
        for c in config["components"]
        if c["props"].get("elem_id") == "code-example"
    )
    program = re.fullmatch(r"```python\n(.*)```", example, re.DOTALL)
    assert program
    (tmp_path / "cat.jpg").write_bytes(encode(paint(5), "JPEG"))
    process = subprocess.run(
        [sys.executable, "-c", program[1]],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    lines = [line for line in process.stdout.splitlines() if re.match(r"\d+ [ab] ", line)]
    assert len(lines) == 12
    assert re.search(r"\d+% of the pictures are found by both", process.stdout)
    assert re.search(r"Less like the last of them, \w-\d\.jpg comes first", process.stdout)


def test_a_read_only_library_answers_but_does_not_change(
    separate_app: App, client: Client, tmp_path: Path
) -> None:
    with running(separate_app.log.parent, READ_ONLY="1") as app:
        visitor = Client(app.url, verbose=False)
        new = tmp_path / "new.png"
        new.write_bytes(encode(paint(78), "PNG"))
        hit = some_hit(client, separate_app)
        for arguments, verb in (
            (([handle_file(str(new))], ""), "/add"),
            (([hit["id"]],), "/remove"),
            (("hf:datasets/a/b",), "/add_dataset"),
            (("resnet50",), "/install"),
            (("hf:o/net", ""), "/describe_model"),
            (("hf:o/net", "", ""), "/adopt"),
        ):
            with pytest.raises(AppError, match="this library is read-only"):
                visitor.predict(*arguments, api_name=verb)
        assert visitor.predict(api_name="/status")["pictures"] == 12
