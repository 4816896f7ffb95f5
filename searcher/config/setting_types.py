"""Types of settings: how each is read from a variable's text."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Le
from pydantic import BeforeValidator

from searcher.config.folders import absolute
from searcher.errors import InvalidSetting

Network = IPv4Network | IPv6Network


def words(text: str) -> tuple[str, ...]:
    """Split a text at commas and spaces."""
    return tuple(text.replace(",", " ").split())


def lower_words(text: str) -> tuple[str, ...]:
    """Split a text as `words` does, in lower case."""
    return words(text.lower())


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
            entries = absolute(text[1:]).read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidSetting("setting.file", name="AUTH", reason=str(error)) from error
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


Folder = Annotated[Path, BeforeValidator(absolute)]
Words = Annotated[tuple[str, ...], BeforeValidator(words)]
Hosts = Annotated[tuple[str, ...], BeforeValidator(lower_words)]
Networks = Annotated[tuple[Network, ...], BeforeValidator(networks)]
Accounts = Annotated[tuple[tuple[str, str], ...], BeforeValidator(accounts)]
LogLevel = Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(str.lower)]
Port = Annotated[int, Ge(0), Le(65535)]
Megabytes = Annotated[int, Ge(0), Le(10_000_000)]
WebAddress = Annotated[str, BeforeValidator(web_address)]
