"""The rate of work that goes on: units per second over the last minute."""

import time
from collections import deque

WINDOW_S = 60.0


class Rate:
    """The rate of a growing count. For one thread."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, float]] = deque()  # seconds, and the count until then

    def add(self, count: float) -> float:
        """Note the count of this moment, and return the units per second; 0.0 until known."""
        samples = self._samples
        samples.append((time.monotonic(), count))
        while len(samples) > 2 and samples[-1][0] - samples[0][0] > WINDOW_S:
            samples.popleft()
        (start, before), (now, _) = samples[0], samples[-1]
        return (count - before) / (now - start) if now > start else 0.0
