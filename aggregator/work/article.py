"""One visit to an article's page: new from a list, or again to see whether it changed or went."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator import pace
from aggregator.errors import ArchiveError, Failure, VisitError
from aggregator.model import (
    Capture,
    Draft,
    NoArticle,
    NoArticleKind,
    NotModified,
    Page,
    Snapshot,
    State,
)
from aggregator.ports import PageTask, PageVisit, Request
from aggregator.work.tasks import extract_page, finish_page
from aggregator.work.visit import SOON, UNCHARGED, Outcome, Parts, digest_of, internal, keep

log = logging.getLogger(__name__)

BELIEVED = 2  # visits in a row that must find an article away before it is called gone
MAX_PARTS = 30  # pages of one article
_AWAY = {404, 410}
_SECOND_LOOK = timedelta(hours=1)


async def visit_page(parts: Parts, task: PageTask) -> Outcome:
    """Visit one page, which is planned already, and apply what it brought."""
    started = parts.clock.now()
    try:
        visit = await _attempt(parts, task, started)
    except ArchiveError:
        raise  # vault or store cannot be used: no fault of the source, and nothing can go on
    except Exception as error:
        log.exception("unexpected failure of the visit to %s", task.url)
        visit = _failed(parts, task, started, internal(error), ())
    counts = await parts.store.record_page(visit)
    return Outcome(task.source_key, task.url, "page", visit.outcome, counts, visit.failure)


async def _attempt(parts: Parts, task: PageTask, started: datetime) -> PageVisit:
    request = Request(task.url, "page", etag=task.etag, last_modified=task.last_modified)
    try:
        answer = await parts.fetcher.fetch(request)
    except VisitError as error:
        return _failed(parts, task, started, error.failure(), ())
    if isinstance(answer, NotModified):
        return _unchanged(parts, task, started, answer)
    if digest_of(answer.body) == task.digest:
        return _unchanged(parts, task, started, answer)
    snapshots = [await keep(parts, answer)]
    try:
        return await _read(parts, task, started, answer, snapshots)
    except VisitError as error:
        return _failed(parts, task, started, error.failure(), snapshots)


async def _read(
    parts: Parts, task: PageTask, started: datetime, page: Page, snapshots: list[Snapshot]
) -> PageVisit:
    draft = await _extract(parts, task, page)
    if isinstance(draft, NoArticle):
        return _no_article(parts, task, started, draft, snapshots)
    rest = [await _part(parts, task, url, snapshots) for url in draft.next_pages[:MAX_PARTS]]
    capture = await parts.workers.run(
        finish_page, task.key, page.final_url, draft, rest, parts.clock.now()
    )
    visit = replace(
        _answered(parts, task, started, page, capture),
        outcome="ok",
        digest=digest_of(page.body),
        snapshots=tuple(snapshots),
        capture=replace(capture, snapshot=snapshots[0]),
        bytes=len(page.body),
    )
    # An article with parts cannot be judged by its first page's bytes or validators.
    return replace(visit, etag="", last_modified="", digest="") if rest else visit


async def _extract(parts: Parts, task: PageTask, page: Page) -> Draft | NoArticle:
    charset = declared_charset(page)
    rules = parts.rules_for(task.options, page.final_url)
    return await parts.workers.run(
        extract_page, page.body, page.final_url, charset, task.sighting, task.options, rules,
        timeout=30.0,
    )  # fmt: skip


def declared_charset(page: Page) -> str:
    """The charset of the Content-Type header, or ""."""
    kind = page.header("content-type") or ""
    return kind.rpartition("charset=")[2].split(";")[0].strip(" \"'") if "charset=" in kind else ""


async def _part(
    parts: Parts, task: PageTask, url: str, snapshots: list[Snapshot]
) -> tuple[str, Draft | NoArticle]:
    """One further page of an article; a missing one is said in the draft, not hidden."""
    try:
        page = await parts.fetcher.fetch(Request(url, "page"))
        if isinstance(page, NotModified):
            return url, NoArticle(NoArticleKind.EMPTY, "304 to an unconditional request")
        snapshots.append(await keep(parts, page))
        return url, await _extract(parts, task, page)
    except VisitError as error:
        return url, NoArticle(NoArticleKind.SOFT_NOT_FOUND, error.message)


def _answered(
    parts: Parts,
    task: PageTask,
    started: datetime,
    answer: Page | NotModified,
    capture: Capture | None,
) -> PageVisit:
    now = parts.clock.now()
    headers = dict(reversed(answer.headers))
    return PageVisit(
        page_id=task.id,
        source_id=task.source_id,
        started_at=started,
        finished_at=now,
        outcome="unchanged",
        next_visit_at=pace.recheck(parts.schedule, now, _born(task, capture, now), parts.luck()),
        status=304 if isinstance(answer, NotModified) else answer.status,
        etag=headers.get("etag", ""),
        last_modified=headers.get("last-modified", ""),
        digest=task.digest,
        state=State.LIVE if task.appearance_id else "",
    )


def _born(task: PageTask, capture: Capture | None, now: datetime) -> datetime:
    """The instant that an article's age is counted from: as published, else as first seen."""
    claimed = capture.draft.published if capture else None
    said = claimed.value if claimed else task.sighting.published
    first = task.first_seen_at or now
    return min(said.instant, first) if said else first


