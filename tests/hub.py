"""A small hub: the part of Hugging Face's HTTP interface that publishing uses."""

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LARGE = 1_000_000  # bytes; larger files must go through LFS
TOKEN = "hf_test"
SPACE = "spaces/someone/twinlens"


@dataclass
class Hub:
    """What has been uploaded so far, and how the hub misbehaves.

    Attributes:
        repositories: The files by name, of each repository by kind, owner and name.
        objects: LFS objects by SHA-256.
        sent: The other requests that change something: path and document.
        commits: The headers of the commits.
        hardware: What the Space has.
        refusals: A status for every request to these paths, by the end of the path.
    """

    url: str = ""
    repositories: dict[str, dict[str, bytes]] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    sent: list[tuple[str, Any]] = field(default_factory=list)
    commits: list[dict[str, Any]] = field(default_factory=list)
    hardware: str = "zero-a10g"
    refusals: dict[str, int] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, bytes]:
        """The files of the Space."""
        return self.repositories.get(SPACE, {})

    def documents(self, path: str) -> list[Any]:
        """What was sent to addresses that end so."""
        return [document for sent, document in self.sent if sent.endswith(path)]

    def create(self, document: dict[str, Any]) -> str:
        name = f"{document['type']}s/{document['organization']}/{document['name']}"
        self.repositories.setdefault(name, {".gitattributes": b""})
        return f"{self.url}/{name.removeprefix('models/')}"

    def commit(self, repository: str, lines: list[dict[str, Any]]) -> None:
        """Apply a commit in the form that the hub takes: one JSON object a line."""
        files = self.repositories[repository]
        for line in lines:
            key, value = line["key"], line["value"]
            if key == "header":
                self.commits.append(value)
            elif key == "file":
                assert value["encoding"] == "base64"
                files[value["path"]] = base64.b64decode(value["content"])
            elif key == "lfsFile":
                files[value["path"]] = self.objects[value["oid"]]
            elif key == "deletedFile":
                del files[value["path"]]


class Handler(BaseHTTPRequestHandler):
    hub: Hub

    def log_message(self, *args: object) -> None:
        pass

    def reply(self, document: Any, status: int = 200, code: str = "") -> None:
        data = json.dumps(document).encode()
        self.send_response(status)
        if code:
            self.send_header("X-Error-Code", code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        data = b""
        while size := int(self.rfile.readline(), 16):
            data += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return data

    def is_refused(self, path: str) -> bool:
        status = next((s for end, s in self.hub.refusals.items() if path.endswith(end)), None)
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            status = 401
        if status is not None:
            self.reply({"error": "The hub's own words."}, status)
        return status is not None

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        match = re.match(r"/api/(\w+/[^/]+/[^/]+)", path)
        files = self.hub.repositories.get(match[1]) if match else None
        if self.is_refused(path):
            return
        if files is None:
            self.reply({"error": "Repository not found"}, 404, "RepoNotFound")
        elif path.endswith("/runtime"):
            hardware = {"current": None, "requested": self.hub.hardware}
            self.reply({"stage": "RUNNING", "hardware": hardware})
        elif "/tree/" in path:
            self.reply(
                [
                    {"type": "file", "path": n, "size": len(d), "oid": hashlib.sha1(d).hexdigest()}
                    for n, d in files.items()
                ]
            )
        else:
            siblings = [{"rfilename": name} for name in files]
            self.reply({"id": "someone/twinlens", "sha": "0" * 40, "siblings": siblings})

    def do_PUT(self) -> None:
        data, path = self.body(), self.path.split("?")[0]
        if path.startswith("/objects/"):  # with no token
            self.hub.objects[path.rsplit("/", 1)[1]] = data
            self.reply({})
        elif not self.is_refused(path):
            self.hub.sent.append((path, json.loads(data)))
            self.reply({})

    def do_POST(self) -> None:
        data, path = self.body(), self.path.split("?")[0]
        if self.is_refused(path):
            return
        if path == "/api/repos/create":
            document = json.loads(data)
            self.hub.sent.append((path, document))
            self.reply({"url": self.hub.create(document)})
        elif path == "/api/validate-yaml":
            self.reply({"errors": [], "warnings": []})
        elif "/preupload/" in path:
            modes = [
                {
                    "path": file["path"],
                    "uploadMode": "lfs" if file["size"] > LARGE else "regular",
                    "shouldIgnore": False,
                }
                for file in json.loads(data)["files"]
            ]
            self.reply({"files": modes})
        elif path.endswith("/info/lfs/objects/batch"):
            url = f"{self.hub.url}/objects/"
            objects = [
                entry | {"actions": {"upload": {"href": url + entry["oid"]}}}
                for entry in json.loads(data)["objects"]
            ]
            self.reply({"transfer": "basic", "objects": objects})
        elif match := re.match(r"/api/(\w+/[^/]+/[^/]+)/commit/", path):
            self.hub.commit(match[1], [json.loads(line) for line in data.splitlines()])
            address = f"{self.hub.url}/{match[1]}/commit/{'1' * 40}"
            commit = {"commitOid": "1" * 40, "commitUrl": address, "hookOutput": ""}
            self.reply({"success": True, **commit})
        else:
            self.settings(path, json.loads(data or b"{}"))

    def settings(self, path: str, document: Any) -> None:
        self.hub.sent.append((path, document))
        if path.endswith("/variables"):
            self.reply({document["key"]: document})
        elif path.endswith("/hardware"):
            self.hub.hardware = document["flavor"]
            self.reply({"stage": "BUILDING", "hardware": {"requested": document["flavor"]}})
        elif path.startswith("/api/buckets/"):
            self.reply({"url": f"{self.hub.url}{path.removeprefix('/api')}"})
        else:
            self.reply({"error": f"no {path} here"}, 404)


@contextmanager
def serving() -> Iterator[Hub]:
    """Run a hub on a free port of this machine."""
    hub = Hub()
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), type("PublishingHandler", (Handler,), {"hub": hub})
    )
    hub.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
