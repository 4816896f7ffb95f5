"""Translation of the library's errors into refusals shown to visitors and programs."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from searcher.errors import TwinlensError
from searcher.ui import toasts

P = ParamSpec("P")
R = TypeVar("R")


def show_errors(handler: Callable[P, R]) -> Callable[P, R]:
    """Decorate a handler so that TwinlensErrors become refusals; GuardedBlocks handles others."""

    @functools.wraps(handler)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        with raise_refusals():
            return handler(*args, **kwargs)

    return wrapped


@contextmanager
def raise_refusals() -> Iterator[None]:
    """Do the same for a with block, such as the body of a generator.

    Raises:
        toasts.Refusal: In place of a TwinlensError.
    """
    try:
        yield
    except TwinlensError as error:
        raise toasts.Refusal(error.message) from error
