"""The part of ZeroGPU that its package `spaces` calls from inside a Space."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec

import pytest


@contextmanager
def zero_gpu() -> Iterator[tuple[dict[str, str], list[str]]]:
    """ZeroGPU's side of its package `spaces`: the variables, and what was reported to it."""
    spec = find_spec("spaces")
    if spec is None or spec.origin is None:
        pytest.skip("the package spaces is not installed")
    reports = []

    class Device(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def do_POST(self) -> None:
            reports.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

    server = HTTPServer(("127.0.0.1", 0), Device)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield {"SPACES_ZERO_GPU": "true", "SPACES_ZERO_DEVICE_API_URL": url}, reports
    finally:
        server.shutdown()
        server.server_close()
