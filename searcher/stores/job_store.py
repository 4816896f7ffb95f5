"""Redis: the jobs of running apps, and which of these the command line wants to be stopped."""

import json
from collections.abc import Iterable
from typing import Any, cast

import redis

from searcher.stores.connection import RedisConnection

JOBS = "twinlens:jobs"  # a hash: the documents of the jobs as JSON, by process
STOPS = "twinlens:jobs:stops"  # a set: the ids of the jobs to be stopped
SILENT_S = 5  # seconds after which an app that writes nothing has ended


class JobStore:
    """The jobs of all apps. Methods raise StoreUnavailable where Redis does not answer."""

    def __init__(self, connection: RedisConnection) -> None:
        self._connection = connection

    def write(self, process: str, jobs: Iterable[dict[str, Any]]) -> set[int]:
        """Write the jobs of a process in place of earlier ones.

        Args:
            process: Its name.
            jobs: Their documents; without any, the process is forgotten.

        Returns:
            The ids of those that are to be stopped, each once.
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
            numbers = {job["id"] for job in documents} & {int(number) for number in asked}
            if numbers:
                client.srem(STOPS, *numbers)
            return numbers

        return self._connection.call(write)

    def read(self) -> list[dict[str, Any]]:
        """Return the documents of the jobs of all apps that run, by id."""

        def read(client: redis.Redis) -> list[dict[str, Any]]:
            stored = cast(dict[str, str], client.hgetall(JOBS))
            now = client.time()[0] if stored else 0
            written = [json.loads(value) for value in stored.values()]
            recent = [entry for entry in written if now - entry["written"] <= SILENT_S]
            return sorted((job for e in recent for job in e["jobs"]), key=lambda job: job["id"])

        return self._connection.call(read)

    def request_stop(self, number: int) -> None:
        """Have a job stopped, by its id, within a second or so."""

        def request(client: redis.Redis) -> None:
            with client.pipeline(transaction=True) as pipe:
                pipe.sadd(STOPS, number)
                pipe.expire(STOPS, SILENT_S)
                pipe.execute()

        self._connection.call(request)
