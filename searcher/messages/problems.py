"""Problems that occur many times, such as in lines of a file: how often each, and an example."""

from searcher.messages.message import Message


class Problems:
    """Counts problems by code. Messages have the count as `n` and the first one's parameters."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._examples: dict[str, Message] = {}

    def add(self, problem: Message) -> None:
        """Count a problem; of its code only the first one's parameters are kept."""
        self._counts[problem.code] = self._counts.get(problem.code, 0) + 1
        self._examples.setdefault(problem.code, problem)

    def messages(self) -> list[Message]:
        """Return a message for each code, in the order in which they occurred."""
        return [
            example.with_params(n=self._counts[code]) for code, example in self._examples.items()
        ]
