"""One visit to a source, from request to transaction: the whole order is here, top to bottom.

Expected failures end as values in the SourceVisit; what is not expected is logged by the caller
and costs this visit only. Nothing is decided before the bytes are kept.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Literal

from aggregator import pace
from aggregator.config import ScheduleSettings, SourceOptions
from aggregator.errors import ArchiveError, Failure, ReadError, VisitError
from aggregator.model import Capture, Listing, NotModified, PaceHints, Page, Snapshot
from aggregator.ports import (
    Clock,
    Counts,
    Fetcher,
    KeyedSighting,
    Request,
    SourceState,
    SourceVisit,
    Store,
    Vault,
    Workers,
)
from aggregator.work.tasks import Keyed, ReadListing, capture_entries, is_full, read_listing

if TYPE_CHECKING:
    from aggregator.extract.rules import SiteRule

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)  # a visit that dies is taken up again after this time
MAX_HOPS = 2  # from a page that only names where its list is (data file, newest sitemap)
_ACCEPT: dict[str, Literal["feed", "page", "data"]] = {"feed": "feed", "data": "data"}
# Faults that are not the source's: its failures are not counted, and it is asked again soon.
UNCHARGED = {"network-down", "host-paused"}
SOON = 120.0  # seconds


@dataclass(frozen=True, slots=True)
class Parts:
    """The effects a visit works with. ``luck`` draws a number in [0, 1) for jitter.

    ``rules`` are site rules of the operator's own, by name.
    """

    store: Store
    fetcher: Fetcher
    vault: Vault
    workers: Workers
    clock: Clock
    schedule: ScheduleSettings
    luck: Callable[[], float]
    rules: Mapping[str, SiteRule] | None = None

    def rules_for(self, options: SourceOptions, url: str) -> str | SiteRule:
        """The rules for an article of a source: a name, or the operator's own rule."""
        if not self.rules:
            return options.rules
        from aggregator.extract.rules import find

        return find(options.rules, url, self.rules) or options.rules


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a visit came to, for people and progress bars."""

    source: str  # key
    url: str
    kind: str  # source, page
    outcome: str
    counts: Counts = Counts()  # noqa: RUF009  frozen
    failure: Failure | None = None
    items: int = 0


def internal(error: Exception) -> Failure:
    """A fault of this program as a failure: it costs one visit, and the log has the rest."""
    name = type(error).__name__
    return Failure("internal", f"a fault of this program ({name}); the log has its trace")


def digest_of(body: bytes) -> str:
    """The payload digest of *body*, as kept with snapshots."""
    return "sha256:" + sha256(body).hexdigest()


async def keep(parts: Parts, page: Page) -> Snapshot:
    """*page* kept in the vault, as a revisit record where an equal payload is held."""
    held = await asyncio.to_thread(parts.store.body, digest_of(page.body))
    return await asyncio.to_thread(parts.vault.keep, page, held)


async def visit_source(parts: Parts, state: SourceState) -> Outcome:
    """Visit one source, which is planned already, and apply what it brought."""
    started = parts.clock.now()
    try:
        visit = await _attempt(parts, state, started)
    except ArchiveError:
        raise  # vault or store cannot be used: no fault of the source, and nothing can go on
    except Exception as error:
        log.exception("unexpected failure of the visit to %s", state.options.url)
        visit = _failed(parts, state, started, internal(error), None)
    counts = await parts.store.record_source(visit)
    return Outcome(
        state.key, state.options.url, "source", visit.outcome, counts, visit.failure, visit.items
    )


async def _attempt(parts: Parts, state: SourceState, started: datetime) -> SourceVisit:
    try:
        answer = await parts.fetcher.fetch(source_request(state))
    except VisitError as error:
        return _failed(parts, state, started, error.failure(), None)
    if isinstance(answer, NotModified):
        return _unchanged(parts, state, started, answer, state.digest, 304)
    digest = digest_of(answer.body)
    if digest == state.digest:
        return _unchanged(parts, state, started, answer, digest, answer.status)
    snapshot = await keep(parts, answer)
    try:
        return await _read(parts, state, started, answer, snapshot)
    except VisitError as error:
        return _failed(parts, state, started, error.failure(), snapshot, answer.status)


def source_request(state: SourceState) -> Request:
    """The (conditional) request for a source."""
    request = _page_request(state.options, state.url_override or state.options.url, 1)
    return replace(request, etag=state.etag, last_modified=state.last_modified)


def _page_request(options: SourceOptions, url: str, number: int) -> Request:
    """The request for page *number* of a list, at *url*; a POST carries the number in its body."""
    body = b""
    if options.method == "POST":
        from aggregator.read.paging import page_body

        body = page_body(options, number)
    return Request(
        url=url,
        accept=_ACCEPT.get(options.kind, "page"),
        method=options.method,
        body=body,
        headers=options.headers,
    )


async def _read(
    parts: Parts, state: SourceState, started: datetime, page: Page, snapshot: Snapshot
) -> SourceVisit:
    read = await _read_all(parts, state, page)
    if not read.keyed and state.items_usual and state.options.kind != "feed":
        raise ReadError(
            "empty-list",
            f"the list had {state.items_usual} items at the last good visit and now has none: "
            "its layout has probably changed; look at the page and mend the source's selectors",
            url=page.url,
        )
    sightings = await _sightings(parts, state, read.keyed)
    newest = [k.sighting.published.instant for k in read.keyed if k.sighting.published]
    visit = _good(parts, state, started, page, read.listing)
    return replace(
        visit,
        outcome="ok",
        status=page.status,
        digest=digest_of(page.body),
        snapshot=snapshot,
        items=len(read.keyed),
        newest_at=max(newest, default=None),
        sightings=sightings,
        listed_keys=tuple(k.key for k in read.keyed),
        title=read.listing.title,
        home_url=read.listing.home_url,
        warnings=read.listing.warnings,
        bytes=len(page.body),
    )


async def _read_all(parts: Parts, state: SourceState, page: Page) -> ReadListing:
    """The listing of *page*, of the page it points at when it has no items, and of further pages."""
    read = await parts.workers.run(read_listing, page, state.options)
    for _ in range(MAX_HOPS):
        if read.keyed or not read.listing.next_page:
            break
        read = await _read_page(parts, state, read.listing.next_page, 1)
    return await _further_pages(parts, state, read)


async def _read_page(parts: Parts, state: SourceState, url: str, number: int) -> ReadListing:
    """Another page of the list, kept and read. Raises VisitError."""
    page = await parts.fetcher.fetch(_page_request(state.options, url, number))
    if isinstance(page, NotModified):
        raise ReadError("bad-304", "the host says 'not modified' to a request without conditions")
    await keep(parts, page)
    return await parts.workers.run(read_listing, page, state.options)


async def _further_pages(parts: Parts, state: SourceState, first: ReadListing) -> ReadListing:
    """The list's further pages, as many as a normal visit reads; a missing one is a warning."""
    options = state.options
    if options.paging.pages <= 1 or not (options.paging.pattern or "{n" in options.body):
        return first
    from aggregator.read.paging import page_urls  # late: it brings BeautifulSoup

    keyed = {k.key: k for k in first.keyed}
    warnings = list(first.listing.warnings)
    for number in range(2, options.paging.pages + 1):
        try:
            url = page_urls(options.url, options.paging, number)
            more = await _read_page(parts, state, url, number)
        except VisitError as error:
            warnings.append(f"page {number} of the list: {error.message}")
            break
        for item in more.keyed:
            keyed.setdefault(item.key, item)
    listing = replace(first.listing, warnings=tuple(warnings))
    return ReadListing(listing, tuple(keyed.values()))


