"""Addresses of Redis and Milvus servers: checked before anything connects to them.

The clients of both accept much that they can't use, or fail with errors that name no variable.
"""

import re
from urllib.parse import SplitResult, urlsplit

from searcher.errors import InvalidSetting
from searcher.messages.message import Message, message

QUOTES = "\"'`“”‘’"
SCHEMES = {
    "REDIS_URL": ("redis://", "rediss://", "unix://"),
    "MILVUS_URI": ("http://", "https://", "tcp://", "unix:"),
}
SERVERS = {"REDIS_URL": "Redis", "MILVUS_URI": "Milvus"}
EXAMPLES = {"REDIS_URL": "redis://HOST:6379/0", "MILVUS_URI": "http://HOST:19530"}
BARE_IPV6 = re.compile(r"[0-9a-f.]*(:[0-9a-f.]*){2,}", re.IGNORECASE)


def redis_address(text: str) -> str:
    """Return the address of a Redis server, its scheme in lower case.

    Args:
        text: The value of REDIS_URL.

    Raises:
        InvalidSetting: It is no such address.
    """
    return _checked("REDIS_URL", text)


def milvus_address(text: str) -> str:
    """Return the address of a Milvus server, its scheme in lower case.

    Args:
        text: The value of MILVUS_URI.

    Raises:
        InvalidSetting: It is no such address.
    """
    return _checked("MILVUS_URI", text)


def network_fault(text: str) -> Message | None:
    """Return why an address with a scheme names no host and port, None if it does."""
    try:
        parts = urlsplit(text)
        inner = parts.path + parts.query + parts.fragment
        if "@" in inner or parts.fragment:
            return message("address.encode")
        host = parts.netloc.rpartition("@")[2]
        if BARE_IPV6.fullmatch(host):
            return message("address.brackets")
        port, name = _port(parts, host), parts.hostname
    except ValueError:  # brackets that do not match
        return message("address.encode" if "@" in text else "address.brackets")
    if not port:
        return message("address.port")
    return None if _is_host(name or "") else message("address.no_host")


def _port(parts: SplitResult, host: str) -> bool:
    """Whether the port is missing, or a number from 1 to 65535."""
    try:
        return parts.port != 0 and not host.endswith(":")
    except ValueError:
        return False


def _is_host(name: str) -> bool:
    try:
        return bool(name and name.encode("idna"))
    except UnicodeError:  # an empty or overlong part between dots
        return False


def _checked(name: str, text: str) -> str:
    fault = _fault(name, text)
    if fault is not None:
        raise InvalidSetting(
            "setting.store", name=name, store=SERVERS[name], reason=fault, example=EXAMPLES[name]
        )
    scheme, colon, rest = text.partition(":")
    return scheme.lower() + colon + rest


def _fault(name: str, text: str) -> Message | None:
    if text[0] in QUOTES or text[-1] in QUOTES:
        return message("address.quotes")
    if any(not character.isprintable() for character in text):
        return message("address.space")
    scheme = next((s for s in SCHEMES[name] if text.lower().startswith(s)), None)
    if scheme is None:
        if name == "MILVUS_URI" and _is_path(text):
            return message("address.lite")
        return message("address.scheme", schemes=", ".join(s for s in SCHEMES[name] if "//" in s))
    if scheme.startswith("unix"):
        path = text.removeprefix(scheme).strip("/")
        if name == "REDIS_URL" and "#" in path:  # its client decodes the path
            return message("address.encode")
        return None if path else message("address.no_host")
    if " " in text:
        return message("address.space")
    if fault := network_fault(text):
        return fault
    database = urlsplit(text).path.strip("/")
    if name == "REDIS_URL" and database and not database.isdecimal():
        return message("address.database")
    return None


def _is_path(text: str) -> bool:
    """Whether a text is a path, as Milvus Lite takes it, rather than an address without scheme."""
    is_file = text.lower().startswith("file:") or text.lower().endswith(".db")
    return is_file or text.startswith((".", "/", "~")) or "\\" in text
