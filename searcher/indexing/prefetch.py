"""Iterators that work ahead: what comes next is made while what is there is used."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from itertools import islice
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield lists of `size` items; the last may be shorter."""
    remaining = iter(items)
    while chunk := list(islice(remaining, size)):
        yield chunk


def submitted(
    pool: Executor, function: Callable[[S], T], items: Iterable[S], ahead: int
) -> Iterator[tuple[S, Future[T]]]:
    """Yield each item with its call of `function`, in order; `ahead` of them are under way."""
    waiting: deque[tuple[S, Future[T]]] = deque()
    remaining = iter(items)
    while True:
        for item in islice(remaining, ahead - len(waiting)):
            waiting.append((item, pool.submit(function, item)))
        if not waiting:
            return
        yield waiting.popleft()


def made_ahead(pool: Executor, items: Iterable[T]) -> Iterator[T]:
    """Yield items; while one is used, `pool` makes the next. What making it raises is raised."""
    remaining = iter(items)
    upcoming = pool.submit(lambda: list(islice(remaining, 1)))
    while item := upcoming.result():
        upcoming = pool.submit(lambda: list(islice(remaining, 1)))
        yield item[0]


def one_ahead(items: Iterable[T]) -> Iterator[T]:
    """Yield each item only after the next one has been made."""
    waiting: deque[T] = deque()
    for item in items:
        waiting.append(item)
        if len(waiting) > 1:
            yield waiting.popleft()
    yield from waiting
