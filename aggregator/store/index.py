"""Changes of the full-text index, gathered over a batch and written once, in the order of documents.

FTS5 writes a segment whenever a document arrives out of order, so a batch is sorted first. The
index keeps no text: a document is deleted by naming the tokens that it was indexed with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, func, insert, select, text

from aggregator.store.tables import appearance, article_text
from aggregator.store.types import to_milliseconds

# A document number is the week of the article and a slot in it: newest first is then nearly the
# index's own order, and small steps between numbers keep the index small (for 10,000 articles of
# 1,100 characters 2.1 KB each; 6.6 KB with seconds in the number; 1.6 KB without any gaps).
SLOT_BITS = 14
_WEEK = 7 * 86_400_000  # milliseconds
_SORT_BITS = 24
_AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index holds of one document: its tokens, and the normalised text they came from."""

    tokens: str
    text: str


@dataclass(slots=True)
class IndexBatch:
    """For each document: the tokens that the index holds before, and the entry it is to hold."""

    changes: dict[int, tuple[str | None, Entry | None]] = field(default_factory=dict)

    def put(self, doc: int, entry: Entry) -> None:
        """*doc* is to hold *entry*."""
        before, _ = self.changes.get(doc, (None, None))
        self.changes[doc] = (before, entry)

    def drop(self, doc: int, tokens: str) -> None:
        """*doc*, indexed with *tokens*, is to hold nothing."""
        before, now = self.changes.get(doc, (None, None))
        self.changes[doc] = (before if now else tokens, None)

    def merge(self, later: IndexBatch) -> None:
        """Add the changes of *later*."""
        for doc, (before, entry) in later.changes.items():
            if before is not None:
                self.drop(doc, before)
            if entry is not None:
                self.put(doc, entry)


_DELETE = text(
    "INSERT INTO article_fts(article_fts, rowid, tokens) VALUES ('delete', :doc, :tokens)"
)
_INSERT = text("INSERT INTO article_fts(rowid, tokens) VALUES (:doc, :tokens)")


def flush(connection: Connection, batch: IndexBatch) -> None:
    """Write *batch* to the full-text index and to article_text."""
    ordered = sorted(batch.changes.items())
    old = [{"doc": doc, "tokens": before} for doc, (before, _) in ordered if before is not None]
    new = [
        {"doc": doc, "tokens": entry.tokens, "text": entry.text}
        for doc, (_, entry) in ordered
        if entry is not None
    ]
    if old:
        gone = [{"b_doc": row["doc"]} for row in old]
        connection.execute(
            delete(article_text).where(article_text.c.doc == bindparam("b_doc")), gone
        )
        connection.execute(_DELETE, old)
    if new:
        connection.execute(insert(article_text), new)
        connection.execute(_INSERT, new)


# ---------------------------------------------------------------- order


def sort_time(published: datetime | None, first_seen: datetime) -> datetime:
    """The time that an article is listed at: as published, unless that lies after our first sight."""
    if published is None or published > first_seen + _AHEAD:
        return first_seen
    return published


def sort_key(at: datetime, row_id: int) -> int:
    """A number that rises with time and is unique: seconds since 1970, then the row's id."""
    return (to_milliseconds(at) // 1000) << _SORT_BITS | row_id & ((1 << _SORT_BITS) - 1)


def week_of(doc: int) -> int:
    """The week (since 1970) that a document number lies in."""
    return doc >> SLOT_BITS


def week(at: datetime) -> int:
    """The week (of seven days, since 1970, UTC) of an instant."""
    return to_milliseconds(at) // _WEEK


class Slots:
    """Gives out document numbers within one transaction; a full week spills into the next."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._next: dict[int, int] = {}

    def take(self, at: datetime) -> int:
        """The next free number of the week of *at*."""
        number = week(at)
        while True:
            doc = self._next.get(number) or self._first_free(number)
            if week_of(doc) == number:
                self._next[number] = doc + 1
                return doc
            number += 1

    def _first_free(self, number: int) -> int:
        low, high = number << SLOT_BITS, (number + 1) << SLOT_BITS
        query = select(func.max(appearance.c.doc)).where(
            appearance.c.doc >= low, appearance.c.doc < high
        )
        last = self._connection.execute(query).scalar()
        return low if last is None else last + 1


def first_key(at: datetime) -> int:
    """The least sort key of an instant: for ranges."""
    return (to_milliseconds(at) // 1000) << _SORT_BITS
