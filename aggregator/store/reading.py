"""Rows of the archive -> the values that readers get, and a filter -> SQL conditions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, select, tuple_

from aggregator.errors import QueryError
from aggregator.model import Draft, Relation, Sighting, Snapshot, State
from aggregator.store.codec import load
from aggregator.store.index import first_key
from aggregator.store.packing import unpack
from aggregator.store.rows import (
    ArticleFilter,
    ArticleRow,
    Reading,
    RevisionRow,
    SourceRow,
    VisitRow,
)
from aggregator.store.sources import options_of
from aggregator.store.tables import appearance, page, revision, snapshot, source, visit, work

VISITS = 50  # shown with an article
_KEYS = 1 << 63  # sort keys lie below it: a database counts with 64 bits
_NO_CURSOR = "this is no cursor of a page that was given out"

_a = appearance.c

ROW: Select[Any] = select(
    _a.id, _a.work_id, _a.title, _a.subtitle, _a.url, _a.site, source.c.key.label("source"),
    source.c.title.label("list_title"), source.c.options, _a.source_name, _a.authors, _a.editors,
    _a.published_at, _a.published_text, _a.precision, _a.first_seen_at, _a.last_seen_at,
    _a.column_name, _a.state, _a.relation, _a.number, _a.image, _a.summary, _a.missed_since,
    _a.gone_at,
).join(source, source.c.id == _a.source_id)  # fmt: skip


def article_row(found: Any) -> ArticleRow:
    """The value for a row of ROW."""
    return ArticleRow(
        id=found.id,
        work_id=found.work_id,
        title=found.title,
        subtitle=found.subtitle,
        url=found.url,
        site=found.site,
        source=found.source,
        source_title=options_of(found.options).name or found.list_title or found.source,
        source_name=found.source_name,
        authors=tuple(json.loads(found.authors)),
        editors=tuple(json.loads(found.editors)),
        published_at=found.published_at,
        published_text=found.published_text,
        precision=found.precision,
        first_seen_at=found.first_seen_at,
        last_seen_at=found.last_seen_at,
        column=found.column_name,
        state=State(found.state),
        relation=Relation(found.relation),
        number=found.number,
        image=found.image,
        summary=found.summary,
        missed_since=found.missed_since,
        gone_at=found.gone_at,
    )


def rows_of(connection: Connection, article_ids: Sequence[int]) -> tuple[ArticleRow, ...]:
    """The rows of these appearances, in the order asked for."""
    found = connection.execute(ROW.where(_a.id.in_(article_ids)))
    rows = {row.id: article_row(row) for row in found}
    return tuple(rows[i] for i in article_ids)


def bodies_of(connection: Connection, article_ids: Sequence[int]) -> dict[int, str]:
    """The newest plain text of these appearances."""
    query = (
        select(_a.id, revision.c.text)
        .join(revision, (revision.c.appearance_id == _a.id) & (revision.c.number == _a.number))
        .where(_a.id.in_(article_ids))
    )
    return {row.id: row.text for row in connection.execute(query)}


def conditions(wanted: ArticleFilter) -> list[ColumnElement[bool]]:
    """The SQL of a filter, without its text search."""
    name = json.dumps(wanted.author, ensure_ascii=False) if wanted.author else ""
    given: list[tuple[object, ColumnElement[bool]]] = [
        (wanted.source, source.c.key == wanted.source),
        (wanted.author, _a.authors.contains(name, autoescape=True)),
        (wanted.source_name, _a.source_name == wanted.source_name),
        (wanted.state, _a.state == wanted.state),
        (wanted.column, _a.column_name == wanted.column),
        (wanted.site, _a.site == wanted.site),
    ]
    found = [sql for value, sql in given if value is not None]
    if wanted.since is not None:
        found.append(_a.sort_key >= first_key(wanted.since))
    if wanted.until is not None:
        found.append(_a.sort_key < first_key(wanted.until))
    return found


def sort_cursor(text: str) -> int:
    """The sort key that a cursor stands for, a signed number of 64 bits. Raises QueryError."""
    try:
        key = int(text)
    except ValueError as error:
        raise QueryError(text, 0, _NO_CURSOR) from error
    if not -_KEYS <= key < _KEYS:
        raise QueryError(text, 0, _NO_CURSOR)
    return key


def draft_of(connection: Connection, article_id: int, number: int) -> Draft | None:
    """The draft of one revision, or None."""
    r = revision.c
    query = select(r.draft, r.text, r.html).where(r.appearance_id == article_id, r.number == number)
    row = connection.execute(query).one_or_none()
    return unpack(row.draft, row.text, row.html) if row else None


def newest_drafts(
    connection: Connection, article_ids: Sequence[int]
) -> dict[int, tuple[datetime, Draft]]:
    """(seen, draft) of the newest revision of each appearance."""
    r = revision.c
    query = (
        select(r.appearance_id, r.seen_at, r.draft, r.text, r.html)
        .join(appearance, (_a.id == r.appearance_id) & (_a.number == r.number))
        .where(r.appearance_id.in_(article_ids))
    )
    return {
        row.appearance_id: (row.seen_at, unpack(row.draft, row.text, row.html))
        for row in connection.execute(query)
    }


def revisions_of(connection: Connection, article_id: int) -> tuple[RevisionRow, ...]:
    """All revisions of an appearance, oldest first."""
    r = revision.c
    query = (
        select(r.number, r.seen_at, r.kinds, r.title.label("headline"), r.extractor, snapshot)
        .outerjoin(snapshot, snapshot.c.id == r.snapshot_id)
        .where(r.appearance_id == article_id)
        .order_by(r.number)
    )
    return tuple(
        RevisionRow(
            number=row.number,
            seen_at=row.seen_at,
            kinds=tuple(json.loads(row.kinds)),
            title=row.headline,
            extractor=row.extractor,
            snapshot=snapshot_of(row) if row.file is not None else None,
        )
        for row in connection.execute(query)
    )


def snapshot_of(row: Any) -> Snapshot:
    """The snapshot of a row that has its columns."""
    return Snapshot(
        url=row.url,
        fetched_at=row.fetched_at,
        status=row.status,
        digest=row.digest,
        file=row.file,
        offset=row.offset,
        length=row.length,
        content_type=row.content_type,
        revisit=row.revisit,
    )


def page_visits(connection: Connection, article_id: int) -> tuple[VisitRow, ...]:
    """The newest visits to an appearance's page."""
    query = (
        select(visit)
        .join(page, page.c.id == visit.c.page_id)
        .where(page.c.appearance_id == article_id)
        .order_by(visit.c.id.desc())
        .limit(VISITS)
    )
    return tuple(visit_row(row) for row in connection.execute(query))


