"""Processes that decode pictures: in threads of one interpreter 16 cores are no faster than 4."""

import os
import queue
import socket
import subprocess
import sys
import tempfile
from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import replace
from multiprocessing.connection import Connection

import numpy as np

from searcher.config.folders import ROOT
from searcher.errors import BadImage, TwinlensError
from searcher.images.picture_forms import Form, Rendered
from searcher.indexing.render_files import Files
from searcher.indexing.render_worker import Cost, Done, Order, write_at
from searcher.memory import decoding

# Not `-m`: what is sent between processes must have the same module in both.
START = "from searcher.indexing.render_worker import main; main(%d, %d)"
END_S = 5.0  # until a process that should end is killed


class _Worker:
    """One process, which decodes one picture at a time. Needs no lock: one thread has it."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._pixels = _anonymous_file()
            descriptors = theirs.fileno(), self._pixels
            self.process = subprocess.Popen(
                [sys.executable, "-c", START % descriptors],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                cwd=ROOT,
                pass_fds=descriptors,
                start_new_session=True,
            )
        self._socket = Connection(ours.detach())

    @property
    def has_news(self) -> bool:
        """Whether the process has sent something, or has ended."""
        return self._socket.poll()

    def wait_until_ready(self) -> None:
        """Raise EOFError or OSError where the process can't start."""
        self._socket.recv()

    def render(
        self, data: bytes, name: str, forms: list[Form], files: Files
    ) -> Rendered | TwinlensError:
        """Decode a file. Raises EOFError or OSError where the process has ended."""
        write_at(self._pixels, data, 0)
        self._socket.send(Order(len(data), name, forms, files, decoding.limit))
        with ExitStack() as spent:  # of the memory for all decoding of this process
            while isinstance(answer := self._socket.recv(), Cost):
                if answer.bytes:
                    spent.enter_context(decoding.spend(answer.bytes))
                    self._socket.send(None)
                else:
                    spent.close()
        if not isinstance(answer, Done):
            assert isinstance(answer, TwinlensError)
            return answer
        inputs = {form: np.empty((form[0], form[1], 3), np.uint8) for form in forms}
        position = 0
        for pixels in inputs.values():
            view = pixels.reshape(-1).data
            while view:
                count = os.preadv(self._pixels, [view], position)
                view, position = view[count:], position + count
        return replace(answer.rendered, inputs=inputs)

    def end(self) -> None:
        """End the process, and wait for that."""
        self._socket.close()  # which ends it when it has decoded its picture
        os.close(self._pixels)
        try:
            self.process.wait(END_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class RenderProcesses:
    """Some processes that decode pictures. `render` is safe to call from several threads."""

    def __init__(self, count: int) -> None:
        """Start `count` processes, which takes them less than a second.

        Raises:
            OSError: The system starts no process.
        """
        self._workers: list[_Worker] = []
        self._free: queue.SimpleQueue[_Worker | None] = queue.SimpleQueue()
        try:
            for _ in range(count):
                self._workers.append(_Worker())
        except OSError:
            self.close()
            raise

    @property
    def are_ready(self) -> bool:
        """Whether all processes have started."""
        return all(worker.has_news for worker in self._workers)

    def accept(self) -> None:
        """Wait until all are ready. Raises EOFError or OSError where one can't start."""
        for worker in self._workers:
            worker.wait_until_ready()
        for worker in self._workers:
            self._free.put(worker)

    @property
    def pids(self) -> list[int]:
        """The ids of the processes."""
        return [worker.process.pid for worker in self._workers]

    def render(self, data: bytes, name: str, forms: Collection[Form], files: Files) -> Rendered:
        """Decode a file as `render_files` does, in one of the processes.

        Raises:
            BadImage: It can't be decoded, or its decoder ended the process.
            DiskFull, CannotWrite: A file can't be written.
        """
        worker = self._free.get()
        try:
            worker = worker or self._another()
            answer = worker.render(data, name, list(forms), files)
        except (EOFError, OSError) as error:
            if worker:
                self._discard(worker)
            worker = None  # the next picture gets a new one
            raise BadImage("picture.decoder_ended", name=name) from error
        finally:
            self._free.put(worker)
        if isinstance(answer, TwinlensError):
            raise answer
        return answer

    def close(self) -> None:
        """End all processes. Nothing may be decoded any more."""
        for worker in self._workers:
            worker.end()
        self._workers.clear()

    def _another(self) -> _Worker:
        worker = _Worker()
        self._workers.append(worker)
        worker.wait_until_ready()
        return worker

    def _discard(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.end()


def _anonymous_file() -> int:
    """Return the descriptor of a file in memory, without a name."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("pixels")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
