"""Connections to Milvus: what is tried again, and what a failed call leaves as it is."""

from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from pymilvus.client.connection_manager import ConnectionConfig

from searcher.errors import DamagedCollection, StoreUnavailable
from searcher.stores.fields import Fields
from searcher.stores.milvus import Session
from searcher.stores.vectors import VectorStore
from searcher.types import Collection
from tests.servers import free_port
from tests.vectors import unit


def test_a_server_that_is_away_gets_a_sentence() -> None:
    port = free_port()
    with pytest.raises(StoreUnavailable, match="Milvus does not answer"):
        VectorStore(lambda: f"http://127.0.0.1:{port}").names()


class Answer(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpc has no types
    """Answers every call with one gRPC status, as a gateway before Milvus does."""

    def __init__(self, status: grpc.StatusCode) -> None:
        self.calls = 0
        self._status = status

    def service(self, call: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        def answer(request: object, context: grpc.ServicerContext) -> None:
            self.calls += 1
            context.abort(self._status, "no")

        return grpc.unary_unary_rpc_method_handler(answer)


@pytest.mark.parametrize(
    ("status", "tries", "words"),
    [
        (grpc.StatusCode.UNAVAILABLE, 3, "does not answer"),
        (grpc.StatusCode.DEADLINE_EXCEEDED, 1, "does not answer"),
        (grpc.StatusCode.UNAUTHENTICATED, 1, "does not accept the token"),
        (grpc.StatusCode.PERMISSION_DENIED, 1, "does not accept the token"),
        (grpc.StatusCode.UNIMPLEMENTED, 1, "refused the request"),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_only_what_can_pass_is_tried_again(status: grpc.StatusCode, tries: int, words: str) -> None:
    answer, attempts = Answer(status), 0
    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((answer,))
    port = server.add_insecure_port("127.0.0.1:0")

    def address() -> str:
        nonlocal attempts
        attempts += 1
        return f"http://127.0.0.1:{port}"

    server.start()
    try:
        with pytest.raises(StoreUnavailable, match=words):
            VectorStore(address).names()
    finally:
        server.stop(0)
    assert answer.calls
    assert attempts == tries


def test_an_address_that_is_none_is_tried_once() -> None:
    addresses: list[str] = []

    def address() -> str:
        addresses.append("htp:/host")
        return addresses[-1]

    with pytest.raises(StoreUnavailable, match="MILVUS_URI is no address"):
        VectorStore(address).names()
    assert len(addresses) == 1


@pytest.mark.parametrize(
    ("uri", "address", "token"),
    [
        ("http://[::1]:19530", "[::1]:19530", ""),
        ("https://[fe80::2]", "[fe80::2]:443", ""),
        ("http://ada:p%23ss@host", "host:19530", "ada:p#ss"),
        ("http://host:1/db", "host:1", ""),
    ],
)
def test_addresses_are_read_as_they_are_meant(uri: str, address: str, token: str) -> None:
    config = ConnectionConfig.from_uri(uri, token="")
    assert (config.address, config.token) == (address, token)


# A row without a vector is refused by pymilvus itself, a vector of a wrong length by Milvus.
ROW = {"id": 2, **Fields()._asdict()}
ROWS = {"no vector": ROW, "wrong length": ROW | {"embedding": unit(1, 4)[0]}}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_refused_call_is_made_once_and_closes_nobodys_connection(
    vectors: VectorStore, row: dict[str, object], request: pytest.FixtureRequest
) -> None:
    if "embedding" in row and "server" in request.node.name:
        reason = "Milvus 2.3 answers code 65535, as for all that it did not expect"
        mark = pytest.mark.xfail(strict=True, raises=AssertionError, reason=reason)
        request.applymarker(mark)
    vectors.upsert(Collection("t_refused", 16), [1], unit(1, 16))
    session = vectors._connection._session
    calls: list[object] = []

    def write(session: Session) -> None:
        calls.append(session)
        session.client.upsert("t_refused", [row])

    with pytest.raises(DamagedCollection, match="can't use the collection t_refused"):
        vectors._connection.call(write, "t_refused")
    assert calls == [session]
    assert vectors._connection._session is session
