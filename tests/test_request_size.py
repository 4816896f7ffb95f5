"""What is read of a refused request: all that its client sends, so that it gets the answer."""

from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from searcher.ui.security.request_size import MB, BodyLimit
from tests.servers import wait_apart

PARTS = 5


def read_of(status: int, **headers: str) -> tuple[int, int]:
    """Return how many parts of a body are read before an answer begins, and its status.

    The app answers without reading.
    """
    read = 0
    statuses: list[int] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("no", status)(scope, receive, send)

    async def receive() -> Message:
        nonlocal read
        read += not statuses
        return {"type": "http.request", "body": b"x" * 100, "more_body": read < PARTS}

    async def send(part: Message) -> None:
        statuses.append(part.get("status", 0))

    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "path": "/", "raw_path": b"/", "query_string": b"", "headers": pairs}
    wait_apart(BodyLimit(app, lambda path, kind: MB)(scope, receive, send))
    return read, statuses[0]


def test_the_body_of_a_refused_request_is_read_first() -> None:
    assert read_of(403, **{"content-length": "500"}) == (PARTS, 403)
    assert read_of(403, **{"transfer-encoding": "chunked"}) == (PARTS, 403)
    assert read_of(200, **{"content-length": str(2 * MB)}) == (PARTS, 413)


def test_nothing_is_read_that_is_not_sent_or_not_refused() -> None:
    assert read_of(403) == (0, 403)
    assert read_of(403, **{"content-length": "500", "expect": "100-continue"}) == (0, 403)
    assert read_of(200, **{"content-length": "500"}) == (0, 200)
