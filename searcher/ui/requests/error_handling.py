"""Errors of the library become what a visitor or a program is told of a failed call."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from searcher.errors import TwinlensError
from searcher.ui import toasts

P = ParamSpec("P")
R = TypeVar("R")


def show_errors(handler: Callable[P, R]) -> Callable[P, R]:
    """Wrap a handler: errors of the library are shown; all others go on to GuardedBlocks."""

    @functools.wraps(handler)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        with raise_refusals():
            return handler(*args, **kwargs)

    return wrapped


@contextmanager
def raise_refusals() -> Iterator[None]:
    """The same for a part of a handler, such as the inside of a generator.

    Raises:
        toasts.Refusal: In place of a TwinlensError.
    """
    try:
        yield
    except TwinlensError as error:
        raise toasts.Refusal(error.message) from error
