"""Redis: how far each part of an `index --shard I/N` run is, written by its process."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, cast

import redis

from searcher.stores.connection import RedisConnection

SHARDS = "twinlens:shards"  # a hash: progress as JSON, by run and number
EXPIRY_S = 24 * 3600  # seconds without a heartbeat after which a part is forgotten

RUNNING, DONE, STOPPED, FAILED = "running", "done", "stopped", "failed"


@dataclass(frozen=True)
class ShardProgress:
    """How far one part of a run is.

    Attributes:
        run: What the parts of one run have in common.
        title: What is indexed, for people.
        number: Which part it is, from 1.
        count: The number of parts.
        host: The name of the machine that indexes it.
        state: RUNNING, DONE, STOPPED or FAILED.
        total: The number of files of the whole run, 0 if unknown.
        seen: How many of these were looked at.
        added: New pictures.
        embedded: New vectors of all models together.
        rate: New vectors per second, in the latest minute.
        heartbeat: When it was written, in seconds since 1970 by the clock of Redis.
        age_s: Seconds since then.
    """

    run: str
    title: str
    number: int
    count: int
    host: str
    state: str = RUNNING
    total: int = 0
    seen: int = 0
    added: int = 0
    embedded: int = 0
    rate: float = 0.0
    heartbeat: float = 0.0
    age_s: float = 0.0


class ShardStore:
    """The progress of all parts. Methods raise StoreUnavailable where Redis does not answer."""

    def __init__(self, connection: RedisConnection) -> None:
        self._connection = connection

    def write(self, progress: ShardProgress) -> None:
        """Write the progress of a part, with a new heartbeat, in place of an earlier one."""

        def write(client: redis.Redis) -> None:
            now = _now(client)
            value = json.dumps(asdict(replace(progress, heartbeat=now)))
            with client.pipeline(transaction=True) as pipe:
                pipe.hset(SHARDS, f"{progress.run}:{progress.number}", value)
                pipe.expire(SHARDS, EXPIRY_S)
                pipe.execute()

        self._connection.call(write)

    def read(self) -> list[ShardProgress]:
        """Return the parts of all runs in order; forget those without a heartbeat for EXPIRY_S."""

        def read(client: redis.Redis) -> list[ShardProgress]:
            stored = cast(dict[str, str], client.hgetall(SHARDS))
            if not stored:
                return []
            now = _now(client)
            parts = {key: _parse(value, now) for key, value in stored.items()}
            if expired := [key for key, part in parts.items() if _is_expired(part)]:
                client.hdel(SHARDS, *expired)
            return [part for part in parts.values() if part and not _is_expired(part)]

        parts = self._connection.call(cast(Callable[[redis.Redis], list[ShardProgress]], read))
        return sorted(parts, key=lambda part: (part.run, part.number))


def _now(client: redis.Redis) -> float:
    """Return the time of the server: the clocks of several machines differ."""
    seconds, microseconds = client.time()
    return seconds + microseconds / 1e6


def _is_expired(part: ShardProgress | None) -> bool:
    return part is None or part.age_s > EXPIRY_S


def _parse(value: str, now: float) -> ShardProgress | None:
    """Return stored progress; None where another version has written other fields."""
    names = {field.name for field in fields(ShardProgress)}
    try:
        document: dict[str, Any] = json.loads(value)
        part = ShardProgress(**{k: v for k, v in document.items() if k in names})
        return replace(part, age_s=max(0.0, round(now - part.heartbeat, 1)))
    except (ValueError, TypeError, AttributeError):
        return None
