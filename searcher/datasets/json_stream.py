"""Read a large JSON object without holding it in memory: arrays are read entry by entry."""

import json
from collections.abc import Iterator
from typing import Any, TextIO

CHUNK = 2**20  # characters
MAX_ENTRY = 2**26  # characters of one entry of an array
SPACE = " \t\n\r"
ENDS = {*SPACE, *",:]}"}  # what may come after a value
DECODER = json.JSONDecoder()


class BadJson(ValueError):
    """The text is not JSON; `line` is where, counted from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class JsonStream:
    """Reads the object in a text file, once.

    Every method raises BadJson, and UnicodeDecodeError where the file is no text.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._text = ""  # read from the file, and not dropped yet
        self._position = 0  # in `_text`
        self._line = 1  # of the first character of `_text`

    def entries(self) -> Iterator[tuple[str, Any]]:
        """Yield the entries of the object's arrays, each with the array's name.

        Values that are no arrays are skipped.
        """
        self._expect("{")
        if self._next() == "}":
            return
        while True:
            name = self._value()
            if not isinstance(name, str):
                raise self._error()
            self._expect(":")
            if self._next() == "[":
                yield from ((name, entry) for entry in self._array())
            else:
                self._value()
            if self._next() == "}":
                return
            self._expect(",")

    def _array(self) -> Iterator[Any]:
        self._expect("[")
        if self._next() == "]":
            self._expect("]")
            return
        while True:
            yield self._value()
            if self._next() == "]":
                self._expect("]")
                return
            self._expect(",")

    def _value(self) -> Any:
        self._next()
        size = CHUNK
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._position)
            except (ValueError, RecursionError) as error:
                if self._can_continue(size):
                    size *= 2  # decoding begins anew each time
                    continue
                raise self._error(getattr(error, "pos", self._position)) from error
            # A number may be cut off anywhere.
            if self._text[end : end + 1] in ENDS or not self._can_continue(size):
                self._position = end
                return value

    def _can_continue(self, size: int) -> bool:
        """Read more of a value, and return whether there was any; MAX_ENTRY is its limit."""
        return len(self._text) - self._position < MAX_ENTRY and self._fill(size)

    def _expect(self, character: str) -> None:
        if self._next() != character:
            raise self._error()
        self._position += 1

    def _next(self) -> str:
        """Skip white space, and return the next character; "" at the end."""
        while True:
            while self._position < len(self._text):
                if self._text[self._position] not in SPACE:
                    return self._text[self._position]
                self._position += 1
            if not self._fill(CHUNK):
                return ""

    def _fill(self, size: int) -> bool:
        """Read more, and return whether there was any."""
        more = self._file.read(size)
        if more:
            self._line += self._text.count("\n", 0, self._position)
            self._text = self._text[self._position :] + more
            self._position = 0
        return bool(more)

    def _error(self, position: int | None = None) -> BadJson:
        end = self._position if position is None else position
        return BadJson(self._line + self._text.count("\n", 0, end))
