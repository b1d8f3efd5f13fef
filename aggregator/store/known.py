"""Captures of one visit -> what the archive knows that bears on them, in a few set-based queries.

What the visit itself adds is put into the ledger at once, so that two entries of one feed can be
kin of each other before anything is written.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, or_, select

from aggregator.decide import Kin, Known, KnownAppearance
from aggregator.dedup import anchors
from aggregator.model import Capture, State
from aggregator.store.packing import unpack_clauses
from aggregator.store.tables import anchor, appearance, stop_clause

T = TypeVar("T")

MAX_CARRIERS = 30  # a clause on more appearances is a set phrase: it proves nothing
MAX_KIN = 24  # candidates looked at for one capture, those with most common anchors first
_CHUNK = 500  # values of one IN list


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored appearance: what decide needs, and what applying a revision needs."""

    known: KnownAppearance
    doc: int
    published_at: datetime | None
    first_seen_at: datetime
    clauses: tuple[int, ...] = ()


def chunks(values: Iterable[T], size: int = _CHUNK) -> Iterator[list[T]]:
    """*values* in lists of at most *size*."""
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part


class StopClauses:
    """The set phrases, read once and kept in step by the one writer."""

    def __init__(self) -> None:
        self._hashes: set[int] | None = None

    def forget(self) -> None:
        """A transaction was undone: read them again when needed."""
        self._hashes = None

    def all(self, connection: Connection) -> set[int]:
        """All stop clauses as *connection* sees them."""
        if self._hashes is None:
            self._hashes = set(connection.execute(select(stop_clause.c.h)).scalars())
        return self._hashes

    def add(self, connection: Connection, hashes: Sequence[int]) -> None:
        """Make *hashes* stop clauses: they anchor nothing any more."""
        if not hashes:
            return
        for part in chunks(hashes):
            connection.execute(delete(anchor).where(anchor.c.h.in_(part)))
        connection.execute(insert(stop_clause), [{"h": h} for h in hashes])
        self.all(connection).update(hashes)


@dataclass(slots=True)
class Ledger:
    """What is known about the captures of one visit."""

    stops: set[int]
    by_key: dict[str, Stored] = field(default_factory=dict)
    kin: dict[int, Kin] = field(default_factory=dict)
    by_hash: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    carriers: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    chosen: dict[int, tuple[int, ...]] = field(default_factory=dict)  # anchors by id(capture)

    def known(self, capture: Capture) -> Known:
        """What decide needs for *capture*."""
        stored = self.by_key.get(capture.key)
        if stored is not None:
            return Known(stored.known)
        return Known(None, tuple(self.kin[i] for i in self.candidates(capture) if i in self.kin))

    def candidates(self, capture: Capture) -> list[int]:
        """Appearances that may be kin: equal ones first, then those with most common anchors."""
        print_ = capture.fingerprint
        same = self.by_hash.get(print_.body, set()) if print_.body else set()
        same = same | self.by_hash.get(print_.content, set())
        votes = Counter(i for h in self.anchors(capture) for i in self.carriers.get(h, ()))
        voted = [i for i, _ in votes.most_common(MAX_KIN) if i not in same]
        return sorted(same)[:MAX_KIN] + voted

    def anchors(self, capture: Capture) -> tuple[int, ...]:
        """The anchors of *capture* without set phrases."""
        found = self.chosen.get(id(capture))
        if found is None:
            found = self.chosen[id(capture)] = anchors(capture.fingerprint.clauses, self.stops)
        return found

    def add(self, capture: Capture, stored: Stored, kin: Kin) -> None:
        """An appearance that this visit stores or changes."""
        self.by_key[capture.key] = stored
        self.kin[kin.appearance_id] = kin
        for name in (kin.body, kin.content):
            if name:
                self.by_hash[name].add(kin.appearance_id)
        for h in self.anchors(capture):
            self.carriers[h].add(kin.appearance_id)

    def crowded(self, hashes: Iterable[int]) -> list[int]:
        """Those of *hashes* that too many appearances carry."""
        return [h for h in hashes if len(self.carriers.get(h, ())) > MAX_CARRIERS]


def open_ledger(connection: Connection, captures: Sequence[Capture], stops: set[int]) -> Ledger:
    """What the archive knows about *captures*."""
    ledger = Ledger(stops)
    _load_appearances(connection, ledger, captures)
    fresh = [c for c in captures if c.key not in ledger.by_key]
    if fresh:
        _load_kin(connection, ledger, fresh)
    return ledger


def _load_appearances(connection: Connection, ledger: Ledger, captures: Sequence[Capture]) -> None:
    a = appearance.c
    query = select(
        a.id, a.work_id, a.number, a.state, a.facets, a.content, a.key, a.doc, a.published_at,
        a.first_seen_at, a.clauses,
    )  # fmt: skip
    for part in chunks({c.key for c in captures}):
        for row in connection.execute(query.where(a.key.in_(part))):
            facets = json.loads(row.facets)
            known = KnownAppearance(
                row.id, row.work_id, row.number, State(row.state), facets, row.content
            )
            clauses = unpack_clauses(row.clauses)
            ledger.by_key[row.key] = Stored(
                known, row.doc, row.published_at, row.first_seen_at, clauses
            )


def _load_kin(connection: Connection, ledger: Ledger, captures: Sequence[Capture]) -> None:
    a = appearance.c
    hashes = {h for c in captures for h in ledger.anchors(c)}
    pairs = _select_in(
        connection,
        hashes,
        lambda part: select(anchor.c.h, anchor.c.appearance_id).where(anchor.c.h.in_(part)),
    )
    for row in pairs:
        ledger.carriers[row.h].add(row.appearance_id)
    prints = {p for c in captures for p in (c.fingerprint.body, c.fingerprint.content) if p}
    for part in chunks(prints):
        _read_kin(connection, ledger, or_(a.body.in_(part), a.content.in_(part)))
    wanted = {i for c in captures for i in ledger.candidates(c)} - ledger.kin.keys()
    for ids in chunks(wanted):
        _read_kin(connection, ledger, a.id.in_(ids))


def _select_in(
    connection: Connection, values: Iterable[Any], query: Callable[[list[Any]], Any]
) -> list[Row[Any]]:
    return [row for part in chunks(values) for row in connection.execute(query(part))]


def _read_kin(connection: Connection, ledger: Ledger, where: ColumnElement[bool]) -> None:
    a = appearance.c
    query = select(a.id, a.work_id, a.content, a.body, a.clauses, a.published_at).where(where)
    for row in connection.execute(query):
        clauses = unpack_clauses(row.clauses)
        ledger.kin[row.id] = Kin(
            row.id, row.work_id, row.content, row.body, clauses, row.published_at
        )
        for name in (row.body, row.content):
            if name:
                ledger.by_hash[name].add(row.id)
