"""The named endpoints, called as programs call them."""

import base64
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from tests.api_app import some_hit
from tests.pictures import encode, paint
from tests.servers import App, running

QUESTIONS = {"search", "search_text", "search_by_id", "compare"}
QUESTIONS |= {"models", "status", "picture", "pictures", "percentile"}
MEASURES = {"evaluate", "compare_models", "explain", "doctor", "arena", "votes"}
MEASURES |= {"shrink", "index_recall", "hardest_queries", "disagreements", "confusion"}
MEASURES |= {"changed_queries", "suspicious_labels", "map", "report"}
CHANGES = {"add", "add_dataset", "remove", "undo_remove", "set_label", "undo_label", "install"}
CHANGES |= {"measure_speeds", "describe_model", "adopt", "check_model", "add_model"}
CHANGES |= {"store_vectors", "stop"}


def test_the_verbs_are_offered_and_nothing_else(api_client: Client, api_app: App) -> None:
    endpoints = api_client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert {name.removeprefix("/") for name in endpoints} == QUESTIONS | MEASURES | CHANGES
    names = [p["parameter_name"] for p in endpoints["/compare"]["parameters"]]
    assert names == ["image", "model_a", "model_b", "k", "parts", "where", "more_models"]
    info = httpx.get(f"{api_app.url}/gradio_api/info").json()
    assert all(len(entry["description"]) > 20 for entry in info["named_endpoints"].values())
    assert info["unnamed_endpoints"] == {}


def test_a_picture_of_the_library_is_searched_with_by_its_id(
    api_client: Client, api_app: App
) -> None:
    hit = some_hit(api_client, api_app)
    response = api_client.predict(hit["id"], "colour", 4, api_name="/search_by_id")
    assert [h["rank"] for h in response["hits"]] == [0, 1, 2, 3, 4]
    assert response["hits"][0]["id"] == hit["id"]
    assert response["hits"][0]["distance"] < 0.001
    assert [h["query"] for h in response["hits"]] == [True, *[False] * 4]
    where = f'name == "{hit["name"]}" or not source == "sample"'
    response = api_client.predict(hit["id"], "colour", 4, where, api_name="/search_by_id")
    assert [h["name"] for h in response["hits"]] == [hit["name"]]
    with pytest.raises(AppError, match="labl at character 1"):
        api_client.predict(hit["id"], "colour", 4, "labl == 'a'", api_name="/search_by_id")
    for wrong in (-1, 2**63, "x"):
        with pytest.raises(AppError, match="not the id of a picture"):
            api_client.predict(wrong, "colour", 4, api_name="/search_by_id")


def test_a_pictures_details_say_nothing_of_the_servers_folders(
    api_client: Client, api_app: App
) -> None:
    hit = some_hit(api_client, api_app)
    response = api_client.predict(hit["id"], api_name="/picture")
    assert (response["name"], response["label"], response["path"]) == (hit["name"], "a", None)
    assert response["width"] > 0
    assert set(response["models"]) == {"colour", "shape"}
    assert str(api_app.log.parent) not in str(response)
    with pytest.raises(AppError, match="not in the library"):
        api_client.predict(12345, api_name="/picture")


def test_words_and_parts_find_pictures(api_client: Client, api_app: App) -> None:
    words = api_client.predict("three", "colour", 3, api_name="/search_text")
    best = words["hits"][0]
    assert (words["query"], best["name"], best["distance"] < 0.1) == ("three", "a-3.jpg", True)
    picture = handle_file(str(api_app.log.parent / "samples" / "a" / "a-2.jpg"))
    parts = [{"text": "three"}, {"image": picture, "box": [0, 0, 0.5, 1], "weight": -0.5}]
    alone = api_client.predict(model="colour", k=3, parts=parts, api_name="/search")
    assert alone["query"] == "three − a-2.jpg"
    both = api_client.predict(picture, "colour", "shape", 3, parts, api_name="/compare")
    assert (both["query"], both["unseen"]) == ("a-2.jpg + three − a-2.jpg", {"shape": [1]})
    inline = f"data:image/jpeg;base64,{base64.b64encode(encode(paint(3))).decode()}"
    for part in ({"picture": best["id"]}, {"image": inline}, {"text": "three"}):
        document = api_client.predict(model="colour", parts=[part], api_name="/search")
        assert document["hits"][0]["id"] == best["id"]
    why = api_client.predict(None, best["id"], "colour", [{"text": "three"}], api_name="/explain")
    assert (why["query"], len(why["hit"])) == (None, 7)
    placed = api_client.predict("colour", api_name="/map")
    assert (placed["model"], placed["vectors"], len(placed["positions"])) == ("colour", 12, 12)
    near, far = (
        api_client.predict("colour", d, "text", api_name="/percentile")["closer_than"]
        for d in (best["distance"], 1.9)
    )
    assert near > 0.99 > 0.01 > far
    with pytest.raises(AppError, match=r"Shape .* does not understand words"):
        api_client.predict("three", "shape", 3, api_name="/search_text")


def test_pictures_come_and_go(api_client: Client, tmp_path: Path) -> None:
    new = tmp_path / "new.png"
    new.write_bytes(encode(paint(77), "PNG"))
    (tmp_path / "no.txt").write_text("no picture")
    files = [handle_file(str(new)), handle_file(str(tmp_path / "no.txt"))]
    report = api_client.predict(files, "zoo", api_name="/add")
    assert (report["added"], report["embedded"]) == (1, {"colour": 1, "shape": 1})
    assert [entry["name"] for entry in report["skipped"]] == ["no.txt"]
    hit = api_client.predict(handle_file(str(new)), "shape", 1, api_name="/search")["hits"][0]
    assert (hit["name"], hit["label"]) == ("new.png", "zoo")
    listed = api_client.predict("label:zoo added:1d", 1, True, api_name="/pictures")
    assert [picture["name"] for picture in listed["pictures"]] == ["new.png"]
    assert listed["facets"]["label"] == {"a": 6, "b": 6, "zoo": 1}
    assert api_client.predict("label:a", api_name="/pictures")["total"] == 6
    removed = api_client.predict([hit["id"]], api_name="/remove")
    assert (set(removed), removed["removed"]) == ({"removed", "trash"}, 1)
    for batch in ("../records", "nothing", removed["trash"] + "/"):
        with pytest.raises(AppError, match="nothing in the trash"):
            api_client.predict(batch, api_name="/undo_remove")
    assert api_client.predict(removed["trash"], api_name="/undo_remove") == {"restored": 1}
    api_client.predict([hit["id"]], api_name="/remove")
    assert api_client.predict(api_name="/status")["pictures"] == 12


def test_the_pages_example_runs(api_client: Client, api_app: App, tmp_path: Path) -> None:
    """The text is taken from what the browser gets, and run in a folder with a cat.jpg."""
    config = httpx.get(f"{api_app.url}/config").json()
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
    api_app: App, api_client: Client, tmp_path: Path
) -> None:
    with running(api_app.log.parent, READ_ONLY="1") as app:
        visitor = Client(app.url, verbose=False)
        new = tmp_path / "new.png"
        new.write_bytes(encode(paint(78), "PNG"))
        hit = some_hit(api_client, api_app)
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
