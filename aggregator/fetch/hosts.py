"""A host -> its turn: how many requests at once, how far apart, and none while it asks for rest.

A slow host holds only its own places: the global place is taken last, when the request may go.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from aggregator.config import FetchSettings
from aggregator.errors import FetchError
from aggregator.ports import Clock

LONGEST_DELAY = 60.0  # seconds between two requests to a host, whatever it asks for
LONGEST_ECHO = 10.0  # seconds; a host that takes long to answer is left alone that long, at most
KEPT_HOSTS = 20_000
# Addresses in a row that must be told to wait until all of the host is believed to be meant: pages
# come by dozens and are alike; each feed has its own schedule and is held back by that already.
STRIKES = {"page": 1, "feed": 4, "data": 4}
BUSY = (429, 503)


@dataclass(slots=True)
class Host:
    """What is remembered of one host (monotonic seconds of the loop, or instants)."""

    places: asyncio.Semaphore
    next_at: float = 0.0
    crawl_delay: float = 0.0
    slowed: int = 0  # each doubles the delay; one good answer ends it
    closed: dict[str, datetime] = field(default_factory=dict)  # kind -> until
    busy: dict[str, dict[str, datetime]] = field(default_factory=dict)  # kind -> address -> until


class Hosts:
    """Turns at all hosts. *settings* gives concurrency, per_host and delay (seconds)."""

    def __init__(self, settings: FetchSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._hosts: dict[str, Host] = {}
        self._all = asyncio.Semaphore(settings.concurrency)

    @asynccontextmanager
    async def turn(self, name: str, kind: str, hurry: bool = False) -> AsyncIterator[None]:
        """Wait until a request to host *name* may go; the block is the request.

        *hurry*: a redirect within the host, which does not wait for the delay.
        Raises FetchError "host-paused" while the host asks for rest.
        """
        host = self._host(name)
        self._check_open(host, name, kind)
        async with host.places:
            if not hurry:
                await self._wait(host)
            async with self._all:
                self._check_open(host, name, kind)  # another request may have learnt it meanwhile
                started = asyncio.get_running_loop().time()
                try:
                    yield
                finally:
                    self._rest(host, started)

    def crawl_delay(self, name: str, seconds: float) -> None:
        """Keep requests to *name* this far apart (Crawl-delay of its robots.txt)."""
        self._host(name).crawl_delay = min(max(seconds, 0.0), LONGEST_DELAY)

    def told(self, name: str, kind: str, url: str, status: int, retry_at: datetime | None) -> None:
        """Learn from an answer: 429 and 503 slow the host, and close it when they are general."""
        host = self._host(name)
        if status not in BUSY:
            host.slowed = 0
            host.busy.pop(kind, None)
            return
        host.slowed = min(host.slowed + 1, 6)
        host.next_at = max(host.next_at, asyncio.get_running_loop().time() + self._delay(host))
        if retry_at is None:
            return
        waiting = host.busy.setdefault(kind, {})
        waiting[url] = retry_at
        if len(waiting) >= STRIKES[kind]:
            host.closed[kind] = min(waiting.values())
            host.busy.pop(kind)

    def _host(self, name: str) -> Host:
        host = self._hosts.get(name)
        if host is None:
            if len(self._hosts) >= KEPT_HOSTS:
                self._forget()
            host = self._hosts[name] = Host(asyncio.Semaphore(self._settings.per_host))
        return host

    def _forget(self) -> None:
        """Drop the hosts nobody is at and nothing is known of."""
        now = asyncio.get_running_loop().time()
        self._hosts = {
            name: host
            for name, host in self._hosts.items()
            if host.places.locked() or host.next_at > now or host.closed or host.busy
        }

    def _check_open(self, host: Host, name: str, kind: str) -> None:
        until = host.closed.get(kind)
        if until is None:
            return
        if until <= self._clock.now():
            del host.closed[kind]
            return
        raise FetchError(
            "host-paused", f"{name} asked to be left alone until {until:%Y-%m-%d %H:%M} UTC",
            retry_at=until,
        )  # fmt: skip

    def _delay(self, host: Host) -> float:
        base = self._settings.delay * float(1 << host.slowed)
        return max(min(base, LONGEST_DELAY), host.crawl_delay)

    async def _wait(self, host: Host) -> None:
        now = asyncio.get_running_loop().time()
        start = max(now, host.next_at)
        host.next_at = start + self._delay(host)  # the next of several places keeps the distance
        if start > now:
            await asyncio.sleep(start - now)

    def _rest(self, host: Host, started: float) -> None:
        now = asyncio.get_running_loop().time()
        delay = self._delay(host)
        if delay:
            delay = max(delay, min(now - started, LONGEST_ECHO))
        host.next_at = max(host.next_at, now + delay)
