"""Captures of one visit -> decisions -> rows: works, appearances, revisions, anchors, changes.

Deciding is pure (decide.py) and is done capture by capture over the ledger; the rows are gathered
and written with one statement a table.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select, update

from aggregator.decide import Kin, KnownAppearance, New, Revised, Unchanged, decide
from aggregator.dedup import anchors
from aggregator.fulltext import tokens
from aggregator.model import Capture, State
from aggregator.ports import Counts
from aggregator.store.codec import to_json
from aggregator.store.columns import (
    Origin,
    Values,
    appearance_columns,
    feed_time,
    headline,
    index_entry,
    published_at,
    revision_columns,
)
from aggregator.store.index import Slots, sort_key, sort_time, week, week_of
from aggregator.store.known import Ledger, StopClauses, Stored, open_ledger
from aggregator.store.packing import unpack
from aggregator.store.tables import (
    anchor,
    appearance,
    change,
    revision,
    work,
)
from aggregator.store.writer import Transaction


@dataclass(slots=True)
class _Rows:
    """The rows to be written, by table and kind of statement."""

    works: list[Values] = field(default_factory=list)
    appearances: list[Values] = field(default_factory=list)
    updates: list[Values] = field(default_factory=list)
    seen: list[Values] = field(default_factory=list)
    revisions: list[Values] = field(default_factory=list)
    changes: list[Values] = field(default_factory=list)
    anchors: set[tuple[int, int]] = field(default_factory=set)
    unanchored: set[tuple[int, int]] = field(default_factory=set)
    works_updated: list[Values] = field(default_factory=list)


@dataclass(slots=True)
class Applied:
    """What became of the captures: counts, and the appearance of each key."""

    new: int = 0
    revised: int = 0
    unchanged: int = 0
    linked: int = 0
    ids: dict[str, int] = field(default_factory=dict)

    def counts(self, queued: int = 0) -> Counts:
        """As the work sees it."""
        return Counts(
            self.new, self.revised, self.unchanged, self.linked, queued, tuple(self.ids.values())
        )


def apply_captures(
    transaction: Transaction, captures: tuple[Capture, ...], origin: Origin, stops: StopClauses
) -> Applied:
    """Decide on *captures* and write what follows. Part of the caller's transaction."""
    connection = transaction.connection
    ledger = open_ledger(connection, captures, stops.all(connection))
    applier = _Applier(transaction, origin, ledger)
    for capture in captures:
        applier.take(capture)
    applier.write()
    stops.add(connection, ledger.crowded({h for h, _ in applier.rows.anchors}))
    return applier.applied


