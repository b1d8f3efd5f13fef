"""A fetcher beside a scripted origin, with a clock that stands."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from scripted_origin import Origin

from aggregator.config import FetchSettings
from aggregator.errors import FetchError
from aggregator.fetch.http import HttpFetcher
from aggregator.model import NotModified, Page
from aggregator.ports import Request


@dataclass
class SetClock:
    """A clock that stands until it is set."""

    instant: datetime = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)

    def now(self) -> datetime:
        """The time it was set to."""
        return self.instant


@dataclass
class World:
    """An origin and a fetcher that is allowed to reach it, and nothing else that is private."""

    origin: Origin
    fetcher: HttpFetcher
    clock: SetClock
    settings: FetchSettings = field(default_factory=FetchSettings)

    async def get(self, path: str, accept: Any = "feed", **fields: Any) -> Page:
        """The page at *path* (or URL)."""
        found = await self.ask(path, accept, **fields)
        assert isinstance(found, Page)
        return found

    async def ask(self, path: str, accept: Any = "feed", **fields: Any) -> Page | NotModified:
        """Whatever the fetcher gives for *path* (or URL)."""
        url = self.origin.url + path if path.startswith("/") else path
        return await self.fetcher.fetch(Request(url, accept, **fields))

    async def fail(self, path: str, accept: Any = "feed", **fields: Any) -> FetchError:
        """The error that fetching *path* (or URL) is."""
        with pytest.raises(FetchError) as caught:
            await self.ask(path, accept, **fields)
        return caught.value


Use = Callable[[World], Awaitable[Any]]
