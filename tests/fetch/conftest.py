"""Runs a test's coroutine with a fresh origin and fetcher."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parent))

from fetch_world import SetClock, Use, World
from scripted_origin import serving

from aggregator.config import FetchSettings
from aggregator.fetch.http import HttpFetcher


@pytest.fixture
def clock() -> SetClock:
    """A clock that stands."""
    return SetClock()


@pytest.fixture
def world(clock: SetClock) -> Callable[..., Any]:
    """Runs a coroutine function with a fresh origin and fetcher; keywords are FetchSettings."""

    def run(
        use: Use, *, resolver: Any = None, robots_folder: Path | None = None, **changes: Any
    ) -> Any:
        async def main() -> Any:
            async with serving() as origin:
                given = {"delay": 0.0, "allow_private": (f"127.0.0.1:{origin.port}",)} | changes
                settings = FetchSettings(**given)
                fetcher = HttpFetcher(
                    settings, clock, resolver=resolver, robots_folder=robots_folder
                )
                try:
                    return await use(World(origin, fetcher, clock, settings))
                finally:
                    await fetcher.close()

        return asyncio.run(main())

    return run
