"""An app that the tests of the named endpoints share, and its client."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client, handle_file

from searcher.images.pictures import Picture
from searcher.models.embedder import Embedder
from tests.pictures import folder, paint
from tests.servers import App, running, wait_for
from tests.text_networks import write_text_file


@pytest.fixture(scope="session")
def api_app(tmp_path_factory: pytest.TempPathFactory, baselines: Path) -> Iterator[App]:
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


@pytest.fixture(scope="session")
def api_client(api_app: App) -> Client:
    """A client, once all samples are searchable."""
    client = Client(api_app.url, verbose=False)
    wait_for(lambda: all_indexed(client), what="the samples")
    return client


def all_indexed(client: Client) -> bool:
    return {m["coverage"] for m in ready(client)} == {12}


def ready(client: Client) -> list[dict[str, Any]]:
    return [m for m in client.predict(api_name="/models") if m["state"] == "ready"]


def some_hit(client: Client, api_app: App) -> dict[str, Any]:
    path = api_app.log.parent / "samples" / "a" / "a-2.jpg"
    response = client.predict(handle_file(str(path)), "shape", 3, api_name="/search")
    hit: dict[str, Any] = response["hits"][0]
    return hit