class _Applier:
    """Turns decisions into rows, then writes them."""

    def __init__(self, transaction: Transaction, origin: Origin, ledger: Ledger) -> None:
        self.connection, self.index = transaction.connection, transaction.index
        self.origin, self.ledger = origin, ledger
        self.slots = Slots(self.connection)
        self.rows = _Rows()
        self.applied = Applied()
        self._next_work = _next_id(self.connection, work)
        self._next_appearance = _next_id(self.connection, appearance)

    def take(self, capture: Capture) -> None:
        decision = decide(capture, self.ledger.known(capture))
        match decision:
            case New():
                self._new(capture, decision)
            case Revised():
                self._revised(capture, decision)
            case Unchanged():
                self._unchanged(capture, decision)

    # ------------------------------------------------------------ new

    def _new(self, capture: Capture, decision: New) -> None:
        row_id, self._next_appearance = self._next_appearance, self._next_appearance + 1
        published = published_at(capture.draft)
        if decision.work_id is None:
            work_id = self._new_work(capture, published)
        else:
            work_id = decision.work_id
            self.applied.linked += 1
        doc = self.slots.take(sort_time(published, capture.seen_at))
        self.rows.appearances.append(
            appearance_columns(capture, row_id, capture.seen_at, self.origin)
            | {
                "id": row_id,
                "work_id": work_id,
                "key": capture.key,
                "source_id": self.origin.source_id,
                "relation": decision.relation,
                "kin_id": decision.kin_id,
                "state": State.LIVE,
                "first_seen_at": capture.seen_at,
                "number": 1,
                "doc": doc,
            }
        )
        self._revision(capture, row_id, 1, ())
        kind = "new" if decision.work_id is None else "linked"
        self._change(capture.seen_at, kind, row_id, work_id, 1, {"relation": decision.relation})
        self.index.put(doc, index_entry(capture))
        self._remember(capture, row_id, work_id, 1, doc, capture.seen_at)
        self.applied.new += 1
        self.applied.ids[capture.key] = row_id

    def _new_work(self, capture: Capture, published: datetime | None) -> int:
        row_id, self._next_work = self._next_work, self._next_work + 1
        shown_at = feed_time(published, capture.seen_at, self.origin.since)
        self.rows.works.append(
            {
                "id": row_id,
                "entry_id": secrets.token_hex(10),
                "feed_key": sort_key(shown_at, row_id),
                "title": headline(capture.draft),
                "first_seen_at": capture.seen_at,
                "updated_at": capture.seen_at,
            }
        )
        return row_id

    # ------------------------------------------------------------ known

    def _revised(self, capture: Capture, decision: Revised) -> None:
        stored = self.ledger.by_key[capture.key]
        row_id, work_id, number = stored.known.id, stored.known.work_id, stored.known.number + 1
        old_tokens = self._tokens_of(row_id, stored.known.number)
        at = sort_time(published_at(capture.draft), stored.first_seen_at)
        doc = stored.doc if week(at) == week_of(stored.doc) else self.slots.take(at)
        self.index.drop(stored.doc, old_tokens)
        self.index.put(doc, index_entry(capture))
        self.rows.updates.append(
            appearance_columns(capture, row_id, stored.first_seen_at, self.origin)
            | {"b_id": row_id, "number": number, "doc": doc}
            | _LIVE
        )
        self._revision(capture, row_id, number, decision.kinds)
        self._change(
            capture.seen_at, "revised", row_id, work_id, number, {"kinds": list(decision.kinds)}
        )
        if decision.back:
            self._back(capture.seen_at, stored.known, number)
        self.rows.works_updated.append({"b_id": work_id, "updated_at": capture.seen_at})
        old = anchors(stored.clauses, self.ledger.stops)
        self.rows.unanchored.update((h, row_id) for h in old)
        self.rows.anchors = {pair for pair in self.rows.anchors if pair[1] != row_id}
        self._remember(capture, row_id, work_id, number, doc, stored.first_seen_at)
        self.applied.revised += 1
        self.applied.ids[capture.key] = row_id

    def _unchanged(self, capture: Capture, decision: Unchanged) -> None:
        stored = self.ledger.by_key[capture.key]
        self.rows.seen.append(
            {
                "b_id": stored.known.id,
                "last_seen_at": capture.seen_at,
                "last_checked_at": capture.seen_at,
            }
            | _LIVE
        )
        if decision.back:
            self._back(capture.seen_at, stored.known, stored.known.number)
            known = replace(stored.known, state=State.LIVE)
            self.ledger.by_key[capture.key] = replace(stored, known=known)
        self.applied.unchanged += 1
        self.applied.ids[capture.key] = stored.known.id

    def _back(self, at: datetime, known: KnownAppearance, number: int) -> None:
        detail = {"from": known.state, "to": State.LIVE}
        self._change(at, "state", known.id, known.work_id, number, detail)

    def _tokens_of(self, appearance_id: int, number: int) -> str:
        """The tokens that the index holds of a stored revision, or of one about to be written."""
        for row in reversed(self.rows.revisions):
            if row["appearance_id"] == appearance_id:
                return tokens(unpack(row["draft"], row["text"], row["html"]))
        return stored_tokens(self.connection, appearance_id, number)

    # ------------------------------------------------------------ rows

    def _revision(
        self, capture: Capture, appearance_id: int, number: int, kinds: tuple[str, ...]
    ) -> None:
        self.rows.revisions.append(
            revision_columns(capture, appearance_id, number, kinds, self.origin)
        )

    def _change(
        self,
        at: datetime,
        kind: str,
        appearance_id: int,
        work_id: int,
        number: int,
        detail: Mapping[str, object],
    ) -> None:
        self.rows.changes.append(
            {
                "at": at,
                "kind": kind,
                "appearance_id": appearance_id,
                "work_id": work_id,
                "number": number,
                "detail": to_json(detail),
            }
        )

    def _remember(
        self,
        capture: Capture,
        row_id: int,
        work_id: int,
        number: int,
        doc: int,
        first_seen_at: datetime,
    ) -> None:
        print_ = capture.fingerprint
        published = published_at(capture.draft)
        known = KnownAppearance(row_id, work_id, number, State.LIVE, print_.facets, print_.content)
        kin = Kin(row_id, work_id, print_.content, print_.body, print_.clauses, published)
        self.rows.anchors.update((h, row_id) for h in self.ledger.anchors(capture))
        self.ledger.add(capture, Stored(known, doc, published, first_seen_at, print_.clauses), kin)

    def write(self) -> None:
        """All rows, those that others refer to first."""
        rows, run = self.rows, self.connection.execute
        if rows.works:
            run(insert(work), rows.works)
        if rows.appearances:
            run(insert(appearance), rows.appearances)
        if rows.updates:
            run(_UPDATE_APPEARANCE, rows.updates)
        if rows.seen:
            run(_SEEN, rows.seen)
        if rows.revisions:
            run(insert(revision), rows.revisions)
        if rows.changes:
            run(insert(change), rows.changes)
        if rows.works_updated:
            run(_UPDATE_WORK, rows.works_updated)
        if gone := rows.unanchored - rows.anchors:
            run(_UNANCHOR, [{"b_h": h, "b_id": i} for h, i in gone])
        if fresh := rows.anchors - rows.unanchored:
            run(insert(anchor), [{"h": h, "appearance_id": i} for h, i in sorted(fresh)])


