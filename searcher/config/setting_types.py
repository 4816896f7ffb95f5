"""Types of settings: how each is read from a variable's text."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from annotated_types import Ge, Le
from pydantic import BeforeValidator

from searcher.config.folders import absolute
from searcher.config.store_addresses import milvus_address, redis_address
from searcher.errors import InvalidSetting
from searcher.messages.system import os_reason
from searcher.text_encoding import read_text

Network = IPv4Network | IPv6Network

SHOWN = 80  # characters
HOST_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?", re.IGNORECASE)
# What a Content-Security-Policy takes for the end of its list, or a header for its own end.
FORBIDDEN_IN_HEADERS = re.compile(r"[;\x00-\x1f\x7f]|[^\x00-\x7f]")
# A path as browsers send it; no segment may be a dot or two.
ROOT_PATH = re.compile(r"(/(?!\.{1,2}(/|$))[\w.~!$&'()*+,=:@%-]+)*/?", re.ASCII)
# A proxy that removes the prefix could not be told from one that keeps it.
OWN_FOLDERS = {"assets", "static", "svelte", "gradio_api", "login", "logout", "config"}
OWN_FOLDERS |= {"healthz", "metrics"}
# A name and port as browsers send them in headers.
AUTHORITY = re.compile(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?", re.IGNORECASE)


def folder(text: str) -> Path:
    """Return the path of a folder; it need not exist."""
    try:
        return absolute(text)
    except (OSError, RuntimeError) as error:  # ~NAME of nobody, links in a circle
        raise InvalidSetting("setting.folder", text=shown(text)) from error


def host(text: str) -> str:
    """Return an address to listen on, without the brackets that IPv6 has in URLs."""
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        return str(ip_address(bare))
    except ValueError:
        if bare == text and HOST_NAME.fullmatch(text) and not text.replace(".", "").isdecimal():
            return text
    raise InvalidSetting("setting.host", name="GRADIO_SERVER_NAME", text=shown(text))


def shown(text: str) -> str:
    """Return the beginning of a value without control characters, for a sentence."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:SHOWN])


def words(text: str) -> tuple[str, ...]:
    """Split a text at commas and spaces."""
    return tuple(text.replace(",", " ").split())


def lower_words(text: str) -> tuple[str, ...]:
    """Split names of hosts as `words` does, in lower case, IPv6 addresses without brackets."""
    return tuple(word.strip("[]") for word in words(text.lower()))


def networks(text: str) -> tuple[Network, ...]:
    """Parse addresses and networks, such as 10.0.0.0/8."""
    try:
        return tuple(ip_network(word) for word in words(text))
    except ValueError as error:
        raise InvalidSetting(
            "setting.networks", name="TRUSTED_PROXIES", reason=str(error)
        ) from error


def accounts(text: str) -> tuple[tuple[str, str], ...]:
    """Parse `name:password`, separated by commas, or one per line in @FILE."""
    entries = text.split(",")
    if text.startswith("@"):
        try:
            entries = read_text(folder(text[1:])).splitlines()
        except OSError as error:
            raise InvalidSetting("setting.file", name="AUTH", reason=os_reason(error)) from error
        except UnicodeDecodeError as error:
            raise InvalidSetting("setting.text", name="AUTH") from error
    pairs = [entry.strip().partition(":") for entry in entries if entry.strip()]
    if any(not user or not password for user, _, password in pairs):
        raise InvalidSetting("setting.entry", name="AUTH")
    if not pairs:
        raise InvalidSetting("setting.nobody", name="AUTH")
    return tuple((user, password) for user, _, password in pairs)


def web_address(text: str) -> str:
    """Return an address of the web, which a link of the page leads to."""
    if not text.startswith(("https://", "http://")):
        raise InvalidSetting("setting.address", name="SOURCE_URL", text=text)
    return text


@dataclass(frozen=True)
class Root:
    """Where browsers find the app.

    Attributes:
        path: The path prefix, decoded, such as "/demo"; "" for none.
        scheme: "http" or "https"; "" where requests say what it is.
        host: The name and port, in lower case; "" where requests say what they are.
    """

    path: str = ""
    scheme: str = ""
    host: str = ""


def root(text: str) -> Root:
    """Parse a path such as /demo, or the page's whole address."""
    refusal = InvalidSetting("setting.root", name="ROOT_PATH", text=shown(text))
    try:
        parts = urlsplit(text) if text.startswith(("https://", "http://")) else None
    except ValueError as error:  # half an IPv6 address
        raise refusal from error
    if parts and (not AUTHORITY.fullmatch(parts.netloc) or parts.query or parts.fragment):
        raise refusal
    path = parts.path if parts else text
    folders = unquote(path).strip("/")
    is_plain = folders.isprintable() and not {".", ".."} & set(folders.split("/"))
    if not ROOT_PATH.fullmatch(path) or not is_plain or folders in OWN_FOLDERS:
        raise refusal
    prefix = f"/{folders}" if folders else ""
    return Root(prefix, parts.scheme, parts.netloc.lower()) if parts else Root(prefix)


def origins(text: str) -> tuple[str, ...]:
    """Split a list of origins, which becomes part of a header."""
    if FORBIDDEN_IN_HEADERS.search(text):
        raise InvalidSetting("setting.origins", name="FRAME_ANCESTORS", text=shown(text))
    return words(text)


Folder = Annotated[Path, BeforeValidator(folder)]
Host = Annotated[str, BeforeValidator(host)]
RedisAddress = Annotated[str, BeforeValidator(redis_address)]
MilvusAddress = Annotated[str, BeforeValidator(milvus_address)]
Origins = Annotated[tuple[str, ...], BeforeValidator(origins)]
Words = Annotated[tuple[str, ...], BeforeValidator(words)]
Hosts = Annotated[tuple[str, ...], BeforeValidator(lower_words)]
Networks = Annotated[tuple[Network, ...], BeforeValidator(networks)]
Accounts = Annotated[tuple[tuple[str, str], ...], BeforeValidator(accounts)]
LogLevel = Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(str.lower)]
Port = Annotated[int, Ge(0), Le(65535)]
Megabytes = Annotated[int, Ge(0), Le(10_000_000)]
PublicRoot = Annotated[Root, BeforeValidator(root)]
WebAddress = Annotated[str, BeforeValidator(web_address)]
