"""The archive for readers: lists, articles, revisions, entries, sources, search. Never writes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection, case, func, select

from aggregator.config import FeedSettings
from aggregator.errors import ArchiveError
from aggregator.model import Draft, Entry, Snapshot, State
from aggregator.store.engine import archive_file, check_schema, read_engine, translated
from aggregator.store.entries import make_entry
from aggregator.store.reading import (
    ROW,
    article_row,
    bodies_of,
    conditions,
    draft_of,
    nearest_snapshot,
    newest_drafts,
    page_visits,
    readings_after,
    revisions_of,
    rows_of,
    shown_by,
    sort_cursor,
    source_rows,
    visit_row,
)
from aggregator.store.rows import (
    ArchiveCounts,
    ArticleFilter,
    ArticlePage,
    ArticleRow,
    ArticleView,
    ChangeRow,
    Reading,
    RevisionRow,
    SearchResult,
    SearchRow,
    SourceRow,
    TroubleRow,
    VisitRow,
)
from aggregator.store.search import Order, find
from aggregator.store.snippet import pieces, snippet
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
from aggregator.store.terms import parse
from aggregator.store.troubles import trouble_counts, troubles

__all__ = [
    "Archive", "ArchiveCounts", "ArticleFilter", "ArticlePage", "ArticleRow", "ArticleView",
    "ChangeRow", "Reading", "RevisionRow", "SearchResult", "SearchRow", "SourceRow", "TroubleRow",
    "VisitRow", "open_archive",
]  # fmt: skip

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
        if wanted.text is not None:
            return self._articles_with_text(wanted, wanted.text, limit, cursor)
        query = ROW.order_by(_a.sort_key.desc()).limit(limit + 1)
        query = query.where(*conditions(wanted))
        if cursor is not None:
            query = query.where(_a.sort_key < sort_cursor(cursor))
        with self._reading() as connection:
            found = connection.execute(query.add_columns(_a.sort_key)).all()
        more = len(found) > limit
        rows = tuple(article_row(row) for row in found[:limit])
        return ArticlePage(rows, str(found[limit - 1].sort_key) if more else None)

    def _articles_with_text(
        self, wanted: ArticleFilter, query: str, limit: int, cursor: str | None
    ) -> ArticlePage:
        terms = parse(query)
        with self._reading() as connection:
            found = find(connection, terms, conditions(wanted), limit, cursor, "newest")
            rows = rows_of(connection, [hit.appearance_id for hit in found.hits])
        return ArticlePage(rows, found.next)

    def search(
        self,
        query: str,
        limit: int = 20,
        cursor: str | None = None,
        order: Order = "newest",
        wanted: ArticleFilter | None = None,
    ) -> SearchResult:
        """Articles whose text holds every term of *query*, of those that fit *wanted*.

        Terms stand between blanks, phrases between quotation marks; characters of any number
        (docs/database.md, Search). Raises QueryError.
        """
        terms = parse(query)
        normals = [term.normal for term in terms]
        where = conditions(wanted) if wanted else []
        with self._reading() as connection:
            found = find(connection, terms, where, limit, cursor, order)
            ids = [hit.appearance_id for hit in found.hits]
            rows, bodies = rows_of(connection, ids), bodies_of(connection, ids)
        hits = tuple(
            SearchRow(row, pieces(row.title, normals), snippet(bodies[row.id], normals))
            for row in rows
        )
        return SearchResult(hits, found.total, found.more_than, found.next)

    def article(self, article_id: int) -> ArticleView | None:
        """All about one appearance; None when there is none of that number."""
        with self._reading() as connection:
            found = connection.execute(ROW.where(_a.id == article_id)).one_or_none()
            if found is None:
                return None
            row = article_row(found)
            draft = draft_of(connection, article_id, row.number)
            assert draft is not None  # a transaction writes both
            others = connection.execute(
                ROW.where(_a.work_id == row.work_id, _a.id != row.id).order_by(_a.sort_key)
            )
            entry_id = select(work.c.entry_id).where(work.c.id == row.work_id)
            return ArticleView(
                row=row,
                draft=draft,
                entry_id=connection.execute(entry_id).scalar_one(),
                appearances=tuple(article_row(other) for other in others),
                revisions=revisions_of(connection, article_id),
                visits=page_visits(connection, article_id),
            )

    def revision(self, article_id: int, number: int) -> Draft | None:
        """The draft of one revision (the first is number 1)."""
        with self._reading() as connection:
            return draft_of(connection, article_id, number)

    def readings(self, after: tuple[int, int] = (0, 0), limit: int = 100) -> list[Reading]:
        """Revisions that can be read again from kept pages, after revision (article, number)."""
        with self._reading() as connection:
            return readings_after(connection, *after, limit)

    def snapshot(self, url: str, at: datetime) -> Snapshot | None:
        """The snapshot of *url* fetched nearest to *at*, such as a further page of an article."""
        with self._reading() as connection:
            return nearest_snapshot(connection, url, at)

    # ------------------------------------------------------------ entries

    def entries(
        self, limit: int = 50, source: str | None = None, before: str | None = None
    ) -> list[Entry]:
        """What subscribers get: one per work, newest first; *before* is an entry's id.

        Title and body are those of the first appearance that is live.
        """
        query = select(work.c.id, work.c.entry_id).order_by(work.c.feed_key.desc()).limit(limit)
        if source is not None:
            query = query.where(shown_by(source))
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
        query = ROW.where(_a.work_id.in_(list(works))).order_by(live_first, _a.id)
        for found in connection.execute(query):
            shown[found.work_id].append(article_row(found))
        drafts = newest_drafts(connection, [rows[0].id for rows in shown.values()])
        sources = {row.key: row for row in source_rows(connection)}
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
            return source_rows(connection)

    def visits(self, source_id: int, limit: int = 50) -> list[VisitRow]:
        """The newest visits to a source."""
        query = select(visit).where(visit.c.source_id == source_id)
        with self._reading() as connection:
            found = connection.execute(query.order_by(visit.c.id.desc()).limit(limit))
            return [visit_row(row) for row in found]

    def troubles(self, source: str | None = None, limit: int = 50) -> list[TroubleRow]:
        """Article pages whose last visit failed, of one source (key) or all; newest failure first."""
        with self._reading() as connection:
            return troubles(connection, source, limit)

    def trouble_counts(self) -> dict[str, int]:
        """How many such pages each source has, by key; those without any are left out."""
        with self._reading() as connection:
            return trouble_counts(connection)

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