_LIVE: Values = {"state": State.LIVE, "missed_since": None, "gone_at": None}
_SEEN = (
    update(appearance)
    .where(appearance.c.id == bindparam("b_id"))
    .values({n: bindparam(n) for n in ("last_seen_at", "last_checked_at", *_LIVE)})
)
_UNANCHOR = delete(anchor).where(
    anchor.c.h == bindparam("b_h"), anchor.c.appearance_id == bindparam("b_id")
)
_UPDATE_WORK = (
    update(work).where(work.c.id == bindparam("b_id")).values(updated_at=bindparam("updated_at"))
)


def stored_tokens(connection: Connection, appearance_id: int, number: int) -> str:
    """The full-text tokens of a stored revision."""
    r = revision.c
    row = connection.execute(
        select(r.draft, r.text, r.html).where(r.appearance_id == appearance_id, r.number == number)
    ).one()
    return tokens(unpack(row.draft, row.text, row.html))


def _next_id(connection: Connection, table: Table) -> int:
    # Exact because the transaction holds the write lock from its beginning.
    last = connection.execute(select(func.max(table.c.id))).scalar()
    return int(last or 0) + 1


_REVISED_COLUMNS = (
    "url", "site", "last_seen_at", "last_checked_at", "title", "subtitle", "source_name",
    "authors", "editors", "published_at", "published_text", "precision", "column_name", "image",
    "summary", "fingerprint", "content", "body", "clauses", "facets", "sort_key",
    "number", "doc", *_LIVE,
)  # fmt: skip
_UPDATE_APPEARANCE = (
    update(appearance)
    .where(appearance.c.id == bindparam("b_id"))
    .values({name: bindparam(name) for name in _REVISED_COLUMNS})
)
