"""Redis: what is known of each picture, and the state that processes share."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from typing import Any, TypeVar, cast

import redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from searcher.errors import StoreUnavailable

T = TypeVar("T")

TIMEOUT_S = 5
IMAGES = "twinlens:images"


def _key(picture_id: int) -> str:
    return f"twinlens:image:{picture_id}"


@dataclass(frozen=True)
class Record:
    """One picture of the library. Sizes in pixels and bytes, `added` in seconds since 1970."""

    id: int
    path: str
    name: str
    label: str
    width: int
    height: int
    bytes: int
    digest: str
    added: float

    def to_hash(self) -> dict[str, str | int | float]:
        """The fields of the Redis hash; the id is in its key."""
        return {name: value for name, value in asdict(self).items() if name != "id"}

    @classmethod
    def from_hash(cls, picture_id: int, stored: dict[str, str]) -> "Record | None":
        """Read a Redis hash; None where it is missing or incomplete."""
        if any(field.name not in stored for field in fields(cls) if field.name != "id"):
            return None
        return cls(
            id=picture_id,
            path=stored["path"],
            name=stored["name"],
            label=stored["label"],
            width=int(stored["width"]),
            height=int(stored["height"]),
            bytes=int(stored["bytes"]),
            digest=stored["digest"],
            added=float(stored["added"]),
        )


class RecordStore:
    """The library's records, in the order in which they were added.

    Every method raises StoreUnavailable where Redis does not answer.
    """

    def __init__(self, address: Callable[[], str]) -> None:
        """`address` returns the server's URL, starting a private server first if need be."""
        self._address = address
        self._client: redis.Redis | None = None

    def put(self, records: Iterable[Record]) -> None:
        """Write records, all or none; one that exists is replaced."""

        def write(client: redis.Redis) -> None:
            with client.pipeline(transaction=True) as pipe:
                for record in records:
                    pipe.hset(_key(record.id), mapping=cast(Any, record.to_hash()))
                    pipe.zadd(IMAGES, {str(record.id): record.added})
                pipe.execute()

        records = list(records)
        if records:
            self._call(write)

    def get(self, ids: Sequence[int]) -> list[Record | None]:
        """Return the records of `ids`, in their order, None for each that is not there."""

        def read(client: redis.Redis) -> list[dict[str, str]]:
            with client.pipeline(transaction=False) as pipe:
                for picture_id in ids:
                    pipe.hgetall(_key(picture_id))
                return pipe.execute()

        found = self._call(read) if ids else []
        return [Record.from_hash(i, stored) for i, stored in zip(ids, found, strict=True)]

    def count(self) -> int:
        """How many pictures the library has."""
        return self._call(lambda client: client.zcard(IMAGES))

    def ids(self, page: int = 10_000) -> Iterator[int]:
        """Yield the ids of all pictures, in the order in which they were added."""
        start = 0
        while True:
            part = self._call(partial(_ids_between, first=start, last=start + page - 1))
            yield from (int(member) for member in part)
            if len(part) < page:
                return
            start += page

    def remove(self, ids: Iterable[int]) -> None:
        """Forget records; ids that are not there are passed over."""

        def write(client: redis.Redis) -> None:
            with client.pipeline(transaction=True) as pipe:
                for picture_id in ids:
                    pipe.delete(_key(picture_id))
                    pipe.zrem(IMAGES, picture_id)
                pipe.execute()

        ids = list(ids)
        self._call(write)

    def note(self, name: str, values: dict[str, str] | None = None) -> dict[str, str]:
        """Return the small hash `twinlens:{name}`; with `values`, replace it first."""

        def call(client: redis.Redis) -> dict[str, str]:
            key = f"twinlens:{name}"
            if values is not None:
                with client.pipeline(transaction=True) as pipe:
                    pipe.delete(key)
                    if values:
                        pipe.hset(key, mapping=cast(Any, values))
                    pipe.execute()
            return cast(dict[str, str], client.hgetall(key))

        return self._call(call)

    def close(self) -> None:
        """Let the connections go; the next call opens new ones."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _call(self, action: Callable[[redis.Redis], T]) -> T:
        # A private server may have ended with the process that started it: the second try asks
        # for its address anew, which starts another.
        for last_try in (False, True):
            try:
                if self._client is None:
                    self._client = _connect(self._address())
                return action(self._client)
            except (redis.ConnectionError, redis.TimeoutError) as error:
                self.close()
                if last_try:
                    raise StoreUnavailable(
                        "Redis does not answer. Check REDIS_URL and that the server runs."
                    ) from error
            except redis.RedisError as error:
                raise StoreUnavailable(f"Redis refused the request: {error}.") from error
        raise AssertionError("unreachable")


def _ids_between(client: redis.Redis, first: int, last: int) -> list[str]:
    return cast(list[str], client.zrange(IMAGES, first, last))


def _connect(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url,
        decode_responses=True,
        # File names need not be UTF-8; this keeps their bytes through the round trip.
        encoding_errors="surrogateescape",
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        # About 1.2 s in all: long enough for the keeper to restart a private server that died.
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), retries=5),
    )