def visit_row(row: Any) -> VisitRow:
    """The value for a row of visit."""
    return VisitRow(
        row.id, row.started_at, row.finished_at, row.outcome, row.code, row.message, row.status,
        row.bytes, row.items, row.new_items, row.revised_items, tuple(json.loads(row.warnings)),
    )  # fmt: skip


def source_rows(connection: Connection) -> list[SourceRow]:
    """All sources: configured ones first, in the order they were added."""
    return [
        SourceRow(
            id=row.id,
            key=row.key,
            options=options_of(row.options),
            url=row.url,
            host=row.host,
            enabled=row.enabled,
            stopped=row.stopped,
            removed_at=row.removed_at,
            title=row.title,
            home_url=row.home_url,
            next_visit_at=row.next_visit_at,
            last_visit_at=row.last_visit_at,
            last_ok_at=row.last_ok_at,
            newest_at=row.newest_at,
            failures=row.failures,
            last_outcome=row.last_outcome,
            last_code=row.last_code,
            last_error=row.last_error,
            last_status=row.last_status,
            items_usual=row.items_usual,
            interval=row.interval,
            visits=row.visits,
            articles=row.new_items,
            revised=row.revised_items,
        )
        for row in connection.execute(
            select(source).order_by(source.c.removed_at.is_not(None), source.c.id)
        )
    ]


def shown_by(key: str) -> ColumnElement[bool]:
    """Whether a work has an appearance that the source *key* brought."""
    return exists(
        select(_a.id)
        .join(source, source.c.id == _a.source_id)
        .where(_a.work_id == work.c.id, source.c.key == key)
    )


def readings_after(
    connection: Connection, article_id: int, number: int, limit: int
) -> list[Reading]:
    """Revisions read from kept pages, in the order of articles, after revision (id, number)."""
    r = revision.c
    of_page = exists(
        select(visit.c.id).where(visit.c.page_id == page.c.id, visit.c.snapshot_id == snapshot.c.id)
    )
    query = (
        select(
            r.appearance_id, r.number, r.seen_at, r.draft, r.text, r.html, _a.key,
            _a.url.label("address"), source.c.options, page.c.sighting, snapshot,
        )
        .join(appearance, _a.id == r.appearance_id)
        .join(source, source.c.id == _a.source_id)
        .join(page, page.c.appearance_id == _a.id)
        .join(snapshot, snapshot.c.id == r.snapshot_id)
        .where(tuple_(r.appearance_id, r.number) > (article_id, number), of_page)
        .order_by(r.appearance_id, r.number)
        .limit(limit)
    )  # fmt: skip
    return [
        Reading(
            article_id=row.appearance_id,
            number=row.number,
            key=row.key,
            url=row.address,
            seen_at=row.seen_at,
            snapshot=snapshot_of(row),
            options=options_of(row.options),
            sighting=load(Sighting, row.sighting),
            draft=unpack(row.draft, row.text, row.html),
        )
        for row in connection.execute(query)
    ]


def nearest_snapshot(connection: Connection, url: str, at: datetime) -> Snapshot | None:
    """The snapshot of *url* that was fetched nearest to *at*."""
    query = select(snapshot).where(snapshot.c.url == url)
    rows = [snapshot_of(row) for row in connection.execute(query)]
    return min(rows, key=lambda one: abs(one.fetched_at - at), default=None)
