"""The query of the command line: pictures, words and weights, as documents of its parts."""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from searcher.errors import InvalidRequest
from searcher.images.pictures import Box
from searcher.images.present_paths import present_path
from searcher.images.sources import Source
from searcher.library.core import Library
from searcher.search.part_documents import read_parts
from searcher.search.query import MAX_WEIGHT, ComposedQuery, Query, UploadedQuery

STORED = "id:"  # before the number of a picture of the library
REGION = "#"  # between a file and its region


@dataclass(frozen=True)
class QueryArguments:
    """What the command line has of a query; None where an option is not given."""

    images: list[str] | None = None
    texts: list[str] | None = None
    minus: list[str] | None = None
    minus_texts: list[str] | None = None
    weights: list[float] | None = None

    def read(self, library: Library) -> Query:
        """Return the query.

        Raises:
            BadImage: A file can't be read.
            InvalidRequest: The arguments are no query.
            NotFound: A picture is not in the library.
        """
        return read_parts(self.documents(), library.named_query, _read_file)

    def documents(self) -> list[dict[str, Any]]:
        """Return the parts. Raises InvalidRequest if they have other weights than allowed."""
        plus = [*map(_words, self.texts or []), *map(_picture, self.images or [])]
        minus = [*map(_picture, self.minus or []), *map(_words, self.minus_texts or [])]
        weights = _weights(self.weights or [], len(plus), len(minus))
        signs = [1] * len(plus) + [-1] * len(minus)
        return [
            part | {"weight": sign * weight}
            for part, sign, weight in zip([*plus, *minus], signs, weights, strict=True)
        ]

    def name(self, query: Query) -> str:
        """Return what documents call the query: a single picture by its argument."""
        if not isinstance(query, ComposedQuery) and self.images:
            return self.images[0]
        return query.name


def pictures_among(words: Sequence[str], models: Collection[str]) -> list[str]:
    """Return the pictures among what follows `--models`, such as in `--models A B beach.jpg`.

    Args:
        words: What follows the first two models.
        models: The names of all models.
    """
    return [word for word in words if word not in models and _is_picture(word)]


def _is_picture(word: str) -> bool:
    return word.startswith(STORED) or REGION in word or os.path.lexists(present_path(word))


def _weights(given: list[float], plus: int, minus: int) -> list[float]:
    """Return the weights of parts that count for a picture, and then of those against."""
    sound = all(0 < weight <= MAX_WEIGHT for weight in given)  # not for NaN
    if not given:
        return [1.0] * (plus + minus)
    if sound and len(given) == plus + minus:
        return given
    if sound and len(given) == 1 and minus:
        return [1.0] * plus + given * minus
    raise InvalidRequest("query.weights", most=MAX_WEIGHT, count=plus + minus)


def _words(text: str) -> dict[str, Any]:
    return {"text": text}


def _picture(argument: str) -> dict[str, Any]:
    """Return the part of an IMAGE. A file of exactly that name comes before any other meaning."""
    argument = present_path(argument)
    if os.path.lexists(argument):
        return {"image": argument}
    image, mark, region = argument.rpartition(REGION)
    box = _shares(region) if mark else None
    if box is None:
        image = argument
    if image.startswith(STORED):
        return {"picture": image.removeprefix(STORED), "box": box}
    return {"image": image, "box": box}


def _shares(region: str) -> list[float] | None:
    """Return four numbers; None for other text, which belongs to the name of a file."""
    try:
        shares = [float(share) for share in region.split(",")]
    except ValueError:
        return None
    return shares if len(shares) == 4 else None


def _read_file(path: str, box: Box | None) -> UploadedQuery:
    source = Source(present_path(str(Path(path).absolute())))
    query = UploadedQuery(source.name, source.read())
    return replace(query, box=box)
