"""Files that say which picture each row of vectors is of: a line for each."""

import csv
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

from searcher.datasets.csv_labels import PATHS, delimiter_of
from searcher.datasets.vector_arrays import read_keys
from searcher.datasets.vector_rows import Rows, VectorTable
from searcher.errors import BadVectors
from searcher.messages.system import os_reason
from searcher.text_encoding import open_text

IDS = {"id", "ids", "picture_id"}  # names of columns
TABLES = (".csv", ".tsv")
BLOCK = 2**16  # characters that decide on the delimiter


def keyed_batches(table: VectorTable, path: Path | None, name: str = "") -> Iterator[Rows]:
    """Yield the rows of a table with their keys.

    Args:
        table: The vectors.
        path: A file with a line for each row: a text, CSV, or an array of numpy; None where the
            table has keys itself.
        name: The name of the file, for an upload.

    Raises:
        BadVectors: A file is damaged, or both differ in their numbers of rows.
    """
    if path is None:
        yield from table.batches()
        return
    title = name or path.name
    keys = _read(path, title)
    count = 0
    for rows in table.batches():
        part = list(itertools.islice(keys, len(rows.vectors)))
        count = rows.first - 1 + len(part)
        if len(part) < len(rows.vectors):
            lacking = sum(len(r.vectors) for r in table.batches())
            raise _differ(table, title, lacking, count)
        yield Rows(rows.first, rows.vectors, part, rows.faults)
    rest = [number for number, key in enumerate(keys, 1) if key]  # empty lines may end a file
    if rest:
        raise _differ(table, title, count, count + rest[-1])


def _differ(table: VectorTable, file: str, rows: int, count: int) -> BadVectors:
    return BadVectors("vectors.count", name=table.name, rows=rows, file=file, count=count)


def _read(path: Path, name: str) -> Iterator[str]:
    try:
        if path.suffix.lower() == ".npy":
            with path.open("rb") as binary:
                yield from read_keys(binary, name)
        else:
            yield from _lines(path)
    except OSError as error:
        raise BadVectors("file.unreadable", name=name, reason=os_reason(error)) from error
    except UnicodeDecodeError as error:
        raise BadVectors("labels.not_text", name=name) from error
    except csv.Error as error:
        raise BadVectors("vectors.keys", name=name) from error


def _lines(path: Path) -> Iterator[str]:
    with open_text(path, newline="") as file:
        rows: Iterator[list[str]]
        if path.suffix.lower() in TABLES:
            is_tsv = path.suffix.lower() == ".tsv"
            delimiter = "\t" if is_tsv else delimiter_of(file.read(BLOCK))
            file.seek(0)
            rows = csv.reader(file, delimiter=delimiter, strict=True)
        else:
            rows = ([line] for line in file)
        first = next(rows, None)
        if first is None:
            return
        column = _column(first)
        if column is None:
            rows, column = itertools.chain([first], rows), 0
        for row in rows:
            yield row[column].strip() if column < len(row) else ""


def _column(row: Sequence[str]) -> int | None:
    """Return the column of keys if a row has names of columns, else None."""
    names = [cell.strip().lower() for cell in row]
    name = next((n for n in names if n in IDS), next((n for n in names if n in PATHS), None))
    return None if name is None else names.index(name)
