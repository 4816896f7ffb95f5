"""The choice of redis-server: the one on PATH, else the wheel's; and its socket."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis.connection import parse_url

from searcher.errors import StoreUnavailable
from searcher.stores.private import redis_executable
from searcher.stores.private.client import EmbeddedStores
from searcher.stores.private.redis_executable import find_redis_server
from searcher.stores.private.redis_server import PrivateRedis

pytestmark = pytest.mark.slow
Install = Callable[[str], str]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Put a redis-server of a version on an otherwise empty PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    find_redis_server.cache_clear()

    def make(version: str) -> str:
        program = tmp_path / "redis-server"
        program.write_text(f"#!/bin/sh\necho Redis server v={version} sha=0\n")
        program.chmod(0o755)
        return str(program)

    try:
        yield make
    finally:
        find_redis_server.cache_clear()


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    path = str(tmp_path / "wheel" / "redis-server")
    monkeypatch.setattr(redis_executable, "bundled_redis_server", lambda: path)
    return path


@pytest.mark.usefixtures("wheel")
def test_the_one_on_path_comes_first(install: Install) -> None:
    assert install("7.0.15") == find_redis_server()


def test_an_older_one_comes_after_the_wheel(install: Install, wheel: str) -> None:
    install("5.0.3")
    assert find_redis_server() == wheel


@pytest.mark.usefixtures("install")
def test_without_one_on_path_the_wheel_serves(wheel: str) -> None:
    assert find_redis_server() == wheel


def test_without_either_one_sentence_says_what_to_install(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_executable, "bundled_redis_server", lambda: None)
    stores = EmbeddedStores(tmp_path / "stores")
    try:
        with pytest.raises(StoreUnavailable, match="There is no redis-server: install Redis"):
            stores.addresses()
    finally:
        stores.release()
    assert install("5.0.3") == find_redis_server()


@pytest.mark.parametrize(
    "name", ["C# #1", "what?", "100%25", "a b'c\"", "größe 💥", "a\nb", "x" * 200, "\udce9"]
)
def test_the_address_of_the_socket_leads_to_it(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    path = Path(parse_url(PrivateRedis(tmp_path / name).url)["path"])
    assert path.name == "redis.sock"
    assert path.parent.is_dir()
    assert len(os.fsencode(path)) <= 100
