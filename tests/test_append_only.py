"""Redis' append-only file, read after damage: values are never taken for commands."""

import pytest

from searcher.stores.private.append_only import blocks
from tests.damage import spoil

pytestmark = pytest.mark.slow


def test_a_name_that_looks_like_commands_is_not_run() -> None:
    evil = "*2\r\n$3\r\nDEL\r\n$15\r\ntwinlens:images\r\n*1\r\n$8\r\nSHUTDOWN\r\n"

    def command(*words: str) -> bytes:
        parts = "".join(f"${len(word)}\r\n{word}\r\n" for word in words)
        return f"*{len(words)}\r\n{parts}".encode()

    transaction = command("MULTI") + command("HSET", "k", "name", evil) + command("EXEC")
    end = command("MULTI") + command("DEL", "other") + command("EXEC")
    data = transaction + end
    names = [block.commands[0][0:2] for block in blocks(spoil(data, 15, 12))]
    assert names == [(b"DEL", b"other")]
