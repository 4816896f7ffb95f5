"""Servers that want a password, a certificate or a token."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from searcher.errors import StoreUnavailable
from searcher.library.core import Library
from searcher.search.query import UploadedQuery
from tests.certificates import certify
from tests.milvus import MilvusServer
from tests.parameters import MakeSettings
from tests.pictures import folder
from tests.servers import free_port, redis_on


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """The port of a redis-server that speaks only TLS, and the certificate to trust."""
    certificate, key = certify(tmp_path)
    port = free_port()
    options = ["--port", "0", "--tls-port", str(port)]
    options += ["--tls-cert-file", str(certificate), "--tls-key-file", str(key)]
    options += ["--tls-auth-clients", "no", "--requirepass", "secret", "--save", ""]
    with redis_on(port, tmp_path, *options):
        yield port, certificate


def test_redis_with_a_password_over_tls(
    tls: tuple[int, Path], make_settings: MakeSettings, tmp_path: Path
) -> None:
    port, certificate = tls
    paths = folder(tmp_path / "in", {"a": 3})
    url = f"rediss://:secret@127.0.0.1:{port}/0?ssl_ca_certs={certificate}"
    library = Library(make_settings(REDIS_URL=url))
    assert library.add([tmp_path / "in"]).added == 3
    best = library.search(UploadedQuery("x", paths[1].read_bytes()), "colour", 1).own_copies[0]
    assert best.record.path == str(paths[1])
    library.close()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("rediss://:wrong@127.0.0.1:{port}/0?ssl_ca_certs={certificate}", "password"),
        ("rediss://127.0.0.1:{port}/0?ssl_ca_certs={certificate}", "password"),
        ("rediss://:secret@127.0.0.1:{port}/0", "does not answer"),  # not to be trusted
        ("redis://:secret@127.0.0.1:{port}/0", "does not answer"),  # not encrypted
    ],
)
def test_what_redis_refuses_gets_a_sentence(
    tls: tuple[int, Path], make_settings: MakeSettings, url: str, sentence: str
) -> None:
    port, certificate = tls
    library = Library(make_settings(REDIS_URL=url.format(port=port, certificate=certificate)))
    with pytest.raises(StoreUnavailable, match=sentence):
        library.records.count()
    library.close()


@pytest.mark.milvus_server
def test_milvus_with_a_token(
    milvus_server: MilvusServer, make_settings: MakeSettings, tmp_path: Path
) -> None:
    paths = folder(tmp_path / "in", {"a": 3})
    (tmp_path / "secured").mkdir()
    secured = MilvusServer(tmp_path / "secured", "--authorization-enabled", "true")
    milvus_server.kill()  # two don't fit on a machine
    try:
        secured.start(token="root:Milvus")
        library = Library(make_settings(MILVUS_URI=secured.uri, MILVUS_TOKEN="root:Milvus"))
        library.add([tmp_path / "in"])
        best = library.search(UploadedQuery("x", paths[1].read_bytes()), "colour", 1).own_copies[0]
        assert best.record.path == str(paths[1])
        for token in ("root:wrong", ""):
            stranger = Library(make_settings(MILVUS_URI=secured.uri, MILVUS_TOKEN=token))
            with pytest.raises(StoreUnavailable, match="MILVUS_TOKEN"):
                stranger.coverage()
            stranger.close()
        library.close()
    finally:
        secured.kill()
        milvus_server.start()
