"""Variables of proxies and certificates: checked, and this machine exempted.

httpx reads them whenever a client is made, even while Gradio is imported, and fails on those that
it can't use. gRPC, which connects to Milvus, takes other exceptions than httpx does.
"""

import os
import re
import ssl
from collections.abc import Iterator, Mapping, MutableMapping
from importlib.util import find_spec
from ipaddress import ip_network

from searcher.config.store_addresses import network_fault
from searcher.errors import InvalidSetting
from searcher.messages.message import Message, message
from searcher.messages.system import os_reason

NAMES = ("http_proxy", "https_proxy", "all_proxy")
SCHEMES = ("http", "https", "socks5", "socks5h")
SOCKS_PACKAGE = "socksio"  # of httpx
LOOPBACK = ("localhost", "127.0.0.1", "::1")
HOST = re.compile(r"[\x21-\x7e]+")


def prepare_proxies(env: MutableMapping[str, str] = os.environ, host: str = "") -> None:
    """Check the proxies, and exempt this machine and the address that the page is served on.

    A proxy can't reach them, but gRPC (to the private Milvus) and Gradio's start-up check would
    use it.

    Args:
        env: The environment, which is changed.
        host: The address that the page is served on.

    Raises:
        InvalidSetting: A proxy can't be used.
    """
    for name in (*NAMES, *map(str.upper, NAMES)):
        if text := env.get(name, "").strip():
            env[name] = _usable(name, text)
    exceptions = env.get("no_proxy") or env.get("NO_PROXY") or ""
    hosts = [*_hosts(exceptions), *LOOPBACK, *filter(None, [host])]
    # gRPC prefers its own variable, and understands networks.
    env.setdefault("no_grpc_proxy", ",".join(dict.fromkeys(hosts)))
    hosts = [host for host in hosts if _is_known_to_httpx(host)]
    env["no_proxy"] = env["NO_PROXY"] = ",".join(dict.fromkeys(hosts))


def check_certificates(env: Mapping[str, str] = os.environ) -> None:
    """Raise InvalidSetting for a file of certificates on which httpx would fail in Gradio."""
    if path := env.get("SSL_CERT_FILE"):
        try:
            ssl.create_default_context(cafile=path)
        except OSError as error:
            reason = os_reason(error)
            raise InvalidSetting("setting.file", name="SSL_CERT_FILE", reason=reason) from error


def _usable(name: str, text: str) -> str:
    """Return the address of a proxy as httpx takes it."""
    scheme, mark, rest = text.partition("://")
    if not mark:
        scheme, rest = "http", text
    # Gnome's settings call SOCKS 5 so.
    scheme = "socks5" if scheme.lower() == "socks" else scheme.lower()
    address = f"{scheme}://{rest}"
    if scheme not in SCHEMES or any(not c.isprintable() or c.isspace() for c in address):
        raise _refusal(name, message("address.scheme", schemes="http://, https://, socks5://"))
    if fault := network_fault(address):
        raise _refusal(name, fault)
    if scheme.startswith("socks") and find_spec(SOCKS_PACKAGE) is None:
        raise InvalidSetting("setting.socks", name=name, package=SOCKS_PACKAGE)
    return address


def _refusal(name: str, reason: Message) -> InvalidSetting:
    return InvalidSetting("setting.proxy", name=name, reason=reason)


def _hosts(text: str) -> Iterator[str]:
    """Yield the exceptions from proxies, IPv6 addresses without brackets."""
    for word in re.split(r"[\s,;]+", text):
        inside = re.fullmatch(r"\[([^]]*)\](:\d+|/\d+)?", word)
        if inside:
            network = (inside[2] or "") if (inside[2] or "").startswith("/") else ""
            yield inside[1] + network
        elif word:
            yield word


def _is_known_to_httpx(host: str) -> bool:
    """Whether httpx can parse an exception; it fails on networks of IPv6, and knows none."""
    if ":" not in host:
        return HOST.fullmatch(host) is not None
    if "://" in host:
        return network_fault(host) is None
    try:
        return ip_network(host.partition("%")[0]).num_addresses == 1
    except ValueError:
        name, _, port = host.partition(":")
        return bool(HOST.fullmatch(name)) and port.isdecimal()
