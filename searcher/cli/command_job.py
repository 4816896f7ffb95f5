"""A command as a job, which the page of any app on the same library shows, and `status` lists."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, cast

from searcher.config.terminal import INTERRUPTED

if TYPE_CHECKING:
    from searcher.library.core import Library
    from searcher.library.job_board import JobBoard
    from searcher.library.jobs import Job, Jobs
    from searcher.messages.message import Message

HELD_S = 1.0  # after a stop, until the work is given up on
END_S = 10.0  # until a command whose work has ended ends in any case


@contextmanager
def open_job(library: "Library", code: str, total: float = 0, **params: str) -> Iterator["Job"]:
    """Show the work of a block as a job of the library until the block ends.

    Whoever stops it, in the page or with `stop ID`, ends the command as Ctrl-C does.

    Args:
        library: The library.
        code: What the message catalogue calls the work.
        total: How much there is to do, 0 while unknown; see `Job.advance`.
        params: The parameters of the message.
    """
    from searcher.library.job_board import JobBoard
    from searcher.library.jobs import LIBRARY
    from searcher.messages.message import message

    board = JobBoard(library.jobs, library.job_store, library.identity)
    board.start()
    try:
        with library.jobs.begin(LIBRARY, message(code, **params), total) as job:
            job.on_stop = partial(_interrupt, library.jobs, job, board)
            yield job
    finally:
        board.stop()


@contextmanager
def measuring(library: "Library", code: str) -> Iterator[Callable[[float], None]]:
    """Show a job and a progress bar, and yield a function that sets the share that is done."""
    from tqdm import tqdm

    from searcher.library.jobs import PERCENT

    form = "{l_bar}{bar}| {elapsed}<{remaining}"
    with (
        open_job(library, code) as job,
        tqdm(total=1.0, disable=None, file=sys.stderr, leave=False, bar_format=form) as bar,
    ):

        def advance(share: float) -> None:
            bar.update(max(0.0, share - bar.n))
            job.advance(100 * share, 100, PERCENT)

        yield advance


@contextmanager
def installing(
    library: "Library", title: str, say: Callable[["Message"], None] = lambda stage: None
) -> Iterator[Callable[["Message"], None]]:
    """Show the making of a model file as a job, and yield a function that sets its stage.

    Args:
        library: The library.
        title: The model's name for people.
        say: Told of each stage, too.
    """
    from searcher.library.jobs import MEGABYTES

    with open_job(library, "job.installing", title=title) as job:

        def show(stage: "Message") -> None:
            done, total = (cast(float, stage.params.get(key, 0)) for key in ("done", "total"))
            job.advance(done, total, MEGABYTES, stage)
            say(stage)

        yield show


def _interrupt(jobs: "Jobs", job: "Job", board: "JobBoard") -> None:
    """Raise KeyboardInterrupt in the main thread, and see to it that the command ends.

    Native code may hold that thread up, and another package may catch the interrupt. Then the
    process ends without either: data on disk are safe at any time.
    """

    def end_soon() -> None:
        time.sleep(HELD_S)
        if jobs.find(job.state.id):
            board.stop()  # or others would see the job until it has been silent for a while
            print("Stopped.", file=sys.stderr, flush=True)
        else:
            time.sleep(END_S - HELD_S)
        os._exit(INTERRUPTED)

    threading.Thread(target=end_soon, name="end", daemon=True).start()
    os.kill(os.getpid(), signal.SIGINT)
