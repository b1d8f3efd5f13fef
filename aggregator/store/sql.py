"""What the work asks of the archive (ports.Store) -> transactions and reads on an SQL database."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Table, bindparam, func, insert, select, union_all, update

from aggregator.config import SourceSpec
from aggregator.errors import ArchiveError
from aggregator.model import Capture, Snapshot, State
from aggregator.ports import Clock, Counts, PageTask, PageVisit, SourceState, SourceVisit, Vault
from aggregator.store import pages, sources
from aggregator.store.again import record_reading
from aggregator.store.apply import Applied, apply_captures
from aggregator.store.codec import to_json
from aggregator.store.columns import Origin
from aggregator.store.engine import (
    SCHEMA,
    archive_file,
    check_schema,
    read_engine,
    translated,
    upgrade,
    write_engine,
)
from aggregator.store.known import StopClauses
from aggregator.store.lock import ArchiveLock
from aggregator.store.rebuild import index_is_current, rebuild
from aggregator.store.tables import appearance, change, page, snapshot, source, visit
from aggregator.store.writer import Transaction, Writer

log = logging.getLogger(__name__)
_CLOCK_SLACK = timedelta(hours=1)


def open_store(url: str, *, vault: Vault | None = None, clock: Clock | None = None) -> SqlStore:
    """The archive at *url*, made or brought to this release's schema; it is ours until closed.

    With a *clock*, visits that a dead process left behind are due again, and a clock that stands
    before what the archive has seen is told of in the log.

    Raises ArchiveError when another process has it, or when a newer release wrote it.
    """
    lock = _lock(url)
    try:
        upgrade(url)
        store = SqlStore(url, lock, vault)
    except BaseException:
        lock.close()
        raise
    if clock:
        store.warn_of_clock(clock.now())
        store.give_back(clock.now())
    store.mend_index()
    return store


def migrate(url: str) -> str:
    """Bring the archive at *url* to this release's schema; a sentence that says what was done."""
    with _lock(url):
        before = upgrade(url)
    name = archive_file(url)
    if before == SCHEMA:
        return f"{name} is up to date (schema {SCHEMA})."
    return f"{name} is now at schema {SCHEMA}" + (
        f" (it was at {before})." if before else " (it is new)."
    )


def _lock(url: str) -> ArchiveLock:
    file = archive_file(url)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArchiveError(
            f"{file.parent}: the archive's folder cannot be made: {error.strerror}"
        ) from error
    return ArchiveLock(file)


