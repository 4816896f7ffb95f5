"""Limits of the machine: a disk that fills up under the private Redis, and memory for Milvus."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import ROOT

pytestmark = pytest.mark.slow

# Runs in a mount namespace of its own, with a disk of 3 MB at argv[1].
SCRIPT = """
import errno, sys
from pathlib import Path
from searcher.errors import StoreUnavailable
from searcher.stores.private.redis_server import PrivateRedis
from searcher.stores.records import RecordStore
from searcher.stores.private.recovery import recoveries
from searcher.stores.private.append_only import parts
from tests.damage import DAMAGES
from tests.servers import wait_for
from tests.records import record


stores = Path(sys.argv[1])
filler = stores / "filler"
server = PrivateRedis(stores)
records = RecordStore(lambda: server.url)

def fill():
    with filler.open("wb", 0) as file:
        while True:
            try:
                file.write(bytes(4096))
            except OSError as error:
                assert error.errno == errno.ENOSPC
                return

def put(number):
    try:
        records.put([record(number)])
        return True
    except StoreUnavailable as error:
        assert "The disk of Redis is full" in str(error), error
        return False

with server:
    acknowledged = [number for number in range(100) if put(number)]
    fill()
    more = [number for number in range(100, 400) if put(number)]
    assert len(more) < 300
    acknowledged += more
    filler.unlink()
    wait_for(lambda: put(1000), what="the disk's room to be noticed")
    assert set(records.ids()) >= {*acknowledged, 1000}
    records.close()
    fill()  # the snapshot at the end can't be written, and stops nothing
print("closed", flush=True)
filler.unlink()
path = parts(stores / "redis")[-1]
DAMAGES["zeros at the end"](path)
fill()
before = path.read_bytes()
try:
    with server:
        raise AssertionError("a repair needs room")
except OSError as error:
    assert error.errno == errno.ENOSPC, error
assert path.read_bytes() == before
filler.unlink()
with server:
    assert set(records.ids()) >= {*acknowledged, 1000}
    assert recoveries(stores)
    records.close()
print("done")
"""


def test_a_disk_that_fills_up_under_redis(tmp_path: Path) -> None:
    if subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode:
        pytest.skip("user namespaces are not allowed here")
    mount = f'mount -t tmpfs -o size=3m tmpfs {tmp_path} && exec "$@"'
    command = ["unshare", "-rm", "sh", "-c", mount, "sh", sys.executable, "-c", SCRIPT]
    process = subprocess.run(
        [*command, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert process.stdout.endswith("done\n"), process.stdout + process.stderr


# What a limit of memory, as of a container, makes of healthy files.
LIMITED = """
import io, os, resource, threading
import pyarrow, pyarrow.parquet
from milvus_lite import MilvusLite
from searcher.stores.private.milvus_lite_internals import is_no_damage

def start_threads():
    for _ in range(9):
        threading.Thread(target=threading.Event().wait, daemon=True).start()

file = io.BytesIO()
pyarrow.parquet.write_table(pyarrow.table({str(n): [n] for n in range(8)}), file)
file = pyarrow.BufferReader(file.getvalue())
size = int(open("/proc/self/statm").read().split()[0]) * os.sysconf("SC_PAGESIZE")
resource.setrlimit(resource.RLIMIT_AS, (size + 2**20, size + 2**20))
acts = start_threads, lambda: pyarrow.parquet.read_table(file), lambda: bytearray(2**50)
for act in acts:
    try:
        act()
    except Exception as error:
        print(is_no_damage(error), error, flush=True)
os._exit(0)
"""


def test_a_limit_of_the_process_is_no_damage() -> None:
    command = [sys.executable, "-c", LIMITED]
    lines = subprocess.run(command, capture_output=True, text=True, timeout=60).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["True"] * 3, lines
