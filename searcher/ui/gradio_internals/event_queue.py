"""Gradio's queue (Gradio 6.31) without pauses: calls and free places wake it, nothing else does."""

import asyncio
import contextlib
import time
from typing import Any

from gradio.queueing import Queue
from gradio.utils import run_coro_in_background, set_task_name

from searcher.ui.gradio_internals.stream_ends import StreamEnds

PROGRESS_PAUSE_S = 0.1  # between two messages of a running call's progress


class EventQueue(Queue):
    """A queue that is told what it waits for.

    Gradio's looks for calls a thousand times a second, and for their progress a hundred times,
    which takes 5 % of a core while nobody is there; if it looked less often, calls would wait. It
    also makes statistics with pandas after each call, 4 to 10 ms of a core, for its monitoring,
    which the app doesn't offer.
    """

    _news: asyncio.Event  # a call has come, or a place is free
    _busy: asyncio.Event  # calls are running
    _loop: asyncio.AbstractEventLoop | None
    ends: StreamEnds

    @classmethod
    def like(cls, queue: Queue) -> "EventQueue":
        """Return one with the settings of another queue, which has not started."""
        own = cls.__new__(cls)
        vars(own).update(vars(queue), _news=asyncio.Event(), _busy=asyncio.Event(), _loop=None)
        own.ends = StreamEnds()
        return own

    def start(self) -> None:
        """Begin, in the loop that runs; see Queue."""
        self._news, self._busy = asyncio.Event(), asyncio.Event()  # each belongs to one loop
        super().start()  # type: ignore[no-untyped-call]

    def send_message(self, *arguments: Any, **options: Any) -> None:
        """Send a message, unless the page is forgotten: Gradio keeps the latest 2000; see Queue.

        Gradio's queue would end for everybody.
        """
        with contextlib.suppress(KeyError):
            super().send_message(*arguments, **options)

    async def push(self, body: Any, *arguments: Any, **options: Any) -> Any:
        """Take a call, and return once its page can wait for it; see Queue."""
        answer = await super().push(body, *arguments, **options)
        self._news.set()
        await self.ends.settled(body.session_hash)
        return answer

    async def process_events(self, *arguments: Any, **options: Any) -> None:
        """Answer calls; see Queue."""
        try:
            await super().process_events(*arguments, **options)
        finally:
            self._news.set()

    async def reset_iterators(self, event_id: str) -> None:
        """Forget a call's progress, which is done as soon as its place is free; see Queue."""
        self._news.set()
        await super().reset_iterators(event_id)

    def compute_analytics_summary(self, records: Any) -> Any:
        """Return no statistics; see Queue."""
        return self.cached_event_analytics_summary

    def close(self) -> None:
        """End; see Queue. May be called from any thread."""
        super().close()  # type: ignore[no-untyped-call]
        if self._loop:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                for event in (self._news, self._busy):
                    self._loop.call_soon_threadsafe(event.set)

    async def start_processing(self) -> None:
        """Start calls as long as there are places, until the queue ends; see Queue."""
        self._loop = asyncio.get_running_loop()
        try:
            while not self.stopped:
                self._news.clear()
                while None in self.active_jobs and await self._start_next():
                    pass
                await self._news.wait()
        finally:
            self.stopped = True
            self._cancel_asyncio_tasks()  # type: ignore[no-untyped-call]

    async def start_progress_updates(self) -> None:
        """Send the progress of running calls, until the queue ends; see Queue."""
        while not self.stopped:
            await self._busy.wait()
            running = [event for job in self.active_jobs if job for event in job]
            for event in running:
                if event.progress_pending and event.progress:
                    event.progress_pending = False
                    self.send_message(event, event.progress)
            if running:
                await asyncio.sleep(PROGRESS_PAUSE_S)
            else:
                self._busy.clear()

    async def _start_next(self) -> bool:
        """Start the call, or the batch of calls, whose turn it is; return whether there is one."""
        async with self.delete_lock:
            chosen = self.get_events()
        if chosen is None:
            return False
        events, is_batch, group = chosen
        first, start = events[0], time.time()
        self.active_jobs[self.active_jobs.index(None)] = events
        queue = self.event_queue_per_concurrency_id[group]
        queue.current_concurrency += 1
        queue.start_times_per_fn[first.fn].add(start)
        for event in events:
            if event._id in self.event_analytics:
                self.event_analytics[event._id]["status"] = "processing"
        task = run_coro_in_background(self.process_events, events, is_batch, start, first.fn)
        set_task_name(task, first.session_hash, first.fn._id, first._id, is_batch)
        self._asyncio_tasks.add(task)
        task.add_done_callback(self._asyncio_tasks.discard)
        self._busy.set()
        if self.live_updates:
            self.broadcast_estimations(group)
        return True
