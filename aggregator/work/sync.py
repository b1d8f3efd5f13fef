"""One round through given sources, due or not, then through all pages that are due."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from aggregator.ports import SourceState
from aggregator.work.hosts import Report, poll_pages, visit_sources
from aggregator.work.visit import Parts


async def sync_once(
    parts: Parts,
    states: Sequence[SourceState],
    report: Report,
    stopping: asyncio.Event,
    concurrency: int,
) -> None:
    """Visit *states* and then every due page; *stopping* ends it after the running visits."""
    gate = asyncio.Semaphore(concurrency)
    by_host: dict[str, list[SourceState]] = defaultdict(list)
    for state in states:
        by_host[state.host].append(state)

    async def sources(host: str) -> None:
        async with gate:
            await visit_sources(parts, by_host[host], report, stopping)

    async def pages(host: str) -> int:
        async with gate:
            return await poll_pages(parts, host, report, stopping)

    await asyncio.gather(*(sources(host) for host in by_host))
    while not stopping.is_set():
        hosts = await asyncio.to_thread(parts.store.due_hosts, parts.clock.now())
        visited = await asyncio.gather(*(pages(host) for host in hosts))
        if not sum(visited):
            return
