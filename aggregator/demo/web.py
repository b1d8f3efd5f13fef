"""A start instant in, the demo's sites on loopback ports out; no content is decided here."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aggregator.config import SourceSpec
from aggregator.demo.answer import Answer, content_at
from aggregator.demo.article import Site
from aggregator.demo.server import SiteServer
from aggregator.demo.sites import SITES
from aggregator.demo.sources import source_specs
from aggregator.demo.world import World, build
from aggregator.errors import ArchiveError


@dataclass(frozen=True, slots=True)
class Beginning:
    """When a demo began and at which ports its sites lie: both must stay as they were when it is
    gone on with, since the addresses of the articles depend on them."""

    at: datetime
    ports: Mapping[str, int] = field(default_factory=dict)


class DemoWeb:
    """The invented party-building web, one port of 127.0.0.1 for each site.

    ``clock_start`` is the instant (aware) at which the story begins, or the Beginning of a demo
    that is gone on with; a site without a noted port gets a free one. ``speed`` of the story's
    seconds pass in one of ``clock``. ``ran`` seconds of it are over when ``start`` is called
    (None: as many as have passed since ``clock_start``).
    """

    def __init__(
        self,
        clock_start: datetime | Beginning,
        speed: float = 1.0,
        *,
        ran: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        begin = clock_start if isinstance(clock_start, Beginning) else Beginning(clock_start)
        if begin.at.tzinfo is None:
            raise ValueError("clock_start must be an aware datetime")
        self.clock_start, self._speed = begin.at, speed
        self._ran, self._clock = ran, clock
        self.ports: dict[str, int] = dict(begin.ports)
        self._began = clock()
        self._servers: list[SiteServer] = []
        self._world: World | None = None

    # ------------------------------------------------------------ running

    async def start(self) -> None:
        """Bind all sites. Raises ArchiveError when a port that was given is taken."""
        try:
            for site in SITES:
                await self._bind(site)
        except BaseException:
            await self.stop()
            raise
        self._world = build(self.clock_start, self.home_urls)
        self._began = self._clock()
        if self._ran is None:
            passed = (datetime.now(UTC) - self.clock_start).total_seconds()
            self._ran = max(0.0, passed) * self._speed

    async def stop(self) -> None:
        """Close all sites."""
        for server in self._servers:
            await server.stop()
        self._servers.clear()

    async def _bind(self, site: Site) -> None:
        server = SiteServer(
            lambda target: self.content_at(site.key, target, self.elapsed()), self.now
        )
        wanted = self.ports.get(site.key, 0)
        try:
            self.ports[site.key] = await server.start(wanted)
        except OSError as error:
            raise ArchiveError(
                f"The demo's site {site.name} lay at port {wanted}, which cannot be used now "
                f"({error.strerror or error}); end the program that uses it, or begin a new demo "
                "in another folder."
            ) from error
        self._servers.append(server)

    # ------------------------------------------------------------ the story

    @property
    def world(self) -> World:
        """The truth behind the sites; there once the ports are known."""
        if self._world is None:
            raise RuntimeError("DemoWeb.start() has not been awaited")
        return self._world

    def elapsed(self) -> float:
        """Seconds of the story that are over."""
        return (self._ran or 0.0) + (self._clock() - self._began) * self._speed

    def now(self) -> datetime:
        """The instant in the story."""
        return (self.clock_start + timedelta(seconds=self.elapsed())).astimezone(UTC)

    def content_at(self, site: str, target: str, t: float) -> Answer:
        """What *site* answers for *target* (path and query) at *t* seconds after the start."""
        return content_at(self.world, site, target, t)

    # ------------------------------------------------------------ what to read

    @property
    def home_urls(self) -> dict[str, str]:
        """The address of each site without a path, by its key."""
        return {site.key: f"http://127.0.0.1:{self.ports[site.key]}" for site in SITES}

    def sources(self) -> list[SourceSpec]:
        """The lists of all sites as sources for the configuration."""
        return source_specs(self.home_urls)
