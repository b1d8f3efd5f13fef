"""Bounds and an allow-list -> the HTTP transport: the one place that names the HTTP libraries.

httpx's API on aiohttp's connections: httpx's own pool looks at every connection for every request
(benchmarks/http_clients.py). To move to httpx2, change the two imports marked below together.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import httpx  # httpx2: import httpx2 as httpx
from aiohttp.abc import AbstractResolver
from httpx_aiohttp import AiohttpTransport  # httpx2: from httpx_aiohttp.httpx2 import …
from yarl import URL

from aggregator.fetch.guard import CONNECTING, SystemResolver, check_named, guarded_sockets

__all__ = ["RawBody", "Transport", "Wire", "httpx"]

MAX_FIELD = 16_384  # bytes of one header line
MAX_FIELDS = 128
KEEP_ALIVE = 5.0  # seconds; longer than the usual delay between two requests to a host
DNS_MEMORY = 60  # seconds


@dataclass(frozen=True, slots=True)
class Wire:
    """What the transport needs to know. Times are seconds."""

    connections: int
    connect_timeout: float
    idle_timeout: float
    allowed: tuple[str, ...] = ()
    proxy: str = ""
    resolver: AbstractResolver | None = None


class RawBody(httpx.AsyncByteStream):
    """The body of an answer as it comes over the wire, piece by piece."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        piece = await self._answer.content.readany()
        if not piece:
            raise StopAsyncIteration
        return piece

    async def aclose(self) -> None:
        """Give the connection back, or close it when the body was not read to its end."""
        self._answer.release()


class Transport(AiohttpTransport):
    """httpx-aiohttp's transport with guarded sockets, bounded heads, no cookies, exact URLs.

    Raises aiohttp's own exceptions (see faults.py): they tell more than their httpx translation.
    """

    def __init__(self, wire: Wire) -> None:
        proxy = httpx.Proxy(wire.proxy) if wire.proxy else None
        super().__init__(proxy=proxy)  # SSL_CERT_FILE is heeded, proxy variables are not
        allowed = wire.allowed
        if proxy is not None:  # the operator named it: it may stand in the private network
            allowed = (*allowed, f"{proxy.url.host}:{proxy.url.port or 80}")
        self._allowed = allowed
        self._wire = wire
        self._times = aiohttp.ClientTimeout(
            connect=wire.connect_timeout,
            sock_connect=wire.connect_timeout,
            sock_read=wire.idle_timeout,
        )

    def get_client(self) -> aiohttp.ClientSession:
        """The one session; made inside the running loop, at the first request."""
        if not isinstance(self.client, aiohttp.ClientSession):
            self.client = self._session()
        return self.client

    def _session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=self._wire.connections,
            ssl=self.ssl_context,
            keepalive_timeout=KEEP_ALIVE,
            resolver=self._wire.resolver or SystemResolver(),
            ttl_dns_cache=DNS_MEMORY,
            socket_factory=guarded_sockets(self._allowed),
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            max_line_size=MAX_FIELD,
            max_field_size=MAX_FIELD,
            max_headers=MAX_FIELDS,
            timeout=self._times,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One request and the head of its answer; the body streams as it came over the wire."""
        host = request.url.raw_host.decode("ascii")
        CONNECTING.set(host if self.proxy is None else self.proxy.url.host)
        if self.proxy is not None:
            usual = 443 if request.url.scheme == "https" else 80
            check_named(host, request.url.port or usual, self._wire.allowed)
        answer = await self.get_client().request(
            method=request.method,
            # yarl would decode %2F and the like in a query; the URL goes out as it was given.
            url=URL(str(request.url), encoded=True),
            headers=request.headers,
            data=request.content or None,
            allow_redirects=False,
            skip_auto_headers=("Content-Type", "Accept", "User-Agent"),
            proxy=str(self.proxy.url) if self.proxy else None,
        )
        return httpx.Response(
            status_code=answer.status,
            headers=answer.raw_headers,
            stream=RawBody(answer),
            request=request,
        )
