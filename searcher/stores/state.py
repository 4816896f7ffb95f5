"""Redis: the state in a backup besides the records, as plain JSON values."""

from typing import Any, cast

import redis

from searcher.stores.connection import RedisConnection

PREFIX = "twinlens:"
# Records are in the sidecars, and measurements can be repeated.
EXCLUDED_PREFIXES = (
    *(
        "image:",
        "images",
        "names",
        "labels",
        "paths",
        "library",
        "speed:",
        "pairs:",
        "texts:",
        "shrink:",
        "shards",
        "jobs",
    ),
)


def dump(connection: RedisConnection) -> dict[str, dict[str, Any]]:
    """Read votes, the state of installations and the like.

    Args:
        connection: The library's Redis.

    Returns:
        By key: {"type", "value", "ttl"}; `ttl` in seconds, -1 for none.

    Raises:
        StoreUnavailable: Redis does not answer.
    """

    def read(client: redis.Redis) -> dict[str, dict[str, Any]]:
        keys = sorted(cast(Any, client.scan_iter(PREFIX + "*", count=1000)))
        state = {}
        for key in keys:
            if key.removeprefix(PREFIX).startswith(EXCLUDED_PREFIXES):
                continue
            kind = cast(str, client.type(key))
            value = _read(client, kind, key)
            if value is not None:
                state[key] = {"type": kind, "value": value, "ttl": client.ttl(key)}
        return state

    return connection.call(read)


def load(connection: RedisConnection, state: dict[str, dict[str, Any]]) -> None:
    """Write what `dump` returned, replacing existing keys. Raises StoreUnavailable."""

    def write(client: redis.Redis) -> None:
        with client.pipeline(transaction=True) as pipe:
            for key, entry in state.items():
                value: Any = entry["value"]
                pipe.delete(key)
                if entry["type"] == "hash":
                    pipe.hset(key, mapping=value)
                elif entry["type"] == "list":
                    pipe.rpush(key, *value)
                elif entry["type"] == "set":
                    pipe.sadd(key, *value)
                else:
                    pipe.set(key, value)
                if entry["ttl"] > 0:
                    pipe.expire(key, entry["ttl"])
            pipe.execute()

    if state:
        connection.call(write)


def _read(client: redis.Redis, kind: str, key: str) -> Any:
    if kind == "hash":
        return client.hgetall(key)
    if kind == "list":
        return client.lrange(key, 0, -1)
    if kind == "set":
        return sorted(cast(Any, client.smembers(key)))
    return client.get(key) if kind == "string" else None  # the only sorted set is IMAGES
