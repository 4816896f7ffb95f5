"""Labels from a CSV file with a path and a label on each line."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from searcher.errors import BadLabels
from searcher.text_encoding import open_text

DELIMITERS = ",;\t"  # spreadsheets write semicolons where the comma is the decimal sign
PATHS = {"path", "file", "filename", "file_name", "image", "image_path", "picture", "name"}
LABELS = {"label", "labels", "class", "category"}
SEPARATOR = "|"  # of several labels in one cell
BLOCK = 2**16  # characters that decide on the delimiter


def read_csv(path: Path, name: str) -> dict[str, str]:
    """Return labels by path, as the file spells it; lines without a label are left out.

    A first line of names (`path,label`, or more columns in any order) is optional; without one
    each line has a path and a label.

    Args:
        path: The file, in UTF-8, or what its byte order mark says.
        name: What errors call it.

    Raises:
        BadLabels: A line is malformed, or gives a picture a second label.
        OSError: It can't be read.
    """
    labels: dict[str, str] = {}
    for line, picture, label in _labelled(path, name):
        if labels.setdefault(picture, label) != label:
            raise BadLabels("labels.csv_conflict", name=name, line=line)
    return labels


def read_several(path: Path, name: str) -> dict[str, tuple[str, ...]]:
    """Return all labels by path: of several lines, and those that SEPARATOR separates in one."""
    labels: dict[str, dict[str, None]] = {}
    for _, picture, text in _labelled(path, name):
        parts = (part.strip() for part in text.split(SEPARATOR))
        labels.setdefault(picture, {}).update(dict.fromkeys(part for part in parts if part))
    return {picture: tuple(found) for picture, found in labels.items() if found}


def _labelled(path: Path, name: str) -> Iterator[tuple[int, str, str]]:
    """Yield the number, path and label of each line that has a label."""
    columns: tuple[int, int] | None = None
    for line, row in read_rows(path, name):
        if columns is None:
            columns = _header(row)
            if columns is not None:
                continue
            columns = 0, 1
            if len(row) != 2:
                raise BadLabels("labels.csv_line", name=name, line=line)
        if len(row) <= max(columns):
            raise BadLabels("labels.csv_line", name=name, line=line)
        picture, label = (row[column].strip() for column in columns)
        if label and not picture:
            raise BadLabels("labels.csv_line", name=name, line=line)
        if label:
            yield line, picture, label


def read_rows(path: Path, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not empty, each with its line, counted from 1.

    Raises:
        BadLabels: It is not UTF-8, or its quotes do not match.
        OSError: It can't be read.
    """
    line = 1
    try:
        with open_text(path, newline="") as file:
            delimiter = delimiter_of(file.read(BLOCK))
            file.seek(0)
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            for row in reader:
                if any(cell.strip() for cell in row):
                    yield line, row
                line = reader.line_num + 1
    except csv.Error as error:
        raise BadLabels("labels.csv_line", name=name, line=line) from error
    except UnicodeDecodeError as error:
        raise BadLabels("labels.not_text", name=name) from error


def delimiter_of(text: str) -> str:
    """Return the delimiter that splits the first line."""
    first = next((line for line in io.StringIO(text, newline=None) if line.strip()), "")
    return next((d for d in DELIMITERS if len(_split(first, d)) > 1), DELIMITERS[0])


def _split(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def _header(row: Sequence[str]) -> tuple[int, int] | None:
    """Return the columns of path and label if a row has their names, else None."""
    names = [cell.strip().lower() for cell in row]
    path, label = first_column(names, PATHS), first_column(names, LABELS)
    return None if path is None or label is None else (path, label)


def first_column(names: Iterable[str], choices: set[str]) -> int | None:
    """Return the first column with one of some names, None if there is none."""
    return next((i for i, name in enumerate(names) if name in choices), None)
