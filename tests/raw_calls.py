"""Calls of the app by raw HTTP, as no client of Gradio would send them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from searcher.config.folders import ROOT
from tests.pictures import folder
from tests.servers import App, running, wait_for

FILE = {"_type": "gradio.FileData"}


@dataclass
class Raw:
    """Speaks with a running app; `answers` has every text that came back."""

    app: App
    answers: list[str] = field(default_factory=list)
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=60))
    sessions: Iterator[int] = field(default_factory=count)

    def functions(self) -> list[dict[str, Any]]:
        """All functions of the page, private ones included, that the server runs."""
        config = self.client.get(f"{self.app.url}/config").json()
        return [function for function in config["dependencies"] if function["backend_fn"]]

    def of(self, elem_id: str, event: str) -> int:
        """The number of the function that an event of an element calls."""
        config = self.client.get(f"{self.app.url}/config").json()
        ids = {c["props"].get("elem_id"): c["id"] for c in config["components"]}
        target = [ids[elem_id], event]
        return next(f["id"] for f in self.functions() if target in [list(t) for t in f["targets"]])

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send any request below /gradio_api/."""
        response = self.client.request(method, f"{self.app.url}/gradio_api/{path}", **options)
        self.answers.append(response.text)
        return response

    def call(self, number: int, values: list[Any], event: Any = None) -> tuple[int, Any]:
        """Call a function through the queue; returns 200 and its data, or why there is none.

        A call that ends with a sentence counts as 400.
        """
        session = f"raw-{next(self.sessions)}"
        body = {"fn_index": number, "data": values, "event_data": event, "session_hash": session}
        # Python's JSON has half surrogates and numbers that are not finite; httpx' has not.
        response = self.send(
            "POST",
            "queue/join",
            content=json.dumps(body),
            headers={"content-type": "application/json"},
        )
        if response.status_code != 200:
            return response.status_code, response.json()["detail"]
        return self._wait(session)

    def _wait(self, session: str) -> tuple[int, Any]:
        address = f"{self.app.url}/gradio_api/queue/data"
        with self.client.stream("GET", address, params={"session_hash": session}) as lines:
            for line in lines.iter_lines():
                self.answers.append(line)
                if not line.startswith("data:"):
                    continue
                message = json.loads(line.removeprefix("data:"))
                if message["msg"] == "process_completed":
                    output = message["output"]
                    if message["success"]:
                        return 200, output["data"]
                    return 400, output["error"]
        raise AssertionError("the stream ended without an answer")


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory, baselines: Path) -> Iterator[Raw]:
    """An app whose library tests may change, after its samples were indexed."""
    home = tmp_path_factory.mktemp("junk")
    (home / "models").symlink_to(baselines)
    folder(home / "samples", {"a": 4, "b": 4})
    with running(home) as app:
        raw = Raw(app)
        numbers = {function["api_name"]: function["id"] for function in raw.functions()}

        def ready() -> bool:
            models = raw.call(numbers["models"], [])[1][0]
            return [m["coverage"] for m in models if m["state"] == "ready"] == [8, 8]

        wait_for(ready, what="the samples")
        yield raw


def record_ids(raw: Raw) -> list[str]:
    thumbs = raw.app.log.parent / "data" / "thumbs"
    return [path.stem for path in sorted(thumbs.glob("*/*.jpg"))]


def number_of(raw: Raw, name: str) -> int:
    return next(function["id"] for function in raw.functions() if function["api_name"] == name)


def assert_no_traceback(raw: Raw, before: int) -> None:
    """Check that the app runs, and that its log has no traceback after `before` characters."""
    written = raw.app.log.read_text()[before:]
    assert "Traceback" not in written, written[-3000:]
    assert raw.app.process.poll() is None
    assert raw.client.get(raw.app.url).status_code == 200


def assert_no_server_paths(raw: Raw) -> None:
    text = "\n".join(raw.answers)
    assert "Traceback" not in text
    for path in (raw.app.log.parent, ROOT, Path.home(), Path("/root/")):
        assert f"{path}/" not in text or str(path) == "/", path
