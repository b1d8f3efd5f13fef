"""Request -> Page or NotModified, or FetchError with a named code: the whole visit to an origin.

Order of a hop: robots.txt (pages only), the host's turn, request, head, body. The deadline counts
the hops alone, not the waiting for turns. docs/fetching.md lists the codes.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from aiohttp.abc import AbstractResolver

from aggregator.config import FetchSettings
from aggregator.errors import FetchError
from aggregator.fetch import body, chain, faults, manners
from aggregator.fetch.address import Address, address
from aggregator.fetch.chain import Hop
from aggregator.fetch.hosts import Hosts
from aggregator.fetch.library import Transport, Wire, httpx
from aggregator.fetch.network import NetworkWatch
from aggregator.fetch.retry import retry_at
from aggregator.fetch.robots import MAX_ROBOTS, Robots
from aggregator.model import NotModified, Page
from aggregator.ports import Clock, Request


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer: the head as it came, the body inflated."""

    status: int
    headers: chain.RawHeaders
    body: bytes
    at: datetime
    sent: tuple[tuple[str, str], ...]


class HttpFetcher:
    """Fetches over HTTP/1.1 with one pool of connections.

    *resolver* answers names instead of the system; *robots_folder* keeps robots.txt over restarts.
    """

    def __init__(
        self,
        settings: FetchSettings,
        clock: Clock,
        *,
        resolver: AbstractResolver | None = None,
        robots_folder: Path | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._hosts = Hosts(settings, clock)
        self._network = NetworkWatch()
        self._large = asyncio.Semaphore(body.LARGE_PLACES)
        self._transport = Transport(
            Wire(
                connections=settings.concurrency + 8,
                connect_timeout=min(settings.idle_timeout, settings.timeout),
                idle_timeout=settings.idle_timeout,
                allowed=settings.allow_private,
                proxy=settings.proxy,
                resolver=resolver,
            )
        )
        agent = settings.user_agent.split("/")[0].split()[0]
        self._robots = Robots(agent, clock, self._get_robots, robots_folder)

    async def fetch(self, request: Request) -> Page | NotModified:
        """The complete answer. Any status that is neither 2xx nor 304 raises FetchError."""
        try:
            start = address(request.url)
            return await self._chain(request, start, self._settings)
        except FetchError as error:
            error.url = error.url or request.url
            raise

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.aclose()

    async def _get_robots(self, at: Address) -> bytes:
        """The robots.txt at *at*; redirects are followed, what is longer is cut off."""
        bounds = replace(self._settings, max_redirects=max(5, self._settings.max_redirects))
        answer = await self._chain(Request(at.url, "data"), at, bounds, robots=True)
        return answer.body if isinstance(answer, Page) else b""

    async def _chain(
        self, request: Request, start: Address, settings: FetchSettings, robots: bool = False
    ) -> Page | NotModified:
        hop = Hop(start, request.method.upper(), request.body)
        left = settings.timeout
        while True:
            if request.accept == "page" and settings.robots:
                await self._ask_robots(hop.at)
            async with self._hosts.turn(hop.at.host, request.accept, hurry=bool(hop.redirects)):
                started = asyncio.get_running_loop().time()
                answer = await self._bounded(request, hop, left, cut=robots)
                left -= asyncio.get_running_loop().time() - started
            following = self._next(hop, answer, settings.max_redirects)
            if following is None:
                return self._result(request, start, hop, answer)
            hop = following

    async def _ask_robots(self, at: Address) -> None:
        delay = await self._robots.check(at)
        if delay:
            self._hosts.crawl_delay(at.host, delay)

    async def _bounded(self, request: Request, hop: Hop, left: float, cut: bool) -> Answer:
        """One hop within the time that is left; every failure is a FetchError."""
        progress = _Progress()
        try:
            async with asyncio.timeout(max(left, 0.001)):
                return await self._exchange(request, hop, progress, cut)
        except faults.EXPECTED as error:
            failure = faults.explain(error, progress.head, self._settings.timeout)
            raise self._judged(hop, failure) from None

    def _judged(self, hop: Hop, error: FetchError) -> FetchError:
        """*error*, or "our network is down" where many hosts in a row could not be reached."""
        if error.code in faults.UNREACHED and self._network.failed(hop.at.host):
            return FetchError(
                "network-down",
                f"no host can be reached any more: the network of this machine seems to be down "
                f"(the last said: {error.message})",
            )
        return error

    async def _exchange(self, request: Request, hop: Hop, progress: _Progress, cut: bool) -> Answer:
        headers = manners.headers(request, hop, self._settings.user_agent)
        question = httpx.Request(
            hop.method,
            hop.at.url,
            headers=[
                (name.encode(), value.encode()) for name, value in headers
            ],  # ETags may be UTF-8
            content=hop.body or None,
        )
        reply = await self._transport.handle_async_request(question)
        at = self._clock.now()
        progress.head = True
        self._network.answered()
        try:
            content = b""
            if cut:
                content = await body.beginning(reply, MAX_ROBOTS)
            elif 200 <= reply.status_code < 300:
                content = await body.read(reply, self._settings, self._large)
            else:
                await body.drain(reply)
        finally:
            await reply.aclose()
        return Answer(reply.status_code, reply.headers.raw, content, at, tuple(headers))

    def _next(self, hop: Hop, answer: Answer, limit: int) -> Hop | None:
        if answer.status in chain.REDIRECTS:
            return chain.redirected(hop, answer.status, answer.headers, limit)
        if answer.status == 200:
            return chain.reloaded(hop, answer.status, answer.headers, answer.body, limit)
        return None

    def _result(
        self, request: Request, start: Address, hop: Hop, answer: Answer
    ) -> Page | NotModified:
        headers = tuple((_text(k).lower(), _text(v)) for k, v in answer.headers)
        back = retry_at(answer.status, _header(headers, "retry-after"), answer.at)
        self._hosts.told(hop.at.host, request.accept, hop.at.url, answer.status, back)
        if answer.status == 304:
            if not (request.etag or request.last_modified):
                raise FetchError(
                    "bad-304", "the host says 'not modified' to a request without conditions",
                    status=304,
                )  # fmt: skip
            return NotModified(start.url, hop.at.url, headers, answer.at, hop.redirects)
        if answer.status == 206:
            raise FetchError("truncated", "the host sent a part of the page unasked", status=206)
        if not 200 <= answer.status < 300:
            raise manners.status_error(answer.status, back)
        sent = tuple((k, v) for k, v in answer.sent if k not in manners.SECRET)
        return Page(
            start.url, hop.at.url, answer.status, headers, answer.body, answer.at,
            hop.redirects, sent,
        )  # fmt: skip


@dataclass(slots=True)
class _Progress:
    """How far an exchange came: ``head`` once the head of the answer is there."""

    head: bool = False


def _header(headers: tuple[tuple[str, str], ...], name: str) -> str:
    return next((value for key, value in headers if key == name), "")


def _text(raw: bytes) -> str:
    """A header as text: UTF-8 where it is, otherwise each byte as a character."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
