"""The app as an MCP server, asked by the protocol's own client."""

import ast
import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from gradio_client import Client
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent, Tool

from searcher.config.settings import Settings
from searcher.errors import InvalidSetting
from searcher.ui.server import launch
from tests.servers import App, running, wait_apart, wait_for

T = TypeVar("T")


@pytest.fixture(scope="module")
def server(app: App, home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app with MCP on the session's library."""
    client = Client(app.url, verbose=False)
    wait_for(lambda: client.predict(api_name="/status")["pictures"] == 24, what="the samples")
    folder = tmp_path_factory.mktemp("mcp")
    locations = {
        "TWINLENS_DATA": str(home / "data"),
        "MODELS_DIR": str(home / "models"),
        "SAMPLES_DIR": str(home / "samples"),
    }
    with running(folder, MCP="1", **locations) as server:
        yield server


async def _tools(url: str) -> list[Tool]:
    async with (
        streamable_http_client(f"{url}/gradio_api/mcp/") as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        return (await session.list_tools()).tools


async def _call(url: str, tool: str, **arguments: Any) -> CallToolResult:
    async with (
        streamable_http_client(f"{url}/gradio_api/mcp/") as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        return await session.call_tool(tool, arguments)


def call(server: App, tool: str, **arguments: Any) -> Any:
    """A tool's document."""
    result = wait_apart(_call(server.url, tool, **arguments))
    assert isinstance(result.content[0], TextContent)
    assert not result.isError, result.content[0].text
    return ast.literal_eval(result.content[0].text)


def refusal(server: App, tool: str, **arguments: Any) -> str:
    """The error message of a tool that fails."""
    result = wait_apart(_call(server.url, tool, **arguments))
    assert result.isError
    assert isinstance(result.content[0], TextContent)
    return result.content[0].text


def test_tools_ask_and_never_change(server: App) -> None:
    tools = {tool.name: tool for tool in wait_apart(_tools(server.url))}
    assert set(tools) == {
        *("search", "search_text", "search_by_id", "compare", "models"),
        *("status", "picture", "pictures", "percentile", "evaluate", "compare_models", "explain"),
        *("doctor", "arena", "votes", "shrink", "changed_queries", "index_recall", "map"),
        *("hardest_queries", "disagreements", "confusion", "suspicious_labels", "report"),
    }
    described = tools["search"]
    assert "nearest to an image" in str(described.description)
    assert set(described.inputSchema["properties"]) == {"image", "model", "k", "parts", "where"}
    assert "1 to 50" in described.inputSchema["properties"]["k"]["description"]
    assert "remove" in refusal(server, "remove", picture_ids=[1])


def test_the_pictures_behind_numbers(server: App) -> None:
    hard = call(server, "hardest_queries", model="colour", measure="map", count=3)["queries"]
    assert [query["score"] for query in hard] == sorted(query["score"] for query in hard)
    assert "The measures are" in refusal(server, "hardest_queries", model="colour", measure="x")
    found = call(server, "disagreements", model_a="colour", model_b="shape", count=2)
    assert len(found["disagreements"]) == 2
    assert found["disagreements"][0]["rbo"] <= found["mean_rbo"]
    matrix = call(server, "confusion", model="shape", k=2)["matrix"]
    assert set(matrix["labels"]) == {"a", "b"}
    assert sum(matrix["totals"]) == 2 * 24
    assert call(server, "suspicious_labels", count=5)["near_copies"] == []


def test_search_with_a_picture(server: App, home: Path) -> None:
    picture = (home / "samples" / "a" / "a-4.jpg").read_bytes()
    image = f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}"
    response = call(server, "search", image=image, model="colour", k=3)
    assert response["hits"][0]["name"] == "a-4.jpg"
    assert response["hits"][0]["distance"] < 0.01
    again = call(server, "search_by_id", picture_id=response["hits"][0]["id"], model="shape", k=2)
    assert again["hits"][0]["id"] == response["hits"][0]["id"]
    filtered = call(server, "search", image=image, model="colour", k=3, where='label == "b"')
    assert {hit["label"] for hit in filtered["hits"]} == {"b"}
    parts = [{"image": image}, {"picture": again["hits"][1]["id"], "weight": -0.5}]
    composed = call(server, "search", parts=parts, model="colour", k=3)
    assert composed["hits"][0]["id"] == response["hits"][0]["id"]
    assert composed["query"].endswith(f" − {again['hits'][1]['name']}")


def test_no_private_address_is_fetched(server: App, app: App, home: Path) -> None:
    """Gradio itself fetches pictures by address, but from public ones only."""
    for address in (f"{app.url}/favicon.ico", f"{server.url}/gradio_api/file=thumbs/a.jpg"):
        words = refusal(server, "search", image=address, model="colour", k=3)
        assert str(home) not in words
        assert "can't be reached from here" in words


def test_no_file_of_the_server_is_read(server: App, home: Path) -> None:
    path = str(home / "samples" / "a" / "a-0.jpg")
    assert "Invalid file data" in refusal(server, "search", image=path, model="colour", k=3)


def test_without_the_option_there_is_no_mcp(app: App) -> None:
    assert httpx.post(f"{app.url}/gradio_api/mcp/", json={}).status_code in (404, 405)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("searcher.ui.server.find_spec", lambda name: None)
    unused: Any = None  # it is refused before anything is served
    with pytest.raises(InvalidSetting, match=r"pip install 'gradio\[mcp\]=="):
        launch(unused, Settings.from_env({"MCP": "1"}), unused, unused, unused, unused, unused)
