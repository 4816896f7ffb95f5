"""A row of the hostile corpus."""

from dataclasses import dataclass
from typing import Any

ACCEPTED = "accepted"


@dataclass(frozen=True)
class Row:
    """An input that programs of this kind have failed on, and what this one does with it.

    Attributes:
        input: The input in words, of which the test is named; pictures: the file's name.
        value: What the test gives to the program; its type is that of the kind (see table.py).
        happens: ACCEPTED, or some words of the sentence that a person gets.
        why: The reason, or what it is accepted as.
    """

    input: str
    value: Any
    happens: str
    why: str
