"""Running processes by their command lines, which processes of the fork server show as well."""

import ctypes
import sys
from pathlib import Path

import psutil

FORKS_ARE_NAMED = sys.platform == "linux"
ROOM = "-" * 4000  # an argument of the fork server, in whose place forks write their command lines
# Where those begin and end in memory: places in /proc/PID/stat after the name (proc(5), 48 and 49).
BEGIN, END = 45, 46


def named(*texts: str) -> list[psutil.Process]:
    """The processes in whose command lines each of some texts is; `info` has those, and names."""
    return [
        process
        for process in psutil.process_iter(["cmdline", "name"])
        if all(any(text in word for word in process.info["cmdline"] or []) for text in texts)
    ]


def show(command: list[str]) -> None:
    """Let a command line be the one that other processes see of this fork."""
    if not FORKS_ARE_NAMED:
        return
    fields = Path("/proc/self/stat").read_text("utf-8").rpartition(")")[2].split()
    begin, size = int(fields[BEGIN]), int(fields[END]) - int(fields[BEGIN])
    line = "\0".join(command).encode()[: size - 1]
    ctypes.memmove(begin, line.ljust(size, b"\0"), size)
