"""Counts of votes between two models."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tally:
    """Counts of votes between two models, `first` before `second` in alphabetical order.

    `both_bad` are votes that neither found the right pictures; for scores they are ties.
    """

    first: str
    second: str
    first_wins: int = 0
    second_wins: int = 0
    ties: int = 0
    both_bad: int = 0

    @property
    def outcomes(self) -> tuple[int, int, int]:
        """The numbers of wins of the first, wins of the second, and ties."""
        return self.first_wins, self.second_wins, self.ties + self.both_bad

    @property
    def games(self) -> int:
        """The number of all votes."""
        return sum(self.outcomes)
