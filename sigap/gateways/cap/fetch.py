"""Documents of strangers are fetched: small, in time, and never from our own network unless the
city has named the host."""

import ipaddress
import socket
from collections.abc import Collection
from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

MOST_BYTES = 2 * 1024 * 1024
PATIENCE_S = 20.0
MOST_HOPS = 3
CHUNK = 64 * 1024
ACCEPT = "application/cap+xml, application/atom+xml, application/rss+xml, application/xml, text/xml"
OK, NOT_MODIFIED, SERVER_FAULT = 200, 304, 500
REDIRECTS = (301, 302, 303, 307, 308)


class NotFetched(Exception):
    """Nothing came that could be read; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class PrivateAddress(OSError):
    """A name leads into a network that is not the world's."""


@dataclass(frozen=True)
class Fetched:
    """A document, or that it is as it was (`data` None); what to ask with the next time."""

    data: bytes | None
    url: str
    etag: str = ""
    modified: str = ""


class _Outside(AbstractResolver):
    """Finds hosts, and refuses those within unless they are named. What it finds is what is
    connected to, so a name cannot lead elsewhere a moment later."""

    def __init__(self, named: Collection[str]) -> None:
        self._named, self._ask = named, aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a host."""
        found = await self._ask.resolve(host, port, family)
        if host.lower() not in self._named and any(_is_within(one["host"]) for one in found):
            raise PrivateAddress(host)
        return found

    async def close(self) -> None:
        """Nothing is held."""
        await self._ask.close()


class Fetcher:
    """Asks one source: its own host, and those that the city has named for it."""

    def __init__(self, home: str, hosts: Collection[str], *, patience: float = 1.0) -> None:
        self._named = {host.lower() for host in hosts}
        self._allowed = self._named | {urlsplit(home).hostname or ""}
        self._patience = patience
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Fetcher":
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=_Outside(self._named), limit=4),
            timeout=aiohttp.ClientTimeout(total=PATIENCE_S * self._patience),
            headers={"User-Agent": "sigap", "Accept": ACCEPT, "Accept-Encoding": "identity"},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
        )
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._session:
            await self._session.close()

    def may_follow(self, url: str) -> bool:
        """Whether an address is one that this source may lead to."""
        try:
            parts = urlsplit(url)
            return parts.scheme in ("http", "https") and parts.hostname in self._allowed
        except ValueError:
            return False

    async def fetch(self, url: str, etag: str = "", modified: str = "") -> Fetched:
        """A document, unless it is as it was. Raises NotFetched."""
        headers = {"If-None-Match": etag} if etag else {}
        headers |= {"If-Modified-Since": modified} if modified else {}
        for _hop in range(MOST_HOPS + 1):
            found = await self._once(url, headers)
            if isinstance(found, Fetched):
                if found.data is None:  # a server need not say again by what it knows it
                    found = replace(
                        found, etag=found.etag or etag, modified=found.modified or modified
                    )
                return found
            if urlsplit(url).scheme == "https" and urlsplit(found).scheme != "https":
                raise NotFetched("redirect_insecure")
            url = found
        raise NotFetched("redirects")

    async def _once(self, url: str, headers: dict[str, str]) -> Fetched | str:
        """One request: what came, or where it sends us."""
        assert self._session is not None
        if not self.may_follow(url):
            raise NotFetched("other_host")
        host = (urlsplit(url).hostname or "").lower()
        if host not in self._named and _is_within(host):
            raise NotFetched("private_address")
        try:
            async with self._session.get(url, headers=headers, allow_redirects=False) as answer:
                return await _read(answer, url)
        except TimeoutError:
            raise NotFetched("timeout") from None
        except aiohttp.ClientConnectorError as error:
            within = isinstance(error.os_error, PrivateAddress)
            raise NotFetched("private_address" if within else "unreachable") from None
        except (aiohttp.ClientError, OSError, ValueError):
            raise NotFetched("unreachable") from None


async def _read(answer: aiohttp.ClientResponse, url: str) -> Fetched | str:
    tags = answer.headers.get("ETag", "")[:200], answer.headers.get("Last-Modified", "")[:64]
    if answer.status == NOT_MODIFIED:
        return Fetched(None, url, *tags)
    if answer.status in REDIRECTS:
        return urljoin(url, answer.headers.get("Location", ""))
    if answer.status != OK:
        kind = "server_fault" if answer.status >= SERVER_FAULT else "refused"
        raise NotFetched(f"{kind}:{answer.status}")
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise NotFetched("encoded")  # a small file may grow without end
    if (answer.content_length or 0) > MOST_BYTES:
        raise NotFetched("too_large")
    data = bytearray()
    async for chunk in answer.content.iter_chunked(CHUNK):
        data += chunk
        if len(data) > MOST_BYTES:
            raise NotFetched("too_large")
    return Fetched(bytes(data), url, *tags)


def _is_within(host: str) -> bool:
    """Whether it is an address that is not the world's: this machine's, or that of a network
    behind it."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return not address.is_global or address.is_multicast
