"""What the stores of a library have, compared before and after a migration."""

from typing import Any

import redis
from pymilvus import MilvusClient

from searcher.config.settings import Settings
from searcher.library.core import Library
from searcher.stores.key_copy import EXCLUDED


def empty(addresses: dict[str, str]) -> None:
    """Empty both servers."""
    client = MilvusClient(addresses["MILVUS_URI"])
    for name in client.list_collections():
        client.drop_collection(name)
    client.close()
    redis.Redis.from_url(addresses["REDIS_URL"]).flushdb()


def keys(library: Library) -> dict[str, Any]:
    """All that Redis has of a library."""

    def read(client: redis.Redis) -> dict[str, Any]:
        commands: dict[str, Any] = {
            "hash": client.hgetall,
            "set": client.smembers,
            "string": client.get,
            "list": lambda key: client.lrange(key, 0, -1),
            "zset": lambda key: client.zrange(key, 0, -1, withscores=True),
        }
        names = {str(name) for name in client.scan_iter("twinlens:*")} - EXCLUDED
        return {
            name: (client.ttl(name) > 0, commands[str(client.type(name))](name)) for name in names
        }

    return library.records.connection.call(read)


def vectors(library: Library) -> dict[str, Any]:
    """All that Milvus has of a library: the form, vectors and fields of each model."""
    result = {}
    for model in library.registry.ready():
        collection = model.collection
        ids = sorted(library.vectors.ids(collection))
        changes = library.vectors.shrinking(collection)
        result[model.name] = (
            library.vectors.form(collection).variant,
            ids,
            library.vectors.fetch(collection, ids).tolist(),
            changes.fetch_full(ids).tolist(),
            library.vectors.fields(collection, ids),
        )
    return result


def everything(library: Library) -> tuple[dict[str, Any], dict[str, Any]]:
    return keys(library), vectors(library)


def elsewhere(library: Library, addresses: dict[str, str]) -> Settings:
    """The library's settings with other addresses."""
    s = library.settings
    folders = {"TWINLENS_DATA": s.data, "MODELS_DIR": s.models_dir, "SAMPLES_DIR": s.samples_dir}
    return Settings.from_env({**{k: str(v) for k, v in folders.items()}, **addresses})