async def _sightings(
    parts: Parts, state: SourceState, keyed: tuple[Keyed, ...]
) -> tuple[KeyedSighting, ...]:
    """Those sightings that are new or say something new, with their captures where they are full."""
    keys = [k.key for k in keyed]
    known = await asyncio.to_thread(parts.store.known_entries, state.id, keys)
    changed = [k for k in keyed if known.get(k.key) != k.digest]
    follow = state.options.follow
    full = [
        (k.key, k.sighting)
        for k in changed
        if follow == "never" or not k.sighting.url or (follow == "auto" and is_full(k.sighting))
    ]
    captures: dict[str, Capture] = {}
    if full:
        found = await parts.workers.run(
            capture_entries, full, state.options, parts.clock.now(), timeout=60.0
        )
        captures = {c.key: c for c in found}
    return tuple(
        KeyedSighting(
            key=k.key,
            host=k.host,
            digest=k.digest,
            sighting=k.sighting,
            fetch=k.key not in captures,
            capture=captures.get(k.key),
        )
        for k in changed
    )


def _good(
    parts: Parts,
    state: SourceState,
    started: datetime,
    answer: Page | NotModified,
    listing: Listing | None,
) -> SourceVisit:
    """What every visit that reached its source has in common: validators, redirect, schedule."""
    now = parts.clock.now()
    headers = dict(reversed(answer.headers))
    etag, modified = headers.get("etag", ""), headers.get("last-modified", "")
    if isinstance(answer, NotModified):  # RFC 9111, 4.3.4: a 304 updates what it carries
        etag, modified = etag or state.etag, modified or state.last_modified
    hints = listing.hints if listing else PaceHints()
    interval = pace.source_interval(
        parts.schedule,
        wanted=state.options.interval,
        hints=hints,
        fresh=pace.freshness(answer.headers, now),
    )
    override, seen = _moved(state, answer)
    return SourceVisit(
        source_id=state.id,
        started_at=started,
        finished_at=now,
        outcome="unchanged",
        next_visit_at=pace.after(now, interval, parts.luck(), hints),
        interval=interval,
        etag=etag,
        last_modified=modified,
        url_override=override,
        redirect_seen=seen,
    )


