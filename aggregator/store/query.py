"""The archive for readers: lists, articles, revisions, entries, sources, search. Never writes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, exists, func, select

from aggregator.config import FeedSettings
from aggregator.errors import ArchiveError, QueryError
from aggregator.model import Draft, Entry, Relation, Snapshot, State
from aggregator.store.engine import archive_file, check_schema, read_engine, translated
from aggregator.store.entries import make_entry
from aggregator.store.index import first_key
from aggregator.store.packing import unpack
from aggregator.store.rows import (
    ArchiveCounts,
    ArticleFilter,
    ArticlePage,
    ArticleRow,
    ArticleView,
    ChangeRow,
    RevisionRow,
    SearchResult,
    SourceRow,
    VisitRow,
)
from aggregator.store.sources import options_of
from aggregator.store.tables import (
    appearance,
    change,
    page,
    revision,
    snapshot,
    source,
    visit,
    work,
)

__all__ = [
    "Archive", "ArchiveCounts", "ArticleFilter", "ArticlePage", "ArticleRow", "ArticleView",
    "ChangeRow", "RevisionRow", "SearchResult", "SourceRow", "VisitRow", "open_archive",
]  # fmt: skip

_VISITS = 50  # shown with an article
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_a = appearance.c


def open_archive(url: str, *, feed: FeedSettings | None = None) -> Archive:
    """The archive at *url* for reading, beside whoever writes it.

    *feed* says how the entries' ids are formed. Raises ArchiveError when there is none, or when it
    is of another release.
    """
    file = archive_file(url)
    if not file.is_file():
        raise ArchiveError(f"there is no archive at {file} yet; run: aggregator sync")
    return Archive(url, feed or FeedSettings())


class Archive:
    """Reads an archive from any thread; each call sees one state of it."""

    def __init__(self, url: str, feed: FeedSettings) -> None:
        self._feed = feed
        self._engine = read_engine(url)
        try:
            with self._reading() as connection:
                check_schema(connection, archive_file(url))
        except BaseException:
            self._engine.dispose()
            raise

    def close(self) -> None:
        """Let go of the archive."""
        self._engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with translated("the archive cannot be read"), self._engine.begin() as connection:
            yield connection

    # ------------------------------------------------------------ articles

    def articles(
        self,
        wanted: ArticleFilter | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> ArticlePage:
        """Appearances that fit *wanted*, newest first; *cursor* is ``next`` of the page before."""
        wanted = wanted or ArticleFilter()
        query = _ROW.order_by(_a.sort_key.desc()).limit(limit + 1)
        query = query.where(*conditions(wanted))
        if cursor is not None:
            query = query.where(_a.sort_key < _cursor(cursor))
        with self._reading() as connection:
            found = connection.execute(query.add_columns(_a.sort_key)).all()
        more = len(found) > limit
        rows = tuple(article_row(row) for row in found[:limit])
        return ArticlePage(rows, str(found[limit - 1].sort_key) if more else None)

    def article(self, article_id: int) -> ArticleView | None:
        """All about one appearance; None when there is none of that number."""
        with self._reading() as connection:
            found = connection.execute(_ROW.where(_a.id == article_id)).one_or_none()
            if found is None:
                return None
            row = article_row(found)
            draft = _draft(connection, article_id, row.number)
            assert draft is not None  # a transaction writes both
            others = connection.execute(
                _ROW.where(_a.work_id == row.work_id, _a.id != row.id).order_by(_a.sort_key)
            )
            entry_id = select(work.c.entry_id).where(work.c.id == row.work_id)
            return ArticleView(
                row=row,
                draft=draft,
                entry_id=connection.execute(entry_id).scalar_one(),
                appearances=tuple(article_row(other) for other in others),
                revisions=_revisions(connection, article_id),
                visits=_page_visits(connection, article_id),
            )

    def revision(self, article_id: int, number: int) -> Draft | None:
        """The draft of one revision (the first is number 1)."""
        with self._reading() as connection:
            return _draft(connection, article_id, number)

    # ------------------------------------------------------------ entries

    def entries(
        self, limit: int = 50, source: str | None = None, before: str | None = None
    ) -> list[Entry]:
        """What subscribers get: one per work, newest first; *before* is an entry's id.

        Title and body are those of the first appearance that is live.
        """
        query = select(work.c.id, work.c.entry_id).order_by(work.c.feed_key.desc()).limit(limit)
        if source is not None:
            query = query.where(_shown_by(source))
        if before is not None:
            name = before.rpartition(":")[2]
            after = select(work.c.feed_key).where(work.c.entry_id == name).scalar_subquery()
            query = query.where(work.c.feed_key < after)
        with self._reading() as connection:
            works = {row.id: row.entry_id for row in connection.execute(query)}
            return self._entries(connection, works)

    def _entries(self, connection: Connection, works: dict[int, str]) -> list[Entry]:
        shown: dict[int, list[ArticleRow]] = {work_id: [] for work_id in works}
        live_first = case((_a.state == State.LIVE, 0), else_=1)
        query = _ROW.where(_a.work_id.in_(list(works))).order_by(live_first, _a.id)
        for found in connection.execute(query):
            shown[found.work_id].append(article_row(found))
        drafts = _newest_drafts(connection, [rows[0].id for rows in shown.values()])
        sources = {row.key: row for row in _source_rows(connection)}
        tag = f"tag:{self._feed.authority},{self._feed.since}:"
        entries = []
        for work_id, entry_id in works.items():
            row, *others = shown[work_id]
            updated, draft = drafts[row.id]
            entries.append(
                make_entry(tag + entry_id, row, draft, updated, sources[row.source], others)
            )
        return entries

    def feed_state(self) -> tuple[int, datetime]:
        """Number and instant of the newest change: equal states give equal feeds."""
        query = select(change.c.seq, change.c.at).order_by(change.c.seq.desc()).limit(1)
        with self._reading() as connection:
            last = connection.execute(query).one_or_none()
            if last is not None:
                return last.seq, last.at
            added = connection.execute(select(func.max(source.c.added_at))).scalar()
            return 0, added or _EPOCH

    # ------------------------------------------------------------ sources, logs

    def sources(self) -> list[SourceRow]:
        """All sources and how they do: configured ones first, in the order they were added."""
        with self._reading() as connection:
            return _source_rows(connection)

    def visits(self, source_id: int, limit: int = 50) -> list[VisitRow]:
        """The newest visits to a source."""
        query = select(visit).where(visit.c.source_id == source_id)
        with self._reading() as connection:
            found = connection.execute(query.order_by(visit.c.id.desc()).limit(limit))
            return [_visit_row(row) for row in found]

    def changes(self, since: int = 0, limit: int = 1000) -> list[ChangeRow]:
        """The changes after number *since*, oldest first."""
        query = select(change).where(change.c.seq > since).order_by(change.c.seq).limit(limit)
        with self._reading() as connection:
            return [
                ChangeRow(
                    row.seq, row.at, row.kind, row.appearance_id, row.work_id, row.number,
                    json.loads(row.detail),
                )
                for row in connection.execute(query)
            ]  # fmt: skip

    def counts(self) -> ArchiveCounts:
        """How much the archive holds."""
        # Nothing is deleted and numbers have no gaps, so the last number is the count.
        last = [func.coalesce(func.max(t.c.id), 0) for t in (work, appearance, revision, snapshot)]
        with self._reading() as connection:
            works, articles, revisions, snapshots = (
                connection.execute(select(number)).scalar_one() for number in last
            )
            active = select(func.count()).where(source.c.enabled.is_(True))
            waiting = select(func.count()).where(page.c.visited.is_(False))
            return ArchiveCounts(
                works,
                articles,
                revisions,
                snapshots,
                connection.execute(active).scalar_one(),
                connection.execute(waiting).scalar_one(),
            )


# ---------------------------------------------------------------- rows

_ROW: Select[Any] = select(
    _a.id, _a.work_id, _a.title, _a.subtitle, _a.url, _a.site, source.c.key.label("source"),
    source.c.title.label("list_title"), source.c.options, _a.source_name, _a.authors, _a.editors,
    _a.published_at, _a.published_text, _a.precision, _a.first_seen_at, _a.last_seen_at,
    _a.column_name, _a.state, _a.relation, _a.number, _a.image, _a.summary, _a.missed_since,
    _a.gone_at,
).join(source, source.c.id == _a.source_id)  # fmt: skip


def article_row(found: Any) -> ArticleRow:
    """The value for a row of _ROW."""
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


def _cursor(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise QueryError(text, 0, "this is no cursor of a page that was given out") from error


def _draft(connection: Connection, article_id: int, number: int) -> Draft | None:
    r = revision.c
    query = select(r.draft, r.text, r.html).where(r.appearance_id == article_id, r.number == number)
    row = connection.execute(query).one_or_none()
    return unpack(row.draft, row.text, row.html) if row else None


def _newest_drafts(
    connection: Connection, article_ids: Sequence[int]
) -> dict[int, tuple[datetime, Draft]]:
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


def _revisions(connection: Connection, article_id: int) -> tuple[RevisionRow, ...]:
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


def _page_visits(connection: Connection, article_id: int) -> tuple[VisitRow, ...]:
    query = (
        select(visit)
        .join(page, page.c.id == visit.c.page_id)
        .where(page.c.appearance_id == article_id)
        .order_by(visit.c.id.desc())
        .limit(_VISITS)
    )
    return tuple(_visit_row(row) for row in connection.execute(query))


def _visit_row(row: Any) -> VisitRow:
    return VisitRow(
        row.id, row.started_at, row.finished_at, row.outcome, row.code, row.message, row.status,
        row.bytes, row.items, row.new_items, row.revised_items, tuple(json.loads(row.warnings)),
    )  # fmt: skip


def _source_rows(connection: Connection) -> list[SourceRow]:
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


def _shown_by(key: str) -> ColumnElement[bool]:
    return exists(
        select(_a.id)
        .join(source, source.c.id == _a.source_id)
        .where(_a.work_id == work.c.id, source.c.key == key)
    )
