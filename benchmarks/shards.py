"""One, two and four processes of `index --shard I/N`: `python -m benchmarks.shards [--share 0.3]`.

Each process has the same share of a core, so that four of them fit on this machine beside a
standalone Milvus (`make test-server`) and a redis-server, which they use together. With two or more
they run on two hosts: network namespaces with addresses and names of their own. Whatever their
number, each process has about as many new pictures to embed, and reads no others. The rate is that
of all pictures over the duration of the slowest process, from the first file to the last flush.
Needs root.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis
from pymilvus import MilvusClient

from benchmarks.common import network, pictures, table
from benchmarks.hosts import SERVER, core_shares, hosts
from benchmarks.index import multiply
from searcher.config.folders import ROOT
from tests.milvus import MilvusServer
from tests.servers import free_port, redis_on

SHARDS = (1, 2, 4)
HOSTS = 2


@contextmanager
def servers(folder: Path) -> Iterator[dict[str, str]]:
    """Run a Milvus and a Redis that all hosts reach; yields the variables."""
    (folder / "milvus").mkdir()
    milvus, port = MilvusServer(folder / "milvus"), free_port()
    options = ["--bind", SERVER, "127.0.0.1", "--requirepass", "secret", "--save", ""]
    with redis_on(port, folder / "redis", *options):
        try:
            milvus.start()
            yield {
                "MILVUS_URI": f"http://{SERVER}:{milvus.port}",
                "REDIS_URL": f"redis://:secret@{SERVER}:{port}/0",
            }
        finally:
            milvus.kill()


def run(commands: Sequence[list[str]], environment: dict[str, str]) -> list[dict[str, Any]]:
    """Run all commands at the same time, and return their JSON documents."""
    processes = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)
        for command in commands
    ]
    documents = []
    for process in processes:
        output, _ = process.communicate()
        if process.returncode:
            raise RuntimeError(f"a process ended with status {process.returncode}")
        documents.append(json.loads(output))
    return documents


def rows(folder: Path, model: str, each: int, share: float) -> Iterator[list[object]]:
    """Measure every number of processes, each on a new library."""
    multiply(pictures(), each * max(SHARDS), _made(folder / "pictures"))
    with (
        hosts(HOSTS) as places,
        servers(folder) as addresses,
        core_shares(max(SHARDS), share) as groups,
    ):
        alone = 0.0
        for count in SHARDS:
            home = _made(folder / f"{count}")
            for number in range(each * count):
                os.link(folder / "pictures" / f"{number}.jpg", _made(home / "in") / f"{number}.jpg")
            (_made(home / "models") / f"{model}.onnx").symlink_to(network(model))
            environment = {
                **os.environ,
                **addresses,
                "TWINLENS_DATA": f"{home}/data",
                "MODELS_DIR": f"{home}/models",
                "INSTALL_MODELS": "",
            }
            program = [sys.executable, "-m", "searcher"]
            index = [*program, "index", f"{home}/in", "--json", "--shard"]
            documents = run(
                [
                    [*groups[n], *places[n % HOSTS], *index, f"{n + 1}/{count}"]
                    for n in range(count)
                ],
                environment,
            )
            added = sum(document["added"] for document in documents)
            seconds = max(document["seconds"] for document in documents)
            alone = alone or added / seconds
            runs = run([[*program, "status", "--json"]], environment)[0]["shards"]
            used = {shard["host"] for found in runs for shard in found["shards"]}
            rate = added / seconds
            yield [count, len(used) or 1, added, seconds, rate, rate / alone, rate / alone / count]
            _empty(addresses)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _empty(addresses: dict[str, str]) -> None:
    """Delete everything in the servers."""
    client = MilvusClient(addresses["MILVUS_URI"])
    for name in client.list_collections():
        client.drop_collection(name)
    client.close()
    redis.Redis.from_url(addresses["REDIS_URL"]).flushall()


def main(arguments: Sequence[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.shards", description=__doc__)
    parser.add_argument("--model", default="efficientnet_lite0")
    parser.add_argument("--each", type=int, default=150, help="pictures of each process")
    parser.add_argument("--share", type=float, default=0.3, help="of a core, for each process")
    options = parser.parse_args(arguments)
    header = ["processes", "hosts", "pictures", "slowest s", "all pictures/s", "times", "of linear"]
    with tempfile.TemporaryDirectory() as folder:
        found = rows(Path(folder), options.model, options.each, options.share)
        table(header, found)


if __name__ == "__main__":
    main(sys.argv[1:])
