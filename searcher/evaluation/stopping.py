"""Measurements that tell how far they are, and end early."""

from collections.abc import Callable

from searcher.errors import EvaluationStopped

Progress = Callable[[float], None]
Stop = Callable[[], bool]


def asking(is_stopped: Stop, progress: Progress = lambda share: None) -> Progress:
    """Return a progress that asks each time whether to end early.

    Args:
        is_stopped: Whether to end early; then what is returned raises EvaluationStopped.
        progress: Called with the completed share, 0 to 1.
    """

    def advance(share: float) -> None:
        progress(share)
        if is_stopped():
            raise EvaluationStopped("evaluation.stopped")

    return advance
