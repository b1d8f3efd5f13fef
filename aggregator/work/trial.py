"""Configured sources -> what one visit to each gives now; nothing is stored and nothing planned."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.config import SourceSpec
from aggregator.errors import VisitError
from aggregator.model import Listing, NotModified, Sighting
from aggregator.ports import Request
from aggregator.read import read
from aggregator.read.paging import page_body
from aggregator.work.discover import Looking

_ACCEPT = {"feed": "feed", "data": "data", "sitemap": "data"}


@dataclass(frozen=True, slots=True)
class Trial:
    """What one visit to a source gave; ``code`` is "ok" or that of the failure in ``error``."""

    key: str
    url: str
    code: str
    items: int = 0
    dated: int = 0
    newest: datetime | None = None
    sample: str = ""
    error: str = ""
    warnings: tuple[str, ...] = ()


async def try_sources(
    parts: Looking, specs: Sequence[SourceSpec], report: Callable[[Trial], None], concurrency: int
) -> None:
    """Visit each of *specs* once; *report* gets the trials as they are ready."""
    gate = asyncio.Semaphore(concurrency)

    async def one(spec: SourceSpec) -> None:
        async with gate:
            report(await try_source(parts, spec))

    await asyncio.gather(*(one(spec) for spec in specs))


async def try_source(parts: Looking, spec: SourceSpec) -> Trial:
    """Fetch and read one source. Expected failures are the result, not errors."""
    try:
        listing = await _listing(parts, spec)
    except VisitError as error:
        return Trial(spec.key, spec.options.url, error.code, error=error.message)
    items = listing.sightings
    if not items:
        said = " ".join(listing.warnings) or "there is nothing in it"
        return Trial(spec.key, spec.options.url, "empty-list", error=said)
    return Trial(
        spec.key, spec.options.url, "ok",
        items=len(items),
        dated=sum(_instant(item) is not None for item in items),
        newest=max(filter(None, map(_instant, items)), default=None),
        sample=items[0].title or items[0].url,
        warnings=listing.warnings,
    )  # fmt: skip


async def _listing(parts: Looking, spec: SourceSpec) -> Listing:
    """The listing of a source; one that only names its data file or newest sitemap leads there."""
    listing = await _visit(parts, spec)
    if not listing.sightings and listing.next_page and spec.options.kind in ("data", "sitemap"):
        there = replace(spec.options, url=listing.next_page, method="GET", body="")
        return await _visit(parts, replace(spec, options=there))
    return listing


async def _visit(parts: Looking, spec: SourceSpec) -> Listing:
    options = spec.options
    request = Request(
        options.url,
        _ACCEPT.get(options.kind, "page"),  # type: ignore[arg-type]  # one of its literals
        method=options.method,
        body=page_body(options, 1),
        headers=options.headers,
    )
    answer = await parts.fetcher.fetch(request)
    if isinstance(answer, NotModified):
        raise VisitError("bad-304", "the answer is 304 to an unconditional request")
    return await parts.workers.run(read, answer, options)


def _instant(item: Sighting) -> datetime | None:
    moment = item.published or item.updated
    return moment.instant if moment else None
