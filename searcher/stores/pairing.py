"""What is compared in the arena, and a vote on it, as Redis stores them."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

BOTH_BAD = "\0both bad"  # an outcome; no model has such a name


@dataclass(frozen=True)
class Pairing:
    """A query and the two models whose rankings a visitor compares.

    Attributes:
        query: The id of a picture; of words a number made of them.
        left: The name of the model on the left.
        right: The name of the model on the right.
        text: The words; "" for a picture.
        is_own: Whether the picture is the visitor's, and may not be in the library.
        is_blind: Whether the visitor has not seen the models' names, by a vote that was undone.
    """

    query: int
    left: str
    right: str
    text: str = ""
    is_own: bool = False
    is_blind: bool = True

    @classmethod
    def of_words(cls, text: str, left: str, right: str) -> "Pairing":
        """Return the pairing of two models for words."""
        digest = hashlib.blake2b(text.casefold().encode(), digest_size=8).digest()
        return cls(int.from_bytes(digest) >> 1, left, right, text)

    @classmethod
    def of_stored(cls, stored: Mapping[str, str]) -> "Pairing | None":
        """Parse a hash of Redis, in which BallotStore adds "choice" and "revealed"."""
        if not {"query", "left", "right"} <= set(stored):
            return None
        query, left, right = (stored[name] for name in ("query", "left", "right"))
        own, blind = bool(stored.get("own")), "revealed" not in stored
        return cls(int(query), left, right, stored.get("text", ""), own, blind)

    def stored(self) -> dict[str, str]:
        """Return the hash for Redis."""
        pair = {"left": self.left, "right": self.right}
        return {"query": str(self.query), **pair, "text": self.text, "own": "1" * self.is_own}

    def vote(self, time: int, outcome: str) -> "Vote":
        """Return a vote; see Vote for `time`, and `BallotStore.count` for `outcome`."""
        first, second = sorted((self.left, self.right))
        both_bad = outcome == BOTH_BAD
        winner = "" if both_bad else outcome
        flags = both_bad, self.is_own, self.is_blind
        return Vote(time, self.query, first, second, winner, self.text, *flags)


@dataclass(frozen=True)
class Vote:
    """One vote.

    Attributes:
        time: Seconds since 1970.
        query: See Pairing.
        first: One model; the names are in alphabetical order.
        second: The other one.
        winner: One of the two names, "" for a tie and where both are bad.
        text: See Pairing.
        both_bad: Whether neither model found the right pictures.
        is_own: See Pairing.
        is_blind: See Pairing.
    """

    time: int
    query: int
    first: str
    second: str
    winner: str
    text: str = ""
    both_bad: bool = False
    is_own: bool = False
    is_blind: bool = True

    @classmethod
    def of_stored(cls, text: str) -> "Vote":
        """Parse an entry of Redis; those of earlier versions end earlier."""
        return cls(*json.loads(text))

    def stored(self) -> str:
        """Return the entry for Redis."""
        return json.dumps(dataclasses.astuple(self))

    @property
    def kind(self) -> str:
        """The kind of the query: "words", "own picture" or "picture"."""
        return "words" if self.text else "own picture" if self.is_own else "picture"

    @property
    def outcome(self) -> str:
        """One of "first", "second", "tie" and "both bad"."""
        if self.both_bad:
            return "both bad"
        return {self.first: "first", self.second: "second"}.get(self.winner, "tie")

    @property
    def cell(self) -> str:
        """The field of Tally that counts the vote."""
        cells = {"first": "first_wins", "second": "second_wins", "both bad": "both_bad"}
        return cells.get(self.outcome, "ties")
