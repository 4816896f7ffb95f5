"""The part of the Hub's HTTP interface that serves models and data sets, from folders."""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from huggingface_hub import constants

from tests.hub_repository import LARGE, Repository, git_id, siblings, tree_entry

TOKEN = "hf_test"


@dataclass
class HubServer:
    """A running server: its repositories by `[datasets/]OWNER/NAME`, and the requests so far."""

    url: str = ""
    storage_url: str = ""  # where large files are, on another port
    tokens_to_storage: int = 0  # requests to it that had an access token
    repositories: dict[str, Repository] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)  # method, path
    agents: set[str] = field(default_factory=set)
    failure: int | bytes | None = None  # a status or a body that answers every request

    def reset(self, repositories: dict[str, Repository]) -> None:
        """Serve these repositories, as if no request had come and nothing had failed."""
        self.repositories, self.requests = repositories, []
        self.failure, self.tokens_to_storage = None, 0

    def paths(self, method: str = "GET") -> list[str]:
        return [path for verb, path in self.requests if verb == method]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: HubServer

    def log_message(self, *args: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.requests.append((self.command, path))
        self.hub.agents.add(self.headers.get("User-Agent", ""))
        if isinstance(self.hub.failure, int):
            self.refuse(self.hub.failure, "")
        elif isinstance(self.hub.failure, bytes):
            self.send(200, self.hub.failure)
        elif match := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/revision/(.+))?", path):
            self.describe(match[1], match[2] or "main")
        elif match := re.fullmatch(r"/api/(datasets/[^/]+/[^/]+)/revision/(.+)", path):
            self.describe(match[1], match[2])
        elif match := re.fullmatch(r"/api/(?:models/)?((?:datasets/)?[^/]+/[^/]+)/tree/(.+)", path):
            self.list(match[1], match[2])
        elif match := re.fullmatch(r"/((?:datasets/)?[^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            self.resolve(match[1], match[2], match[3])
        elif match := re.fullmatch(r"/lfs/([^/]+)/((?:datasets/)?[^/]+/[^/]+)/(.+)", path):
            self.hub.tokens_to_storage += "Authorization" in self.headers
            stored = self.hub.repositories[match[2]].at(match[1])
            assert stored is not None
            self.content(stored, match[3])
        else:
            self.refuse(404, "")

    def describe(self, name: str, revision: str) -> None:
        repository = self.find(name, revision)
        if repository is not None:
            document = {
                "id": name,
                "sha": repository.commit,
                "gated": "auto" if repository.gated else False,
                "cardData": repository.card,
                "siblings": siblings(repository),
            }
            self.send(200, json.dumps(document).encode())

    def list(self, name: str, revision: str) -> None:
        repository = self.find(name, revision)
        if repository is not None:
            entries = [tree_entry(sibling) for sibling in siblings(repository)]
            self.send(200, json.dumps(entries).encode())

    def resolve(self, name: str, revision: str, file: str) -> None:
        repository = self.find(name, revision)
        if repository is None:
            return
        if repository.gated and not self.is_allowed():
            self.refuse(401 if "Authorization" not in self.headers else 403, "GatedRepo")
            return
        data = repository.data(file)
        if data is None:
            self.refuse(404, "EntryNotFound")
            return
        headers = {"X-Repo-Commit": repository.commit}
        if len(data) > LARGE:
            etag = hashlib.sha256(data).hexdigest() if repository.etag is None else repository.etag
            headers |= {"X-Linked-Etag": f'"{etag}"', "X-Linked-Size": str(len(data))}
            self.send(
                302,
                b"",
                {
                    **headers,
                    "Location": f"{self.hub.storage_url}/lfs/{repository.commit}/{name}/{file}",
                },
            )
        else:
            etag = git_id(data) if repository.etag is None else repository.etag
            self.content(repository, file, {**headers, "ETag": f'"{etag}"'})

    def content(
        self, repository: Repository, file: str, headers: dict[str, str] | None = None
    ) -> None:
        data = repository.content.get(file, repository.data(file) or b"")
        start = 0
        if match := re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", "")):
            start = int(match[1])
        part = data[start:]
        self.send_response(206 if start else 200)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        if self.command == "HEAD":
            return
        half = len(part) // 2
        self.wfile.write(part[:half])
        if len(data) > LARGE and repository.cuts > 0:
            repository.cuts -= 1
            self.close_connection = True
            return
        if len(data) > LARGE and repository.slow is not None:
            self.wfile.flush()
            repository.slow.wait(60)
        self.wfile.write(part[half:])

    def find(self, name: str, revision: str) -> Repository | None:
        repository = self.hub.repositories.get(name)
        token = self.headers.get("Authorization")
        if token is not None and token != f"Bearer {TOKEN}":
            self.refuse(401, "", "Invalid credentials in Authorization header")
        elif repository is None or (repository.private and not self.is_allowed()):
            self.refuse(404 if token else 401, "RepoNotFound")
        elif (found := repository.at(revision)) is None:
            self.refuse(404, "RevisionNotFound")
        else:
            return found
        return None

    def is_allowed(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {TOKEN}"

    def refuse(self, status: int, code: str, reason: str = "") -> None:
        headers = {"X-Error-Code": code} if code else {}
        headers |= {"X-Error-Message": reason} if reason else {}
        self.send(status, b"{}", headers)

    def send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@contextmanager
def serving() -> Iterator[HubServer]:
    """Run a server, and one for large files, on free ports of this machine."""
    hub = HubServer()
    handler = type("HubHandler", (Handler,), {"hub": hub})
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), handler) for _ in range(2)]
    hub.url, hub.storage_url = (f"http://127.0.0.1:{s.server_port}" for s in servers)
    for server in servers:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield hub
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


@pytest.fixture(scope="session")
def stand_in_hub() -> Iterator[HubServer]:
    """A server for the tests of a process; each begins with `reset`."""
    with serving() as hub:
        yield hub


def use(hub: HubServer | str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let huggingface_hub, which reads its variables when it is imported, use this server."""
    url = hub if isinstance(hub, str) else hub.url
    monkeypatch.setattr(constants, "ENDPOINT", url)
    template = url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(cache / "token"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