def _unchanged(
    parts: Parts, task: PageTask, started: datetime, answer: Page | NotModified
) -> PageVisit:
    visit = _answered(parts, task, started, answer, None)
    if isinstance(answer, NotModified):  # RFC 9111, 4.3.4
        return replace(
            visit,
            etag=visit.etag or task.etag,
            last_modified=visit.last_modified or task.last_modified,
        )
    return replace(visit, bytes=len(answer.body))


def _failed(
    parts: Parts, task: PageTask, started: datetime, failure: Failure, snapshots: Sequence[Snapshot]
) -> PageVisit:
    if task.appearance_id and failure.status in _AWAY:
        return _away(parts, task, started, failure, State.GONE, snapshots)
    now = parts.clock.now()
    postponed = failure.code in UNCHARGED
    retry = pace.retry_page(now, task.attempts + 1, failure, parts.luck())
    if postponed:
        retry = failure.retry_at or pace.after(now, SOON, parts.luck())
    if retry is None and task.appearance_id:
        retry = pace.recheck(parts.schedule, now, _born(task, None, now), parts.luck())
    return PageVisit(
        page_id=task.id,
        source_id=task.source_id,
        started_at=started,
        finished_at=now,
        outcome="postponed" if postponed else "failed",
        next_visit_at=retry,
        status=failure.status,
        failure=failure,
        etag=task.etag,
        last_modified=task.last_modified,
        digest=task.digest,
        snapshots=tuple(snapshots),
        missed=task.missed,
    )


def _no_article(
    parts: Parts, task: PageTask, started: datetime, found: NoArticle, snapshots: Sequence[Snapshot]
) -> PageVisit:
    """A page without an article: withdrawn if there was one, else recorded with a retry plan."""
    failure = Failure(found.kind.value, found.reason, 200)
    if found.kind is NoArticleKind.CHALLENGE or not task.appearance_id:
        visit = _failed(parts, task, started, failure, snapshots)
        return replace(visit, outcome=found.kind.value, bytes=sum(s.length for s in snapshots))
    state = State.EMPTIED if found.kind is NoArticleKind.EMPTY else State.REPLACED
    if found.kind is NoArticleKind.SOFT_NOT_FOUND:
        state = State.GONE
    return _away(parts, task, started, failure, state, snapshots)


def _away(
    parts: Parts,
    task: PageTask,
    started: datetime,
    failure: Failure,
    state: State,
    snapshots: Sequence[Snapshot],
) -> PageVisit:
    """An article we hold was not there: missed at first, *state* when it is missed again."""
    now = parts.clock.now()
    missed = task.missed + 1
    believed = missed >= BELIEVED
    planned = pace.recheck(parts.schedule, now, _born(task, None, now), parts.luck())
    soon = now + _SECOND_LOOK
    return PageVisit(
        page_id=task.id,
        source_id=task.source_id,
        started_at=started,
        finished_at=now,
        outcome=state.value if believed else "missing",
        next_visit_at=planned if believed else min(planned or soon, soon),
        status=failure.status,
        failure=failure,
        etag="",
        last_modified="",
        digest="",
        snapshots=tuple(snapshots),
        missed=missed,
        state=state if believed else State.MISSING,
    )
