"""A connection to Redis, opened on first use and reopened after a failure."""

import threading
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

import redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from searcher.errors import StoreUnavailable
from searcher.stores.disk_state import disk_code

T = TypeVar("T")

TIMEOUT_S = 5
# Those that an address can't set otherwise: the answers are parsed as what these make of them.
OWN_OPTIONS = {"decode_responses", "encoding_errors", "retry", "connection_class"}


class RedisConnection:
    """The client that all stores in Redis share. Thread-safe."""

    def __init__(self, address: Callable[[], str]) -> None:
        """Open nothing yet.

        Args:
            address: Returns the server's URL, starting a private server first if need be.
        """
        self._address = address
        self._client: redis.Redis | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        with self._lock:
            client = self._client
        self._close(client)

    def call(self, action: Callable[[redis.Redis], T]) -> T:
        """Run `action` with a client.

        Args:
            action: Called once more, with a new client, if the connection fails.

        Returns:
            What `action` returns.

        Raises:
            StoreUnavailable: Redis does not answer, or refuses the request.
        """
        # A private server may have ended with the process that started it. The second try
        # requests the address again, which starts another server.
        for last_try in (False, True):
            client = self._open()
            try:
                return action(client)
            except redis.AuthenticationError as error:
                self._close(client)
                raise StoreUnavailable("store.redis_login") from error
            except (redis.ConnectionError, redis.TimeoutError) as error:
                self._close(client)
                if last_try:
                    raise StoreUnavailable("store.redis_away") from error
            except (AttributeError, OSError, ValueError) as error:
                # What redis-py raises where another thread closes the connection in the middle.
                if self._is_open(client):
                    raise
                if last_try:
                    raise StoreUnavailable("store.redis_away") from error
            except redis.RedisError as error:
                code = disk_code(error)
                if code:
                    raise StoreUnavailable(code, store="Redis") from error
                reason = str(error)[:200]
                raise StoreUnavailable("store.redis_refused", reason=reason) from error
        raise AssertionError("unreachable")

    def _open(self) -> redis.Redis:
        with self._lock:
            if self._client is None:
                self._client = _connect(self._address())
            return self._client

    def _is_open(self, client: redis.Redis) -> bool:
        with self._lock:
            return client is self._client

    def _close(self, client: redis.Redis | None) -> None:
        # When calls of several threads fail, the first may have opened a new client already,
        # which the others must not close.
        with self._lock:
            if client is not None and client is self._client:
                client.close()
                self._client = None


def _connect(url: str) -> redis.Redis:
    try:
        client = _client(url)
        # Made here and not opened: with an option that it does not know, no call would work.
        pool = client.connection_pool
        pool.connection_class(**pool.connection_kwargs)
        return client
    except (ValueError, TypeError, redis.RedisError) as error:
        raise StoreUnavailable("store.redis_address") from error


def _client(url: str) -> redis.Redis:
    if OWN_OPTIONS & parse_qs(urlsplit(url).query).keys():
        raise ValueError(url)
    return redis.Redis.from_url(
        url,
        decode_responses=True,
        # File names need not be UTF-8; this keeps their bytes through the round trip.
        encoding_errors="surrogateescape",
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        # About 1.2 s in total: enough for the supervisor to restart a private server.
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), retries=5),
    )
