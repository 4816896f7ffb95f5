"""Decode pictures for another process, which calls `main` here in a new one.

Files and pixels lie in an anonymous file that both processes have open; only sizes go through the
socket. The process ends with its parent, whose end of the socket the system then closes.
"""

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import NamedTuple

from searcher.errors import TwinlensError
from searcher.images.picture_forms import Form, Rendered
from searcher.indexing.render_files import Files, render_files
from searcher.memory import decoding, map_large_blocks


class Order(NamedTuple):
    """A file to decode, whose bytes lie at the beginning of the shared file; see `render_files`."""

    bytes: int
    name: str
    forms: list[Form]
    files: Files
    memory: int  # bytes that decoding may take in all of the parent


class Cost(NamedTuple):
    """Asks for memory, and waits for an answer; 0 returns it, and waits for none."""

    bytes: int


class Done(NamedTuple):
    """A decoded picture without its pixels, which lie in the shared file in the forms' order."""

    rendered: Rendered


def main(socket_number: int, pixels: int) -> None:
    """Decode pictures until the parent closes the socket.

    Args:
        socket_number: The descriptor of the socket.
        pixels: That of the shared file.
    """
    map_large_blocks()
    socket = Connection(socket_number)

    @contextmanager
    def spend(cost: int) -> Iterator[None]:
        socket.send(Cost(cost))
        socket.recv()
        try:
            yield
        finally:
            socket.send(Cost(0))

    decoding.spend_elsewhere(spend)
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        socket.send(None)  # ready
        while True:
            order: Order = socket.recv()
            decoding.limit = order.memory
            socket.send(_answer(order, pixels))


def _answer(order: Order, pixels: int) -> Done | TwinlensError:
    data = os.pread(pixels, order.bytes, 0)
    try:
        rendered = render_files(data, order.name, order.forms, order.files)
    except TwinlensError as error:
        return error
    position = 0
    for form in order.forms:
        position = write_at(pixels, rendered.inputs[form].reshape(-1).data, position)
    return Done(replace(rendered, inputs={}))


def write_at(descriptor: int, data: bytes | memoryview, position: int) -> int:
    """Write all of some bytes at a position of a file, and return the position behind them."""
    view = memoryview(data)
    while view:
        count = os.pwrite(descriptor, view, position)
        view, position = view[count:], position + count
    return position