class SqlStore:
    """An open archive: reads from any thread, writes through the one writer thread."""

    def __init__(self, url: str, lock: ArchiveLock, vault: Vault | None) -> None:
        self._lock = lock
        self._stops = StopClauses()
        self._read_engine = read_engine(url)
        self._write_engine = write_engine(url)
        with self._reading() as connection:
            check_schema(connection, archive_file(url))
        sync = vault.sync if vault else _nothing
        self._writer = Writer(self._write_engine, sync, self._stops.forget)

    @property
    def writable(self) -> bool:
        """Whether the writer thread runs; False once the store is closed."""
        return self._writer.alive

    def close(self) -> None:
        """Commit what is queued and let go of the archive. May be called twice."""
        self._writer.close()
        self._read_engine.dispose()
        self._write_engine.dispose()  # last, so that the final checkpoint is the writer's
        self._lock.close()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with translated("the archive cannot be read"), self._read_engine.begin() as connection:
            yield connection

    def warn_of_clock(self, now: datetime) -> None:
        """Say in the log when *now* lies before the newest visit: clock or archive are wrong."""
        with self._reading() as connection:
            last = connection.execute(select(func.max(source.c.last_visit_at))).scalar()
        if last is not None and last > now + _CLOCK_SLACK:
            log.warning("the clock says %s, but the archive was visited at %s already", now, last)

    def mend_index(self) -> None:
        """Make the full-text index anew when an earlier release made it, or a rebuild was cut off."""
        with self._reading() as connection:
            current = index_is_current(connection)
        if not current:
            log.warning("the full-text index is of another release and is made anew")
            self.rebuild_index(lambda done: log.info("%d articles indexed", done))

    def rebuild_index(self, progress: Callable[[int], None] = lambda _: None) -> int:
        """Make the full-text index anew from the stored articles; how many there are."""
        return rebuild(self._writer, progress)

    # ------------------------------------------------------------ plans

    def give_back(self, now: datetime) -> None:
        """Make due again what a process that died had planned: whoever opens is alone."""

        def job(t: Transaction) -> None:
            for table in (source, page):
                held = update(table).where(table.c.leased.is_(True))
                t.connection.execute(held.values(next_visit_at=now, leased=False))

        self._writer.submit(job).result()

    def register(self, specs: Sequence[SourceSpec], now: datetime) -> None:
        """Make the sources equal to the configuration; nothing already known is deleted."""
        self._writer.submit(lambda t: sources.register(t.connection, specs, now)).result()

    def plan_sources(self, source_ids: Sequence[int], next_visit_at: datetime) -> None:
        """Set the next visits of sources; returns when they are committed."""
        self._plan(source, source_ids, next_visit_at)

    def plan_pages(self, page_ids: Sequence[int], next_visit_at: datetime) -> None:
        """Set the next visits of pages; returns when they are committed."""
        self._plan(page, page_ids, next_visit_at)

    def _plan(self, table: Table, ids: Sequence[int], at: datetime) -> None:
        if not ids:
            return
        planned = (
            update(table)
            .where(table.c.id == bindparam("b_id"))
            .values(next_visit_at=at, leased=True)
        )
        rows = [{"b_id": one} for one in ids]
        self._writer.submit(lambda t: t.connection.execute(planned, rows).rowcount).result()

    # ------------------------------------------------------------ what is due

    def due_hosts(self, now: datetime) -> list[str]:
        """Hosts with a source or page that is due, longest waiting first."""
        wait = func.min(source.c.next_visit_at).label("wait")
        of_sources = (
            select(source.c.host, wait)
            .where(sources.is_active(), sources.overdue(source.c.next_visit_at, now))
            .group_by(source.c.host)
        )
        wait = func.min(page.c.next_visit_at).label("wait")
        of_pages = (
            select(page.c.host, wait)
            .join(source, source.c.id == page.c.source_id)
            .where(sources.is_active(), sources.overdue(page.c.next_visit_at, now))
            .group_by(page.c.host)
        )
        both = union_all(of_sources, of_pages).subquery()
        query = select(both.c.host).group_by(both.c.host).order_by(func.min(both.c.wait))
        with self._reading() as connection:
            return list(connection.execute(query).scalars())

    def due_sources(self, host: str, now: datetime) -> list[SourceState]:
        """Sources of *host* that are due."""
        with self._reading() as connection:
            return sources.due_sources(connection, host, now)

    def source_states(self, keys: Sequence[str] = ()) -> list[SourceState]:
        """Enabled sources by key, due or not; all of them when *keys* is empty."""
        with self._reading() as connection:
            return sources.source_states(connection, keys)

    def due_pages(self, host: str, now: datetime, limit: int) -> list[PageTask]:
        """Pages of *host* that are due, new ones first."""
        with self._reading() as connection:
            return pages.due_pages(connection, host, now, limit)

    # ------------------------------------------------------------ what is known

    def known_entries(self, source_id: int, keys: Sequence[str]) -> Mapping[str, str]:
        """The digests of those *keys* that this source listed before."""
        with self._reading() as connection:
            return pages.known_entries(connection, source_id, keys)

    def body(self, digest: str) -> Snapshot | None:
        """The first snapshot with this payload digest."""
        query = (
            select(snapshot)
            .where(snapshot.c.digest == digest, snapshot.c.revisit.is_(False))
            .order_by(snapshot.c.id)
            .limit(1)
        )
        with self._reading() as connection:
            row = connection.execute(query).one_or_none()
        return _snapshot(row) if row else None

    def appearance_state(self, appearance_id: int) -> State | None:
        """The state of an appearance; None when there is none of that number."""
        query = select(appearance.c.state).where(appearance.c.id == appearance_id)
        with self._reading() as connection:
            found = connection.execute(query).scalar()
        return State(found) if found else None

    # ------------------------------------------------------------ what visits brought

    async def record_source(self, visit: SourceVisit) -> Counts:
        """Apply a visit to a source: sightings, captures, validators and schedule together."""
        future = self._writer.submit(lambda t: record_source(t, visit, self._stops))
        return await asyncio.wrap_future(future)

    async def record_page(self, visit: PageVisit) -> Counts:
        """Apply a visit to a page."""
        future = self._writer.submit(lambda t: record_page(t, visit, self._stops))
        return await asyncio.wrap_future(future)

    async def record_reading(self, capture: Capture, number: int) -> bool:
        """Replace revision *number* of the article at ``capture.key`` by a better reading of it.

        No revision is made and ``updated`` stays. False when nothing differs, or there is none.
        """
        future = self._writer.submit(lambda t: record_reading(t, capture, number, self._stops))
        return await asyncio.wrap_future(future)


def _nothing() -> None:
    """No vault: nothing to make durable."""


# ---------------------------------------------------------------- transactions


