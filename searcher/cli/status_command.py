"""The command status: what the library has, and how far jobs and `index --shard` are."""

from typing import TYPE_CHECKING, Any

from searcher.cli.options import Json
from searcher.cli.output import aligned, counted, print_json, printable
from searcher.cli.session import open_library

if TYPE_CHECKING:
    from searcher.library.shard_runs import ShardRun


def status(json: Json = False) -> None:
    """Tell how many pictures there are, and how far all jobs and `index --shard` are."""
    with open_library() as library:
        from searcher.library.job_documents import running
        from searcher.library.serializers import status as describe
        from searcher.library.shard_runs import shard_runs

        if json:
            print_json(describe(library))
            return
        pictures = library.records.count()
        print(counted(pictures, "picture"))
        coverage = library.coverage()
        for name, count in zip(aligned(list(coverage), 20), coverage.values(), strict=True):
            print(f"{name} {count} of {pictures}")
        for job in (state.document() for state in running(library.job_store)):
            print(f"job {job['id']}: {printable(job['what'])}{_progress(job)}")
        for run in shard_runs(library.shards):
            _print_run(run)


def _progress(job: dict[str, Any]) -> str:
    done = f"{job['done']:.0f}"
    if job["unit"] == "percent":
        counted = f"{done} %"
    else:
        counted = f"{done} of {job['total']:.0f} {job['unit']}" if job["total"] else ""
    rate = f"{job['rate']:.1f} {job['unit']}/s" if job["rate"] else ""
    remaining = "" if job["remaining_s"] is None else f"{job['remaining_s']:.0f} s left"
    stopping = "stopping" if job["stopping"] else ""
    return "".join(
        f", {part}" for part in (job["stage"], counted, rate, remaining, stopping) if part
    )


def _print_run(run: "ShardRun") -> None:
    from searcher.library.shard_runs import shown_state

    share = "" if run.share is None else f"{run.share:.0%} of {run.total} files, "
    print(f"\nindexing {printable(run.title)} in {run.count} parts: {share}", end="")
    print(f"{run.added} added, {run.embedded} vectors, {run.rate:.1f} vectors/s")
    for part in run.parts:
        figures = f"{part.seen} files seen, {part.added} added, {part.embedded} vectors"
        print(f"  {part.number}/{part.count} on {printable(part.host)}: {figures}, ", end="")
        print(f"{shown_state(part)}, last heard of {part.age_s:.0f} s ago")
    for number in run.missing:
        print(f"  {number}/{run.count} has not begun")
    if again := ", ".join(f"--shard {part.number}/{part.count}" for part in run.interrupted):
        print(f"  to be run again: {again}")
