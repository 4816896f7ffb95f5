"""A small hub: the part of Hugging Face's HTTP interface that publishing a Space uses."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LARGE = 1_000_000  # bytes; larger files must go through LFS
TOKEN = "hf_test"


@dataclass
class Hub:
    """Uploads so far: the Space's files, LFS objects by SHA-256, and the commits."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    created: list[dict[str, Any]] = field(default_factory=list)
    commits: list[dict[str, Any]] = field(default_factory=list)

    def commit(self, lines: list[dict[str, Any]]) -> None:
        """Apply a commit in the form that the hub takes: one JSON object a line."""
        for line in lines:
            key, value = line["key"], line["value"]
            if key == "header":
                self.commits.append(value)
            elif key == "file":
                assert value["encoding"] == "base64"
                self.files[value["path"]] = base64.b64decode(value["content"])
            elif key == "lfsFile":
                self.files[value["path"]] = self.objects[value["oid"]]
            elif key == "deletedFile":
                del self.files[value["path"]]


@contextmanager
def serving() -> Iterator[Hub]:
    """Run a hub on a free port of this machine."""
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def reply(self, document: Any, status: int = 200) -> None:
            data = json.dumps(document).encode()
            self.send_response(status)
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

        def do_GET(self) -> None:
            listed = [
                {"type": "file", "path": n, "size": len(d), "oid": hashlib.sha1(d).hexdigest()}
                for n, d in hub.files.items()
            ]
            if "/tree/" in self.path:
                self.reply(listed)
            else:
                siblings = [{"rfilename": name} for name in hub.files]
                self.reply({"id": "someone/twinlens", "sha": "0" * 40, "siblings": siblings})

        def do_PUT(self) -> None:
            data = self.body()
            hub.objects[self.path.rsplit("/", 1)[1]] = data
            self.reply({})

        def do_POST(self) -> None:
            data = self.body()
            path = self.path.split("?")[0]
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                self.reply({"error": "Invalid user token."}, 401)
            elif path == "/api/repos/create":
                hub.created.append(json.loads(data))
                self.reply({"url": f"{hub.url}/spaces/someone/twinlens"})
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
                objects = [
                    entry | {"actions": {"upload": {"href": f"{hub.url}/objects/{entry['oid']}"}}}
                    for entry in json.loads(data)["objects"]
                ]
                self.reply({"transfer": "basic", "objects": objects})
            elif "/commit/" in path:
                hub.commit([json.loads(line) for line in data.splitlines()])
                self.reply(
                    {
                        "success": True,
                        "commitOid": "1" * 40,
                        "commitUrl": f"{hub.url}/spaces/someone/twinlens/commit/{'1' * 40}",
                        "hookOutput": "",
                    }
                )
            else:
                self.reply({"error": f"no {path} here"}, 404)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