def record_source(t: Transaction, made: SourceVisit, stops: StopClauses) -> Counts:
    """The transaction of a visit to a source."""
    connection = t.connection
    snapshots = _keep(connection, [made.snapshot] if made.snapshot else [])
    captures = tuple(
        replace(s.capture, snapshot=s.capture.snapshot or made.snapshot)
        for s in made.sightings
        if s.capture
    )
    snapshots |= _keep(connection, [c.snapshot for c in captures if c.snapshot])
    applied = _apply(t, captures, made.source_id, snapshots, stops)
    queued = 0
    if made.listed_keys or made.sightings:
        known = pages.known_entries(connection, made.source_id, [s.key for s in made.sightings])
        queued = pages.queue_pages(connection, made, known)
        pages.note_sightings(connection, made, known)
    sources.apply_visit(connection, made, applied)
    values = _visit_row(made, applied) | {
        "source_id": made.source_id,
        "items": made.items,
        "warnings": to_json(list(made.warnings)),
        "snapshot_id": snapshots[made.snapshot] if made.snapshot else None,
    }
    connection.execute(insert(visit), values)
    return applied.counts(queued)


def record_page(t: Transaction, made: PageVisit, stops: StopClauses) -> Counts:
    """The transaction of a visit to a page."""
    connection = t.connection
    extra = [made.capture.snapshot] if made.capture and made.capture.snapshot else []
    snapshots = _keep(connection, [*made.snapshots, *extra])
    captures = (made.capture,) if made.capture else ()
    applied = _apply(t, captures, made.source_id, snapshots, stops)
    sources.count(connection, made.source_id, applied)
    known = connection.execute(
        select(page.c.appearance_id).where(page.c.id == made.page_id)
    ).scalar()
    appearance_id = applied.ids[made.capture.key] if made.capture else known
    pages.apply_page_visit(connection, made, appearance_id)
    if appearance_id is not None and (made.state or made.capture):
        _set_state(connection, appearance_id, made)
    first = next(iter(made.snapshots), None)
    values = _visit_row(made, applied) | {
        "page_id": made.page_id,
        "items": len(captures),
        "warnings": "[]",
        "snapshot_id": snapshots[first] if first else None,
    }
    connection.execute(insert(visit), values)
    return applied.counts()


def _apply(
    t: Transaction,
    captures: tuple[Capture, ...],
    source_id: int,
    snapshots: Mapping[Snapshot, int],
    stops: StopClauses,
) -> Applied:
    if not captures:
        return Applied()
    query = select(source.c.first_ok_at, source.c.options).where(source.c.id == source_id)
    row = t.connection.execute(query).one()
    column = sources.options_of(row.options).column
    origin = Origin(source_id, row.first_ok_at, snapshots, column)
    return apply_captures(t, captures, origin, stops)


def _visit_row(made: SourceVisit | PageVisit, applied: Applied) -> dict[str, object]:
    return {
        "started_at": made.started_at,
        "finished_at": made.finished_at,
        "outcome": made.outcome,
        "code": made.failure.code if made.failure else "",
        "message": made.failure.message if made.failure else "",
        "status": made.status,
        "bytes": made.bytes,
        "new_items": applied.new,
        "revised_items": applied.revised,
    }


# ---------------------------------------------------------------- snapshots and states


def _keep(connection: Connection, kept: Sequence[Snapshot]) -> dict[Snapshot, int]:
    """The row numbers of *kept*, with new rows for those that have none."""
    return {one: _snapshot_id(connection, one) for one in dict.fromkeys(kept)}


def _snapshot_id(connection: Connection, one: Snapshot) -> int:
    held = connection.execute(
        select(snapshot.c.id).where(snapshot.c.file == one.file, snapshot.c.offset == one.offset)
    ).scalar()
    if held is not None:
        return int(held)
    values = {name: getattr(one, name) for name in _SNAPSHOT_FIELDS}
    done = connection.execute(insert(snapshot).values(values))
    key = done.inserted_primary_key
    return int(key[0]) if key else 0


_SNAPSHOT_FIELDS = tuple(f.name for f in fields(Snapshot))


def _snapshot(row: Row[Any]) -> Snapshot:
    return Snapshot(**{name: getattr(row, name) for name in _SNAPSHOT_FIELDS})


def _set_state(connection: Connection, appearance_id: int, made: PageVisit) -> None:
    """Write that the page was looked at, and the state that it was found in."""
    a = appearance.c
    row = connection.execute(
        select(a.state, a.missed_since, a.gone_at, a.work_id, a.number).where(a.id == appearance_id)
    ).one()
    state = State(made.state or row.state)
    at = made.finished_at
    values: dict[str, object] = {"last_checked_at": at, "state": state}
    if state in (State.LIVE, State.MOVED):
        values |= {"last_seen_at": at, "missed_since": None, "gone_at": None}
    else:
        values["missed_since"] = row.missed_since or at
        values["gone_at"] = None if state is State.MISSING else row.gone_at or at
    connection.execute(update(appearance).where(a.id == appearance_id).values(values))
    if state != row.state:
        detail = {"from": row.state, "to": state, "status": made.status}
        values = {"at": at, "kind": "state", "appearance_id": appearance_id}
        values |= {"work_id": row.work_id, "number": row.number, "detail": to_json(detail)}
        connection.execute(insert(change).values(values))
