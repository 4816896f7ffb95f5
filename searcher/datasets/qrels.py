"""Relevance judgements (qrels): which pictures are relevant to which queries, and how much.

TREC's format has four columns, separated by spaces: query, a number that is ignored, picture and
relevance; trec.nist.gov/data/qrels_eng. CSV files have query, picture, relevance and perhaps junk.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from searcher.datasets.csv_labels import PATHS, first_column, read_rows
from searcher.errors import BadLabels
from searcher.images.sources import printable
from searcher.messages.message import Message, message
from searcher.messages.problems import Problems
from searcher.messages.system import os_reason
from searcher.text_encoding import open_text

CSV_SUFFIXES = (".csv", ".tsv")
QUERIES = {"query", "query_id", "query-id", "qid", "topic"}
PICTURES = PATHS | {"corpus-id", "doc_id", "docid", "document", "picture_id"}
RELEVANCES = {"relevance", "rel", "score", "grade", "gain", "class"}
JUNKS = {"junk", "ignore"}
TRUE, FALSE = {"1", "true", "yes", "junk"}, {"", "0", "false", "no"}
# The classes of the Revisited Oxford and Paris sets; see metrics/ground_truth.py.
CLASSES = {"negative": 0, "unclear": 1, "junk": 1, "hard": 2, "easy": 3}


class Judgement(NamedTuple):
    """The relevance of a picture to a query, both as the file calls them; below 0 it is junk."""

    query: str
    picture: str
    relevance: float


class _Columns(NamedTuple):
    query: int
    picture: int
    relevance: int
    junk: int | None


@dataclass(frozen=True)
class Qrels:
    """The judgements of one file.

    Attributes:
        name: The file's name.
        judgements: Those of the lines that could be read.
        problems: What is wrong with the other lines.
        has_classes: Whether relevances are CLASSES.
    """

    name: str
    judgements: Sequence[Judgement]
    problems: Sequence[Message]
    has_classes: bool = False


def read_qrels(path: Path, name: str = "", has_classes: bool = False) -> Qrels:
    """Read a file of judgements; lines that can't be read are left out and counted.

    Args:
        path: The file, in UTF-8; .csv or .tsv, or else in TREC's format.
        name: The file's name, for an upload.
        has_classes: Whether relevances are CLASSES, by name or number.

    Raises:
        BadLabels: The file can't be read.
    """
    title = printable(name or path.name)
    problems = Problems()
    judgements = []
    is_csv = title.lower().endswith(CSV_SUFFIXES)
    lines = _csv_lines(path, title) if is_csv else _trec_lines(path, title)
    try:
        for line, fields in lines:
            if fields is None:
                problems.add(message("qrels.line", n=1, name=title, line=line))
                continue
            query, picture, text = fields
            relevance = _relevance(text, has_classes)
            if relevance is None:
                shown = printable(text)[:40]
                not_a_class = message("qrels.not_a_class", n=1, name=title, line=line, text=shown)
                not_a_number = message("qrels.not_a_number", n=1, name=title, line=line, text=shown)
                problems.add(not_a_class if has_classes else not_a_number)
            else:
                judgements.append(Judgement(query, picture, relevance))
    except OSError as error:
        raise BadLabels("file.unreadable", name=title, reason=os_reason(error)) from error
    return Qrels(title, judgements, problems.messages(), has_classes)


def _relevance(text: str, has_classes: bool) -> float | None:
    """Return a relevance; None if it is not one."""
    word = text.strip().lower()
    if has_classes and word in CLASSES:
        return CLASSES[word]
    try:
        number = float(word)
    except ValueError:
        return None
    if has_classes:
        is_class = number < 0 or number in CLASSES.values()
        return (CLASSES["unclear"] if number < 0 else number) if is_class else None
    return number if math.isfinite(number) else None


def _trec_lines(path: Path, name: str) -> Iterator[tuple[int, tuple[str, str, str] | None]]:
    """Yield numbers of lines, from 1, and query, picture and relevance; None where malformed."""
    try:
        with open_text(path) as file:
            for line, text in enumerate(file, start=1):
                # Names of pictures may have spaces, unlike those of queries.
                columns = text.split(maxsplit=2)
                rest = columns[2].rsplit(maxsplit=1) if len(columns) == 3 else []
                if len(rest) == 2:
                    yield line, (columns[0], rest[0], rest[1])
                elif columns:
                    yield line, None
    except UnicodeDecodeError as error:
        raise BadLabels("labels.not_text", name=name) from error


def _csv_lines(path: Path, name: str) -> Iterator[tuple[int, tuple[str, str, str] | None]]:
    """Yield what `_trec_lines` does."""
    columns: _Columns | None = None
    try:
        for line, row in read_rows(path, name):
            if columns is None:
                columns = _header(row)
                if columns is not None:
                    continue
                columns = _Columns(0, 1, 2, 3 if len(row) > 3 else None)
            yield line, _fields([cell.strip() for cell in row], columns)
    except BadLabels as error:
        if error.code != "labels.csv_line":
            raise
        raise BadLabels("qrels.quotes", name=name, line=error.message.params["line"]) from error


def _fields(cells: Sequence[str], columns: _Columns) -> tuple[str, str, str] | None:
    if len(cells) <= max(columns.query, columns.picture, columns.relevance):
        return None
    query, picture = cells[columns.query], cells[columns.picture]
    junk = columns.junk
    mark = cells[junk].lower() if junk is not None and junk < len(cells) else ""
    if not query or not picture or mark not in TRUE | FALSE:
        return None
    return query, picture, "-1" if mark in TRUE else cells[columns.relevance]


def _header(row: Sequence[str]) -> _Columns | None:
    """Return the columns if a row has their names, else None."""
    names = [cell.strip().lower() for cell in row]
    query, picture, relevance, junk = (
        first_column(names, choices) for choices in (QUERIES, PICTURES, RELEVANCES, JUNKS)
    )
    if query is None or picture is None or relevance is None:
        return None
    return _Columns(query, picture, relevance, junk)
