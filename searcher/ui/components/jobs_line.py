"""The lines of running jobs, which are over every tab."""

from dataclasses import dataclass

import gradio as gr

from searcher.library.jobs import LIBRARY, MEGABYTES, PERCENT, VECTORS, JobState
from searcher.library.status import Status
from searcher.library.worker import Worker
from searcher.ui.components import scripts
from searcher.ui.i18n import ntr, number, sentence, tr
from searcher.ui.requests.arguments import read_count, read_event
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.security.metered_library import current_visitor
from searcher.ui.templating import render

MINUTE_S, HOUR_S = 60, 3600
MAX_JOBS = 10**9


@dataclass(frozen=True)
class Line:
    """A line: the job's id, what is done, how far, at which rate, what is left, whether it stops.

    `kind` is the code of `what`, `share` is 0 to 1, None while unknown.
    """

    id: int
    kind: str
    what: str
    progress: str
    rate: str
    remaining: str
    share: float | None
    can_stop: bool
    is_stopping: bool


def build(worker: Worker) -> gr.HTML:
    """Build the lines, which the page refreshes."""
    html = gr.HTML(elem_id="jobs", js_on_load=scripts.JOBS)

    @show_errors
    def stop_job(event: gr.EventData) -> None:
        worker.stop_job(read_count(read_event(event, "id"), MAX_JOBS, 0), current_visitor())

    html.click(stop_job, queue=False, show_progress="hidden", api_visibility="private")
    return html


def jobs_html(status: Status, read_only: bool) -> str:
    """Render the jobs as the current visitor sees them."""
    owners = {current_visitor()} | (set() if read_only else {LIBRARY})
    lines = [_line(job, job.owner in owners) for job in status.jobs]
    return render("jobs.html", lines=lines, stopped=status.stopped)


def _line(job: JobState, may_stop: bool) -> Line:
    return Line(
        id=job.id,
        kind=job.what.code,
        what=sentence(job.what),
        progress=sentence(job.stage) if job.stage else _progress(job),
        rate=_rate(job),
        remaining=remaining_time(job.remaining_s) if job.done < job.total else "",
        share=min(1.0, job.done / job.total) if job.total else None,
        can_stop=may_stop and job.can_stop,
        is_stopping=job.is_stopping,
    )


def _progress(job: JobState) -> str:
    if job.unit == PERCENT:
        return f"{number(job.done)} %"
    if not job.total:
        return ""
    done, total = number(job.done), int(job.total)
    if job.unit == VECTORS:
        return ntr("{done} of {n} vector", "{done} of {n} vectors", n=total, done=done)
    return ntr("{done} of {n} picture", "{done} of {n} pictures", n=total, done=done)


def _rate(job: JobState) -> str:
    if not job.rate:
        return ""
    rate = number(job.rate, 1 if job.rate < 10 else 0)
    if job.unit == MEGABYTES:
        return tr("{rate} MB a second", rate=rate)
    if job.unit == PERCENT:
        return tr("{rate} % a second", rate=rate)
    return tr("{rate} a second", rate=rate)


def remaining_time(seconds: float | None) -> str:
    """Return the time that is left, in the largest unit that fits; "" while unknown."""
    if seconds is None:
        return ""
    if seconds < 1.5 * MINUTE_S:
        return tr("{n} s left", n=number(max(1, seconds)))
    if seconds < 1.5 * HOUR_S:
        return tr("{n} min left", n=number(seconds / MINUTE_S))
    return tr("{n} h left", n=number(seconds / HOUR_S))
