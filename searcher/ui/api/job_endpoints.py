"""The named endpoints `status` and `stop`: what is going on, and stopping it."""

from typing import Any

from gradio.events import api as add_endpoint

from searcher.library import serializers
from searcher.library.core import Library
from searcher.library.worker import Worker
from searcher.ui.requests.arguments import read_count
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.security.metered_library import current_visitor

MAX_JOB = 10**9  # the largest id


def add(library: Library, worker: Worker) -> None:
    """Add the endpoints to the page that is being built."""

    @show_errors
    def status() -> dict[str, Any]:
        """Return the number of pictures, the work that is running, and problems.

        Returns {"pictures", "working", "jobs": [{"id", "what", "stage", "unit", "done", "total",
        "rate", "remaining_s", "stopping"}], "problems", "labels": {label: pictures}, "shards"};
        `working` is what the library itself does, `jobs` also what visitors have started; `rate`
        counts units per second. `shards` are the runs of `index --shard`.
        """
        current = worker.status
        return {
            "pictures": library.records.count(),
            "working": str(current.working or ""),
            "jobs": [job.document() for job in current.jobs],
            "problems": [str(problem) for problem in current.problems],
            "labels": serializers.labels(library),
            "shards": serializers.shards(library),
        }

    @show_errors
    def stop(job_id: int) -> dict[str, Any]:
        """Stop a job: one of the library's own, or one that you have started.

        What is done until then is kept. Returns {"stopping"}, false where the job has ended.

        Args:
            job_id: The id of a job, from `status`.
        """
        number = read_count(job_id, MAX_JOB, MAX_JOB)
        return {"stopping": worker.stop_job(number, current_visitor())}

    # These take milliseconds, so one direct request may answer them, without the queue.
    direct: Any = {"concurrency_limit": 4, "queue": False}
    add_endpoint(status, api_name="status", **direct)
    visibility = visibility_of_changes(library)
    add_endpoint(stop, api_name="stop", api_visibility=visibility, **direct)


def visibility_of_changes(library: Library) -> Any:
    """Return the visibility of endpoints that change the library, or its work.

    Documented endpoints become MCP tools; language models must not change the library.
    """
    return "undocumented" if library.settings.mcp else "public"
