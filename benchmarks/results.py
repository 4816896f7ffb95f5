"""The result of `make bench` as JSON: the machine, versions, and all tables."""

import json
import os
import platform
import subprocess
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

from benchmarks.tables import Table
from searcher.config.folders import ROOT
from searcher.models.providers import device, preferred

FORMAT = 1
PACKAGES = (
    *("onnxruntime", "numpy", "pillow", "pymilvus", "milvus-lite", "redis", "gradio"),
    *("tensorflow-cpu", "tensorflow", "keras", "faiss-cpu", "lancedb", "qdrant-client"),
)


@dataclass
class Run:
    """One benchmark that was run: `seconds` in all, `status` of its process, 0 for success."""

    benchmark: str
    round: int
    seconds: float
    status: int


@dataclass
class Results:
    """What `make bench` measured.

    Attributes:
        started: The time in UTC, such as 2026-11-27T10:00:00Z.
        machine: See `describe_machine`.
        versions: By package, and of Python.
        commit: The commit's digest, with `+` for a checkout with changes; empty if unknown.
        runs: The benchmarks.
        tables: Their tables.
    """

    started: str
    machine: dict[str, Any]
    versions: dict[str, str]
    commit: str = ""
    runs: list[Run] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """Write the JSON."""
        document = {
            "format": FORMAT,
            "started": self.started,
            "commit": self.commit,
            "machine": self.machine,
            "versions": self.versions,
            "benchmarks": [vars(run) for run in self.runs],
            "tables": [table.document() for table in self.tables],
        }
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")

    @classmethod
    def read(cls, path: Path) -> "Results":
        """Read what `write` wrote.

        Raises:
            ValueError: It is of another format.
        """
        document = json.loads(path.read_text("utf-8"))
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise ValueError(f"{path} is no result of `make bench` in format {FORMAT}")
        return cls(
            document["started"],
            document["machine"],
            document["versions"],
            document["commit"],
            [Run(**run) for run in document["benchmarks"]],
            [Table.from_document(table) for table in document["tables"]],
        )


def describe_machine() -> dict[str, Any]:
    """Return what speed depends on: processor, cores, gigabytes of memory, system, devices."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "devices": [device(name) for name, _ in preferred(True)],
    }


def installed_versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that are installed."""
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions


def current_commit() -> str:
    """Return the checkout's commit; empty where git does not tell."""
    try:
        return _git("rev-parse", "HEAD") + ("+" if _git("status", "--porcelain", "-uno") else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
