"""All uses of pymilvus' private interfaces (pymilvus 3.0): the parsing of addresses.

It takes no IPv6 addresses, and reads logins without decoding them.
"""

from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlsplit

from pymilvus.client.connection_manager import ConnectionConfig

_original = ConnectionConfig.from_uri


def use_all_addresses() -> None:
    """Make clients accept IPv6 addresses and encoded passwords."""
    config: Any = ConnectionConfig
    config.from_uri = staticmethod(_from_uri)


def _from_uri(uri: str, **options: Any) -> ConnectionConfig:
    parsed: ConnectionConfig = _original(uri, **options)
    host, _, port = parsed.address.rpartition(":")
    if ":" in host and not uri.startswith("unix:"):
        parsed = replace(parsed, address=f"[{host}]:{port}")
    if not options.get("token") and urlsplit(uri).username:
        parsed = replace(parsed, token=unquote(parsed.token))
    return parsed
