"""All that is due at one host, one visit after the other: sources first, then their pages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from aggregator.ports import SourceState
from aggregator.work.article import visit_page
from aggregator.work.visit import LEASE, Outcome, Parts, visit_source

PAGES_A_ROUND = 20  # after so many pages the host's sources are looked at again

Report = Callable[[Outcome], None]


async def poll_host(parts: Parts, host: str, report: Report, stopping: asyncio.Event) -> None:
    """Visit what is due at *host* until nothing is, or until *stopping* is set.

    Raises whatever the store raises: without it nothing can be planned, so nothing is asked.
    """
    while not stopping.is_set():
        sources = await asyncio.to_thread(parts.store.due_sources, host, parts.clock.now())
        await visit_sources(parts, sources, report, stopping)
        if not await poll_pages(parts, host, report, stopping, rounds=1) and not sources:
            return


async def visit_sources(
    parts: Parts, sources: Sequence[SourceState], report: Report, stopping: asyncio.Event
) -> None:
    """Plan all *sources* of one host, then visit one after the other."""
    await _in_turn(parts, sources, parts.store.plan_sources, visit_source, report, stopping)


async def poll_pages(
    parts: Parts, host: str, report: Report, stopping: asyncio.Event, rounds: int = 1_000_000
) -> int:
    """Visit the due pages of *host*, at most *rounds* times twenty; how many were visited."""
    visited = 0
    for _ in range(rounds):
        now = parts.clock.now()
        tasks = await asyncio.to_thread(parts.store.due_pages, host, now, PAGES_A_ROUND)
        visited += await _in_turn(
            parts, tasks, parts.store.plan_pages, visit_page, report, stopping
        )
        if not tasks or stopping.is_set():
            break
    return visited


class _Due(Protocol):
    @property
    def id(self) -> int: ...


D = TypeVar("D", bound=_Due)


async def _in_turn(
    parts: Parts,
    due: Sequence[D],
    plan: Callable[[Sequence[int], datetime], None],
    visit: Callable[[Parts, D], Awaitable[Outcome]],
    report: Report,
    stopping: asyncio.Event,
) -> int:
    """Plan all that is *due*, then visit it; what is not visited in the end is given back."""
    now = parts.clock.now()
    planned = asyncio.create_task(asyncio.to_thread(plan, [one.id for one in due], now + LEASE))
    visited = 0
    try:
        await asyncio.shield(planned)
        for one in due:
            if stopping.is_set():
                break
            report(await visit(parts, one))
            visited += 1
    finally:
        if visited < len(due):
            await asyncio.wait([planned])  # a cancelled plan is still carried out
            plan([one.id for one in due[visited:]], now)
    return visited
