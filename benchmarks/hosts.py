"""Hosts on one machine: network namespaces with an address and a name each, and shares of a core.

Needs root, `ip`, `nsenter`, and control groups (version 1 or 2) that may be written.
"""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

BRIDGE = "twinbench"
NETWORK = "10.87.43"
SERVER = f"{NETWORK}.1"  # this machine's own address in the network of the hosts
PERIOD_US = 100_000
GROUPS = Path("/sys/fs/cgroup")


@contextmanager
def hosts(count: int) -> Iterator[list[list[str]]]:
    """Yield for each host the words that run a command on it; the hosts are deleted afterwards."""
    names = [f"{BRIDGE}{number}" for number in range(1, count + 1)]
    try:
        _ip("link", "add", BRIDGE, "type", "bridge")
        _ip("address", "add", f"{SERVER}/24", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")
        for number, name in enumerate(names, start=1):
            outer, inner = f"{name}o", f"{name}i"
            _ip("netns", "add", name)
            _ip("link", "add", outer, "type", "veth", "peer", "name", inner, "netns", name)
            _ip("link", "set", outer, "master", BRIDGE, "up")
            _ip("-n", name, "address", "add", f"{NETWORK}.{number + 1}/24", "dev", inner)
            _ip("-n", name, "link", "set", inner, "up")
            _ip("-n", name, "link", "set", "lo", "up")
        renamed = 'hostname "$0" && exec "$@"'
        yield [
            ["ip", "netns", "exec", name, "unshare", "--uts", "sh", "-c", renamed, f"host-{number}"]
            for number, name in enumerate(names, start=1)
        ]
    finally:
        for name in names:
            _ip("netns", "delete", name, check=False)
        _ip("link", "delete", BRIDGE, check=False)


@contextmanager
def core_shares(count: int, share: float) -> Iterator[list[list[str]]]:
    """Yield words that run a command with this share of one core, for each of several groups."""
    is_unified = (GROUPS / "cgroup.controllers").exists()
    root = GROUPS if is_unified else GROUPS / "cpu"
    folders = [root / f"{BRIDGE}{number}" for number in range(1, count + 1)]
    quota = round(share * PERIOD_US)
    try:
        for folder in folders:
            folder.mkdir(exist_ok=True)
            if is_unified:
                (folder / "cpu.max").write_text(f"{quota} {PERIOD_US}")
            else:
                (folder / "cpu.cfs_quota_us").write_text(str(quota))
        joined = 'echo $$ > "$0" && exec "$@"'
        yield [["sh", "-c", joined, str(folder / "cgroup.procs")] for folder in folders]
    finally:
        for folder in folders:
            if folder.exists():
                os.rmdir(folder)


def _ip(*arguments: str, check: bool = True) -> None:
    command: Sequence[str] = ["ip", *arguments]
    subprocess.run(command, check=check, capture_output=not check)
