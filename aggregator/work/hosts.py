"""All that is due at one host, one visit after the other: sources first, then their pages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aggregator.work.article import visit_page
from aggregator.work.visit import Outcome, Parts, visit_source

PAGES_A_ROUND = 20  # after so many pages the host's sources are looked at again

Report = Callable[[Outcome], None]


async def poll_host(parts: Parts, host: str, report: Report, stopping: asyncio.Event) -> None:
    """Visit what is due at *host* until nothing is, or until *stopping* is set.

    Raises whatever the store raises: without it nothing can be planned, so nothing is asked.
    """
    while not stopping.is_set():
        sources = await asyncio.to_thread(parts.store.due_sources, host, parts.clock.now())
        for state in sources:
            if stopping.is_set():
                return
            report(await visit_source(parts, state))
        if not await poll_pages(parts, host, report, stopping, rounds=1) and not sources:
            return


async def poll_pages(
    parts: Parts, host: str, report: Report, stopping: asyncio.Event, rounds: int = 1_000_000
) -> int:
    """Visit the due pages of *host*, at most *rounds* times twenty; how many were visited."""
    visited = 0
    for _ in range(rounds):
        now = parts.clock.now()
        tasks = await asyncio.to_thread(parts.store.due_pages, host, now, PAGES_A_ROUND)
        for task in tasks:
            if stopping.is_set():
                return visited
            report(await visit_page(parts, task))
            visited += 1
        if not tasks:
            break
    return visited
