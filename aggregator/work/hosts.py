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
        now = parts.clock.now()
        sources = await asyncio.to_thread(parts.store.due_sources, host, now)
        pages = await asyncio.to_thread(parts.store.due_pages, host, now, PAGES_A_ROUND)
        if not sources and not pages:
            return
        for state in sources:
            if stopping.is_set():
                return
            report(await visit_source(parts, state))
        for task in pages:
            if stopping.is_set():
                return
            report(await visit_page(parts, task))
