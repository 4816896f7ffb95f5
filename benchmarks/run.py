"""Run the benchmarks, each in a process of its own: `python -m benchmarks.run [NAME…]`.

Prints their tables, and writes them into `data/benchmarks/results/TIME`: `results.json` for
programs and `python -m benchmarks.compare`, and a chart of each table. The benchmarks come in order
of importance; what is not done when the minutes are over is stopped, or not begun.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from json import loads
from pathlib import Path

from benchmarks.charts import draw_charts
from benchmarks.results import Results, Run, current_commit, describe_machine, installed_versions
from benchmarks.tables import TABLES, Table
from searcher.config.folders import ROOT

RESULTS = ROOT / "data" / "benchmarks" / "results"
MADE = "data/benchmarks/models"  # by the first benchmarks, for the one that compares models
COMPARED = [f"{MADE}/{name}.onnx" for name in ("resnet50", "resnet50-int8", "efficientnet_lite0")]
# With arguments that keep them short, in order.
BENCHMARKS: dict[str, list[str]] = {
    "index": [],
    "query": [],
    "search": [],
    "busy": [],
    "load": ["--seconds", "40"],
    "start": [],
    "requests": [],
    "page": [],
    "idle": ["--seconds", "30"],
    "batches": [],
    "models": ["sample_images", *COMPARED],
}
MINUTES = 25.0
STOPPING_S = 20.0
STOPPED = -1  # the status of a benchmark for which the minutes did not suffice


def run_all(
    benchmarks: Sequence[tuple[str, list[str]]], folder: Path, rounds: int, minutes: float
) -> Results:
    """Run benchmarks, and write their tables and charts into a folder as they come.

    Args:
        benchmarks: Modules of this package, with their arguments.
        folder: Where to write; it is made.
        rounds: How often to run each of them; more than once shows how much figures vary.
        minutes: For all of them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    results = Results(now, describe_machine(), installed_versions(), current_commit())
    end = time.monotonic() + minutes * 60
    for number in range(1, rounds + 1):
        for name, arguments in benchmarks:
            print(f"## benchmarks.{name}\n", flush=True)
            run, tables = run_one(name, arguments, number, end - time.monotonic())
            results.runs.append(run)
            results.tables += tables
            results.write(folder / "results.json")
    draw_charts(results.tables, folder)
    return results


def run_one(
    name: str, arguments: Sequence[str], number: int, seconds: float
) -> tuple[Run, list[Table]]:
    """Run one benchmark for at most some seconds; its output is this process's."""
    path = RESULTS / f".{os.getpid()}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    start = time.monotonic()
    try:
        status = _run(name, arguments, path, seconds) if seconds > 0 else STOPPED
        run = Run(name, number, round(time.monotonic() - start, 1), status)
        return run, list(_read(path, number))
    finally:
        path.unlink()


def _run(name: str, arguments: Sequence[str], path: Path, seconds: float) -> int:
    command = [sys.executable, "-m", f"benchmarks.{name}", *arguments]
    environment = {**os.environ, TABLES: str(path)}
    # A group of its own: what the benchmark started is stopped with it.
    process = subprocess.Popen(command, cwd=ROOT, env=environment, process_group=0)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return STOPPED
    finally:
        if process.poll() is None:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Stop a benchmark as Ctrl-C does, after which it deletes its files."""
    os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(STOPPING_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _read(path: Path, number: int) -> Iterator[Table]:
    for line in path.read_text().splitlines():
        table = Table.from_document(loads(line))
        table.round = number
        yield table


def main(arguments: Sequence[str]) -> int:
    """Run what was named, or everything; return 1 if a benchmark failed or was stopped."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--rounds", type=int, default=1, help="how often to run each (1)")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="for all (25)")
    parser.add_argument("--folder", type=Path, help="where to write")
    options = parser.parse_args(arguments)
    folder = options.folder or RESULTS / datetime.now(UTC).strftime("%Y-%m-%d-%H%M%S")
    chosen = [(name, BENCHMARKS.get(name, [])) for name in options.names or BENCHMARKS]
    results = run_all(chosen, folder, options.rounds, options.minutes)
    for run in results.runs:
        state = {0: "", STOPPED: ", stopped: out of time"}.get(run.status, ", failed")
        print(f"{run.benchmark}: {run.seconds:.0f} s{state}")
    print(f"{folder / 'results.json'}, with a chart of each table beside it")
    return int(any(run.status for run in results.runs))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