def _moved(state: SourceState, answer: Page | NotModified) -> tuple[str, str]:
    """(new address, address on trial): a permanent redirect is believed at its second good visit."""
    permanent = bool(answer.redirects) and all(code in (301, 308) for code, _ in answer.redirects)
    if not permanent:
        return state.url_override, ""
    if answer.final_url == state.redirect_seen:
        return answer.final_url, ""
    return state.url_override, answer.final_url


def _unchanged(
    parts: Parts,
    state: SourceState,
    started: datetime,
    answer: Page | NotModified,
    digest: str,
    status: int,
) -> SourceVisit:
    visit = _good(parts, state, started, answer, None)
    size = len(answer.body) if isinstance(answer, Page) else 0
    return replace(visit, digest=digest, status=status, items=state.items_usual, bytes=size)


def _failed(
    parts: Parts,
    state: SourceState,
    started: datetime,
    failure: Failure,
    snapshot: Snapshot | None,
    status: int | None = None,
) -> SourceVisit:
    """A failed visit: validators and the last good state stay, the next visit is further away."""
    now = parts.clock.now()
    interval = state.interval or pace.source_interval(parts.schedule, wanted=state.options.interval)
    due = pace.retry_source(
        parts.schedule, now, interval, state.failures + 1, failure, parts.luck()
    )
    if failure.code in UNCHARGED:
        due = failure.retry_at or pace.after(now, SOON, parts.luck())
    return SourceVisit(
        source_id=state.id,
        started_at=started,
        finished_at=now,
        outcome="postponed" if failure.code in UNCHARGED else "failed",
        next_visit_at=due,
        interval=interval,
        status=failure.status or status,
        failure=failure,
        etag=state.etag,
        last_modified=state.last_modified,
        digest=state.digest,
        url_override=state.url_override,
        redirect_seen=state.redirect_seen,
        stopped=failure.permanent,
        snapshot=snapshot,
        items=state.items_usual,
    )
