"""Download of pictures by URL, within limits and from public servers only."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
from safehttpx import AsyncSecureTransport

from searcher.errors import BadImage, InvalidRequest, NotAllowed, NotFound
from searcher.files import part_of
from searcher.ui.gradio_internals import file_name
from searcher.ui.gradio_internals.patches import downloads_of_call
from searcher.ui.requests.error_handling import raise_refusals

TOTAL_S = 20.0
REDIRECTS = 3
MAX_PER_CALL = 5
MAX_CONCURRENT = 8
CHUNK = 65_536
MEDIA_TYPES = ("image/", "application/octet-stream", "application/zip", "application/x-zip")
# IPv6 networks that embed IPv4 addresses: NAT64 and 6to4.
IPV4_TRANSITION_NETWORKS = (
    ip_network("64:ff9b::/96"),
    ip_network("64:ff9b:1::/48"),
    ip_network("2002::/16"),
)


def is_public(address: str) -> bool:
    """Whether an IP address is publicly routable."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        elif any(ip in network for network in IPV4_TRANSITION_NETWORKS):
            return False
    return ip.is_global and not ip.is_multicast


class Downloads:
    """Downloads pictures for visitors' calls."""

    def __init__(self, allowed: bool, limit_mb: int, charge: Callable[[], None]) -> None:
        """Set the limits.

        Args:
            allowed: Whether URLs are allowed at all.
            limit_mb: The maximum size of one file.
            charge: Counts one download of the current visitor, or raises TooManyCalls.
        """
        self._allowed = allowed
        self._limit_mb = limit_mb
        self._charge = charge
        self._slots = asyncio.Semaphore(MAX_CONCURRENT)

    async def fetch(self, url: str, cache_dir: str) -> str:
        """Download a URL; it is counted before any name lookup or connection.

        Args:
            url: An http or https URL.
            cache_dir: The folder to save in.

        Returns:
            The path of the file.

        Raises:
            toasts.Refusal: If it is not allowed, unreachable, too large or not a picture.
        """
        with raise_refusals():
            if not self._allowed:
                raise NotAllowed("address.not_allowed")
            urls = downloads_of_call.get()
            urls.append(url)
            if len(urls) > MAX_PER_CALL:
                raise InvalidRequest("address.too_many", most=MAX_PER_CALL)
            self._charge()
            try:
                async with asyncio.timeout(TOTAL_S), self._slots, _response(url) as response:
                    return await self._save(response, url, Path(cache_dir))
            except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
                raise _unreachable() from error

    async def _save(self, response: httpx.Response, url: str, cache: Path) -> str:
        limit = self._limit_mb * 2**20
        too_large = BadImage("address.too_large", mb=self._limit_mb)
        media_type = response.headers.get("content-type", MEDIA_TYPES[1]).lower()
        if response.status_code != 200 or "content-encoding" in response.headers:
            raise _unreachable()
        if not media_type.startswith(MEDIA_TYPES):
            raise BadImage("address.no_picture")
        if int(response.headers.get("content-length", 0)) > limit:
            raise too_large
        folder = cache / hashlib.sha256(url.encode()).hexdigest()
        name = Path(unquote(urlsplit(url).path)).name
        path = folder / (file_name(name) or "picture")
        size = 0
        with part_of(path) as part, part.open("wb") as file:
            async for chunk in response.aiter_raw(CHUNK):
                size += len(chunk)
                if size > limit:
                    raise too_large
                file.write(chunk)
        return str(path)


def _unreachable() -> NotFound:
    return NotFound("address.unreachable")


@asynccontextmanager
async def _response(url: str) -> AsyncIterator[httpx.Response]:
    """Request a URL and follow redirects; each host is resolved and checked."""
    for _ in range(REDIRECTS + 1):
        target = httpx.URL(url)
        if target.scheme not in ("http", "https") or not target.host:
            raise ValueError("not an address of the web")
        # Connect to the checked address: a second DNS lookup could return another one.
        transport = AsyncSecureTransport(await _public_address(target.host))
        async with (
            httpx.AsyncClient(transport=transport, timeout=TOTAL_S, trust_env=False) as client,
            client.stream("GET", target, headers={"Accept-Encoding": "identity"}) as response,
        ):
            if not response.has_redirect_location:
                yield response
                return
            url = str(target.join(response.headers["location"]))
    raise ValueError("too many redirects")


async def _public_address(host: str) -> str:
    loop = asyncio.get_running_loop()
    addresses = [str(entry[4][0]) for entry in await loop.getaddrinfo(host, None)]
    if not addresses or not all(is_public(address) for address in addresses):
        raise ValueError("not a public address")
    return addresses[0]
