"""A foreign web server with hostile answers."""

import time
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.pictures import encode, paint

MB = 2**20


PICTURE = encode(paint(3), "PNG")


class Stranger(BaseHTTPRequestHandler):
    """A foreign web server: each path is one way to harm its client."""

    requested_paths: list[str]

    def do_GET(self) -> None:
        self.server.requested_paths.append(self.path)  # type: ignore[attr-defined]
        act = self.path.strip("/").partition("/")[0]
        try:
            getattr(self, act.partition(".")[0], self.picture)()
        except OSError:
            pass  # the client has closed the connection

    def answer(self, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def picture(self) -> None:
        self.answer(Content_Type="image/png", Content_Length=str(len(PICTURE)))
        self.wfile.write(PICTURE)

    def page(self) -> None:
        self.answer(Content_Type="text/html")
        self.wfile.write(b"<script>alert(1)</script>")

    def endless(self) -> None:
        self.answer(Content_Type="image/png")
        for _ in range(2000):
            self.wfile.write(bytes(MB))

    def large(self) -> None:
        self.answer(Content_Type="image/png", Content_Length=str(10**9))
        self.wfile.write(bytes(MB))

    def bomb(self) -> None:
        self.answer(Content_Type="image/png", Content_Encoding="gzip")
        self.wfile.write(bytes(MB))

    def slow(self) -> None:
        self.answer(Content_Type="image/png")
        while True:  # until the client closes the connection
            self.wfile.write(b"\0")
            self.wfile.flush()
            time.sleep(0.1)

    def circle(self) -> None:
        self.answer(302, Location="/circle")

    def once(self) -> None:
        self.answer(302, Location="/picture.png")

    def inside(self) -> None:
        """Lead to an address of this machine that does not count as public."""
        port = self.server.server_port  # type: ignore[attr-defined]
        self.answer(302, Location=f"http://127.0.0.2:{port}/secret")

    def log_message(self, *_: Any) -> None:
        pass
