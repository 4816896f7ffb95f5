"""Redis: the jobs of all processes, and which of these another one wants to be stopped."""

import json
from collections.abc import Iterable
from itertools import chain
from typing import Any, cast

import redis

from searcher.stores.connection import RedisConnection

JOBS = "twinlens:jobs"  # a hash: the documents of the jobs as JSON, by process
STOPS = "twinlens:jobs:stops"  # a set: the ids of the jobs that are to be stopped, or were just now
SILENT_S = 5  # seconds after which a process that writes nothing has ended


class JobStore:
    """The jobs of all processes. Methods raise StoreUnavailable where Redis does not answer."""

    def __init__(self, connection: RedisConnection) -> None:
        self._connection = connection

    def write(self, process: str, jobs: Iterable[dict[str, Any]]) -> set[int]:
        """Write the jobs of a process in place of earlier ones.

        Args:
            process: Its name.
            jobs: Their documents; without any, the process is forgotten.

        Returns:
            The ids of those that are to be stopped; each for some seconds.
        """
        documents = list(jobs)

        def write(client: redis.Redis) -> set[int]:
            if not documents:
                client.hdel(JOBS, process)
                return set()
            value = json.dumps({"written": client.time()[0], "jobs": documents})
            with client.pipeline(transaction=True) as pipe:
                pipe.hset(JOBS, process, value)
                pipe.expire(JOBS, SILENT_S)
                pipe.smembers(STOPS)
                *_, asked = pipe.execute()
            return {job["id"] for job in documents} & {int(number) for number in asked}

        return self._connection.call(write)

    def read(self, but: str = "") -> list[dict[str, Any]]:
        """Return the documents of the jobs of all processes that run, by id.

        Args:
            but: The name of a process whose jobs are left out.
        """

        def read(client: redis.Redis) -> list[dict[str, Any]]:
            stored = cast(dict[str, str], client.hgetall(JOBS))
            now = client.time()[0] if stored else 0
            written = {name: json.loads(value) for name, value in stored.items()}
            silent = [n for n, entry in written.items() if now - entry["written"] > SILENT_S]
            if silent:  # they were killed; others keep the hash from expiring
                client.hdel(JOBS, *silent)
            found = [e["jobs"] for n, e in written.items() if n not in (*silent, but)]
            return sorted(chain.from_iterable(found), key=lambda job: job["id"])

        return self._connection.call(read)

    def stops(self) -> set[int]:
        """Return the ids of the jobs that were stopped within the last seconds, ended or not."""
        numbers = self._connection.call(lambda client: cast(set[str], client.smembers(STOPS)))
        return {int(number) for number in numbers}

    def request_stop(self, number: int) -> None:
        """Have a job stopped, by its id, within a second."""

        def request(client: redis.Redis) -> None:
            with client.pipeline(transaction=True) as pipe:
                pipe.sadd(STOPS, number)
                pipe.expire(STOPS, SILENT_S)
                pipe.execute()

        self._connection.call(request)
