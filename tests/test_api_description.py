"""The description of the API, against the app that it describes.

schemathesis makes calls that fit the description, with names and ids that this library has, and
calls that do not; all from a seed.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import hypothesis
import pytest
import schemathesis
from gradio_client import Client
from hypothesis import HealthCheck, Phase
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api_app import some_hit
from tests.pictures import encode, paint
from tests.servers import App

SEED = 24
SETTINGS = hypothesis.settings(
    max_examples=3,  # of each endpoint, and as many that do not fit
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
pytestmark = pytest.mark.slow  # so that only those import schemathesis who run this
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# They would change what the calls of others find, or start work that goes on.
LEFT_OUT = {"install", "adopt", "add_dataset", "measure_speeds"}


@pytest.fixture(scope="module")
def description(api_app: App, api_client: Client) -> dict[str, Any]:
    document: dict[str, Any] = httpx.get(f"{api_app.url}/gradio_api/openapi.json").json()
    return document


@pytest.fixture
def session() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=60) as client:
        yield client


def with_values(description: dict[str, Any], values: dict[str, list[Any]]) -> dict[str, Any]:
    """Limit the parameters of some names to some values, in the whole description."""

    def limited(schema: Any) -> Any:
        if isinstance(schema, list):
            return [limited(item) for item in schema]
        if not isinstance(schema, dict):
            return schema
        return {
            key: {"enum": values[key]} if key in values and "type" in value else limited(value)
            for key, value in schema.items()
        }

    narrow: dict[str, Any] = limited(description)
    return narrow


def outcome(session: httpx.Client, url: str, name: str, event: str) -> tuple[str, Any]:
    """Wait for the answer of a call; return "complete" or "error", and its data."""
    text = session.get(f"{url}/gradio_api/call/{name}/{event}").text
    kind, data = text.strip().split("\n\n")[-1].split("\n")
    return kind.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def test_calls_from_the_description_are_answered_as_it_says(
    api_app: App, api_client: Client, description: dict[str, Any], session: httpx.Client
) -> None:
    before = len(api_app.log.read_text())
    upload = session.post(
        f"{api_app.url}/gradio_api/upload", files={"files": ("a.png", encode(paint(5), "PNG"))}
    ).json()
    models, known = ["colour", "shape"], [some_hit(api_client, api_app)["id"]]
    values: dict[str, list[Any]] = {
        **dict.fromkeys(("model", "model_a", "model_b"), models),
        **{"picture_id": known, "path": upload, "where": ["", 'label == "a"'], "text": ["three"]},
        **{"format": ["html", "csv", "json"], "method": ["pca"], "deep": [False]},
    }
    narrow = with_values(description, values)
    outcomes: Counter[tuple[GenerationMode, str]] = Counter()

    def check(case: Case[Any], mode: GenerationMode) -> None:
        response = case.call(base_url=api_app.url, headers={"Accept-Language": "en"})
        case.validate_response(response, checks=CHECKS)
        *_, way, name = case.operation.path.split("/")
        if response.status_code != 200:
            outcomes[mode, "refused"] += 1
        elif way == "v2":
            kind, data = outcome(session, api_app.url, name, response.json()["event_id"])
            outcomes[mode, kind] += 1
            if kind == "complete":
                assert len(data) == 1
                assert isinstance(data[0], dict | list | str)
            else:
                assert data["error"].endswith("."), data
                assert "." in data["title"] and data["title"] != "server.failed", data

    def call(operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode) -> None:
        @hypothesis.seed(SEED)
        @hypothesis.settings(SETTINGS)
        @hypothesis.given(operation.as_strategy(generation_mode=mode))
        def run(case: Case[Any]) -> None:
            check(case, mode)

        run()

    for result in schemathesis.openapi.from_dict(narrow).get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()
        if operation.path.rpartition("/")[2] in LEFT_OUT:
            continue
        call(operation, GenerationMode.POSITIVE)
        if operation.method != "get":  # any text may be the name of an event
            call(operation, GenerationMode.NEGATIVE)
    pictures = api_client.predict(api_name="/pictures")["pictures"]
    added = [picture["id"] for picture in pictures if picture["label"] not in ("a", "b")]
    api_client.predict(added, api_name="/remove")  # other tests count the rest
    assert outcomes[GenerationMode.POSITIVE, "complete"] > 30, outcomes
    assert outcomes[GenerationMode.NEGATIVE, "refused"] > 30, outcomes
    assert "Traceback" not in api_app.log.read_text()[before:]


def test_a_call_that_is_none_gets_a_4xx_with_a_code(
    api_app: App, description: dict[str, Any], session: httpx.Client
) -> None:
    """Of each endpoint: no JSON, a list, an unknown value, and none of those that are required."""
    calls = 0
    for path, methods in description["paths"].items():
        if "post" not in methods or path.endswith("/upload"):
            continue
        schema = methods["post"]["requestBody"]["content"]["application/json"]["schema"]
        bodies = [b"{", b"[]", b'{"nothing": 1}']
        if schema["required"]:
            bodies.append(b"{}")
        for body in bodies:
            kind = {"content-type": "application/json"}
            response = session.post(f"{api_app.url}{path}", content=body, headers=kind)
            assert 400 <= response.status_code < 500, (path, body, response.text)
            assert set(response.json()) == {"detail", "code"}, (path, response.text)
            calls += 1
    assert calls > 100


def test_what_gradio_refuses_itself_has_a_code_too(api_app: App, session: httpx.Client) -> None:
    for way, name in (("run", "search"), ("api", "evaluate")):
        answer = session.post(f"{api_app.url}/gradio_api/{way}/{name}", json={"data": []})
        assert (answer.status_code, answer.json()["code"]) == (404, "call.queued")
        assert f"gradio_api/call/v2/{name}" in answer.json()["detail"]
    upload = session.post(f"{api_app.url}/gradio_api/upload", content=b"x")
    assert (upload.status_code, upload.headers["x-error-code"]) == (400, "upload.unreadable")
