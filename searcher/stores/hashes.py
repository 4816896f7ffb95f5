"""Redis: many hashes in one answer that is quick to read."""

import json
from collections.abc import Sequence
from typing import cast

import redis

MOST = 1000  # of one call of the script, which blocks other clients of Redis for some 4 ms
# KEYS: those of hashes. Returns names and values of each in turn, as JSON: redis-py takes several
# times as long to read as many strings one by one.
_READ = """
local hashes = {}
for i, key in ipairs(KEYS) do hashes[i] = redis.call('HGETALL', key) end
return cjson.encode(hashes)
"""


def read_hashes(client: redis.Redis, keys: Sequence[str]) -> list[dict[str, str]]:
    """Return hashes in the order of their keys, empty ones for missing keys."""
    parts = (keys[start : start + MOST] for start in range(0, len(keys), MOST))
    return [values for part in parts for values in _read(client, part)]


def _read(client: redis.Redis, keys: Sequence[str]) -> list[dict[str, str]]:
    found = json.loads(cast(str, client.eval(_READ, len(keys), *keys)))
    # Lua has one type for lists and objects, and an empty one becomes an object.
    return [dict(zip(flat[::2], flat[1::2], strict=True)) if flat else {} for flat in found]
