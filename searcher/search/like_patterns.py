"""Patterns of filters, in which % means any characters and _ any one, in Milvus' language."""

from collections.abc import Sequence

WILDCARDS = ("%", "_")
SPECIAL = (*WILDCARDS, "\\")
BACKSLASH = "\\\\"  # a literal one in a pattern


def like(field: str, pattern: str) -> str:
    """Return the comparison of a field with a pattern.

    Args:
        field: A field that is a text.
        pattern: The pattern; a backslash precedes literal wildcards and backslashes.
    """
    return _like(field, _pattern_parts(pattern))


def quote(text: str) -> str:
    """Return a text in quotes, as both Milvus and filters read it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _like(field: str, parts: Sequence[str]) -> str:
    """Return the comparison with a pattern, given as wildcards and literal characters.

    Milvus 2.3 knows no escapes, takes `_` for itself, and refuses patterns with `%` elsewhere than
    at the end. So the simple kinds are written without `like`, and others with a second condition,
    which every text meets, but which Milvus 2.3 refuses.
    """
    wildcards = [part for part in parts if part in WILDCARDS]
    if not wildcards:
        return f"{field} == {quote(_literal(parts))}"
    if wildcards == ["%"] and parts[-1] == "%":
        return _starts_with(field, _literal(parts[:-1]))
    pattern = "".join(parts)
    if parts[0] == "%" and BACKSLASH in parts:
        # Milvus Lite finds no backslash after a first % (pyarrow 25), but does after _%.
        return f"({_raw_like(field, '_' + pattern)} or {_like(field, parts[1:])})"
    return _raw_like(field, pattern)


def _raw_like(field: str, pattern: str) -> str:
    return f'({field} like {quote(pattern)} and not {field} like "%\\n%")'


def _pattern_parts(pattern: str) -> list[str]:
    """Split a pattern; a backslash precedes the special ones among its literal characters."""
    parts: list[str] = []
    characters = iter(pattern)
    for character in characters:
        if character == "\\":
            following = next(characters, "")
            literal = following if following in SPECIAL else "\\" + following
            parts += ["\\" + c if c in SPECIAL else c for c in literal]
        elif character != "%" or parts[-1:] != ["%"]:
            parts.append(character)
    return parts


def _literal(parts: Sequence[str]) -> str:
    return "".join(part[-1] for part in parts)


def _starts_with(field: str, prefix: str) -> str:
    """Return the comparison with a beginning, as a range: texts are ordered by code point."""
    if not prefix:
        return f'{field} >= ""'
    end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    return f"({field} >= {quote(prefix)} and {field} < {quote(end)})"
