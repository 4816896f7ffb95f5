"""Programs written for the first published version still work: names, parameters and documents.

The table is what commit 611d505 had. Later versions may add to it, and take nothing away.
"""

from typing import Any

import pytest
from gradio_client import Client, handle_file

from tests.api_app import some_hit
from tests.pictures import encode, paint
from tests.servers import App

MODEL = {"name", "title", "state", "reason", "dim", "mb", "ms", "weights", "coverage"}
HIT = {"id", "rank", "distance", "similarity", "path", "name", "label"}
TIMES = {"decode", "embed", "milvus", "redis", "total"}
RECORD = {"id", "path", "name", "label", "width", "height", "bytes", "digest", "added"}
QUALITY = {"p@1", "p@5", "p@10", "map", "ci95", "per_label", "queries", "ms", "dim", "mb"}
ENDPOINTS: dict[str, tuple[list[str], set[str]]] = {
    "search": (["image", "model", "k"], {"model", "query", "hits", "timings_ms", "unresolved"}),
    "search_by_id": (
        ["picture_id", "model", "k"],
        {"model", "query", "hits", "timings_ms", "unresolved"},
    ),
    "compare": (
        ["image", "model_a", "model_b", "k"],
        {"models", "query", "results", "overlap", "rbo", "tau", "fused", "timings_ms"}
        | {"unresolved"},
    ),
    "models": ([], set()),
    "status": ([], {"pictures", "working", "problems", "labels"}),
    "picture": (["picture_id"], RECORD | {"fingerprint", "models"}),
    "percentile": (["model", "distance"], {"model", "distance", "closer_than"}),
    "evaluate": (["models", "k"], {"k", "models", "pictures", "labels"}),
    "explain": (["image", "picture_id", "model"], {"model", "similarity", "query", "hit"}),
    "doctor": ([], {"pictures", "models", "problems", "repaired"}),
    "add": (
        ["files", "label"],
        {"added", "known", "skipped", "embedded", "seconds", "seconds_embedding"},
    ),
    "remove": (["picture_ids"], {"removed"}),
    "install": (["model"], set()),
}
OPTIONAL = {"k", "models", "label"}  # had defaults


@pytest.fixture(scope="module")
def documents(
    api_app: App, api_client: Client, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """The answer of every endpoint but `install`, called as a program of then calls it."""
    folder = tmp_path_factory.mktemp("contract")
    new, text = folder / "new.png", folder / "no.txt"
    new.write_bytes(encode(paint(611), "PNG"))
    text.write_text("no picture")
    picture = handle_file(str(api_app.log.parent / "samples" / "a" / "a-2.jpg"))
    hit = some_hit(api_client, api_app)["id"]

    def call(name: str, *values: Any) -> Any:
        return api_client.predict(*values, api_name=f"/{name}")

    answers = {
        "search": call("search", picture, "shape", 3),
        "search_by_id": call("search_by_id", hit, "shape", 3),
        "compare": call("compare", picture, "shape", "colour", 3),
        "models": call("models"),
        "status": call("status"),
        "picture": call("picture", hit),
        "percentile": call("percentile", "shape", 0.5),
        "evaluate": call("evaluate", ["shape"], 5),
        "explain": call("explain", picture, hit, "shape"),
        "doctor": call("doctor"),
        "add": call("add", [handle_file(str(new)), handle_file(str(text))], "then"),
    }
    added = call("search", handle_file(str(new)), "shape", 1)["hits"][0]["id"]
    return answers | {"remove": call("remove", [added])}


def test_every_endpoint_takes_the_same_values_first(api_client: Client) -> None:
    now = api_client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    for name, (parameters, _) in ENDPOINTS.items():
        described = now[f"/{name}"]["parameters"]
        assert [p["parameter_name"] for p in described[: len(parameters)]] == parameters, name
        needed = [p for p in described if not p["parameter_has_default"]]
        assert {p["parameter_name"] for p in needed} <= set(parameters) - OPTIONAL, name


def test_every_document_has_the_fields_that_it_had(documents: dict[str, Any]) -> None:
    for name, document in documents.items():
        if isinstance(document, dict):
            assert ENDPOINTS[name][1] <= document.keys(), name
    assert {*documents, "install"} == set(ENDPOINTS)
    assert all(set(model) >= MODEL for model in documents["models"])
    compared, measured = documents["compare"], documents["evaluate"]["models"]
    lists = [documents["search"]["hits"], documents["search_by_id"]["hits"], compared["fused"]]
    for hits in [*lists, *compared["results"].values()]:
        assert hits and all(set(hit) >= HIT and hit["path"] is None for hit in hits)
    for times in (documents["search"]["timings_ms"], *compared["timings_ms"].values()):
        assert set(times) >= TIMES
    assert compared["models"] == list(compared["results"]) == ["shape", "colour"]
    assert set(measured) == {"shape"} and set(measured["shape"]) >= QUALITY
    assert set(documents["doctor"]["models"]["shape"]) >= {"vectors", "missing", "orphans"}
    (skipped,) = documents["add"]["skipped"]
    assert set(skipped) >= {"path", "name", "reason"}


def test_the_values_mean_what_they_meant(documents: dict[str, Any]) -> None:
    assert documents["search"]["model"] == "shape"
    assert documents["search"]["query"] == "a-2.jpg"
    assert (documents["percentile"]["distance"], documents["evaluate"]["k"]) == (0.5, 5)
    for hit in documents["search"]["hits"]:
        assert hit["similarity"] == pytest.approx(1 - hit["distance"] ** 2 / 2, abs=1e-4)
    assert documents["explain"]["similarity"] == pytest.approx(1, abs=1e-3)
    assert [len(documents["explain"][side]) for side in ("query", "hit")] == [7, 7]
    assert documents["add"]["added"] == 1
    assert documents["add"]["embedded"] == {"colour": 1, "shape": 1}
    assert documents["remove"]["removed"] == 1
