"""Names as they are compared, shown and stored."""

import unicodedata

MAX_NAME = 255


def composed(text: str) -> str:
    """Return a name in the composed form of Unicode (NFC); macOS decomposes names of files."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def folded(text: str) -> str:
    """Return a text as it is compared where upper and lower case are alike."""
    return composed(text.casefold())


def forms(text: str) -> list[str]:
    """Return a text, and how it is where macOS has decomposed it, if that differs."""
    return list(dict.fromkeys([text, unicodedata.normalize("NFD", text)]))


def printable(text: str) -> str:
    """Replace undecodable bytes and control characters, so that any name can be shown and stored.

    Names in an archive may have 65,535 characters; the result has at most MAX_NAME, and is in the
    composed form of Unicode.
    """
    clean = composed(text[: 4 * MAX_NAME].encode("utf-8", "replace").decode("utf-8"))
    return "".join(c if c.isprintable() else "�" for c in clean[:MAX_NAME])
