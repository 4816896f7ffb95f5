"""Iterators that work ahead: the next items are produced while the current one is used."""

import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from itertools import islice
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")
Ask = Callable[[], bool]


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield lists of `size` items; the last may be shorter."""
    remaining = iter(items)
    while chunk := list(islice(remaining, size)):
        yield chunk


def submit_ahead(
    pool: Executor, function: Callable[[S], T], items: Iterable[S], ahead: int
) -> Iterator[tuple[S, Future[T]]]:
    """Call a function for each item in a pool, and yield the items with their futures, in order.

    Args:
        pool: Runs the calls.
        function: Called with an item.
        items: The items; read only as far as calls are submitted.
        ahead: The number of calls that are submitted at a time.
    """
    pending: deque[tuple[S, Future[T]]] = deque()
    remaining = iter(items)
    while True:
        for item in islice(remaining, ahead - len(pending)):
            pending.append((item, pool.submit(function, item)))
        if not pending:
            return
        yield pending.popleft()


def produce_ahead(pool: Executor, items: Iterable[T]) -> Iterator[T]:
    """Yield items; while one is used, `pool` produces the next. Its errors are raised here."""
    remaining = iter(items)
    upcoming = pool.submit(lambda: list(islice(remaining, 1)))
    while item := upcoming.result():
        upcoming = pool.submit(lambda: list(islice(remaining, 1)))
        yield item[0]


def gather(
    items: Iterable[T], size: Callable[[T], int], most: int, seconds: float, is_urgent: Ask
) -> Iterator[list[T]]:
    """Yield items in groups: of one item at first, then ever larger ones.

    Args:
        items: The items.
        size: Returns the size of an item, in whatever `most` counts.
        most: The size that groups reach; until then each is twice as large as the one before.
        seconds: How long an item waits for more after the latest group, at most.
        is_urgent: Asked after each item whether its group may wait for no more.
    """
    group: list[T] = []
    target, latest = 1, -math.inf
    for item in items:
        group.append(item)
        total, now = sum(map(size, group)), time.monotonic()
        if total >= min(target, most) or now - latest >= seconds or is_urgent():
            yield group
            group, target, latest = [], 2 * total, now
    if group:
        yield group


def delay_by_one(items: Iterable[T]) -> Iterator[T]:
    """Yield each item only after the next one has been produced."""
    pending: deque[T] = deque()
    for item in items:
        pending.append(item)
        if len(pending) > 1:
            yield pending.popleft()
    yield from pending
