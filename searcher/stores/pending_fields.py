"""Redis: the pictures whose fields in Milvus may differ from their records.

A picture is marked in the transaction that writes its record, and the mark is removed once Milvus
has the fields, so that a process killed in between leaves the mark.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, cast

import redis

from searcher.stores.connection import RedisConnection

PENDING = "twinlens:pending_fields"  # ids by the time of the latest mark

# ARGV: pairs of an id and the time of its mark, which another process may have replaced.
_CLEAR = """
for i = 1, #ARGV, 2 do
  local time = redis.call('ZSCORE', KEYS[1], ARGV[i])
  if time and tonumber(time) == tonumber(ARGV[i + 1]) then
    redis.call('ZREM', KEYS[1], ARGV[i])
  end
end
"""

Marks = Mapping[int, float]  # seconds since 1970 by picture id


def mark(client: "redis.Redis", ids: Iterable[int]) -> None:
    """Mark pictures.

    Args:
        client: A client, or the pipeline of the transaction that changes the records.
        ids: The pictures' ids, at least one.
    """
    client.zadd(PENDING, dict.fromkeys(map(str, ids), time.time()))


class PendingFields:
    """The marks. Every method raises StoreUnavailable where Redis does not answer."""

    def __init__(self, connection: RedisConnection) -> None:
        self._connection = connection

    def among(self, ids: Sequence[int]) -> Marks:
        """Return the marks of those of `ids` that have one."""

        def read(client: redis.Redis) -> list[float | None]:
            with client.pipeline(transaction=False) as pipe:
                for picture_id in ids:
                    pipe.zscore(PENDING, str(picture_id))
                return pipe.execute()

        times = self._connection.call(read) if ids else []
        return {i: time for i, time in zip(ids, times, strict=True) if time is not None}

    def oldest(self, count: int, before: float) -> Marks:
        """Return up to `count` marks, the oldest first, up to a time in seconds since 1970."""
        rows = self._connection.call(
            lambda client: client.zrangebyscore(
                PENDING, "-inf", before, start=0, num=count, withscores=True
            )
        )
        return {int(member): score for member, score in cast(list[tuple[str, float]], rows)}

    def count(self, before: float) -> int:
        """Return the number of marks up to a time in seconds since 1970."""
        return self._connection.call(lambda client: client.zcount(PENDING, "-inf", before))

    def clear(self, marks: Marks) -> None:
        """Remove marks, but not those that were replaced since they were read."""
        if marks:
            arguments = [str(value) for pair in marks.items() for value in pair]
            self._connection.call(partial(_clear, arguments=arguments))


def _clear(client: redis.Redis, arguments: Sequence[Any]) -> None:
    client.eval(_CLEAR, 1, PENDING, *arguments)
