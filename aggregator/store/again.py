"""A better reading of a page that is stored already: the revision's draft is replaced in place.

Not the site has changed but our rules, so no revision is made, nothing was seen, and the entry's
`updated` stays; later visits are compared with the new reading.
"""

from __future__ import annotations

from sqlalchemy import insert, select, update

from aggregator.dedup import anchors
from aggregator.model import Capture
from aggregator.store.apply import stored_tokens
from aggregator.store.codec import to_json
from aggregator.store.columns import (
    Origin,
    appearance_columns,
    index_entry,
    published_at,
    revision_columns,
)
from aggregator.store.index import Slots, sort_time, week, week_of
from aggregator.store.known import StopClauses, Stored, open_ledger
from aggregator.store.packing import unpack
from aggregator.store.tables import anchor, appearance, change, revision
from aggregator.store.writer import Transaction

_OF_THE_VISIT = {"last_seen_at", "last_checked_at", "url", "site"}
_OF_THE_READING = ("content", "extractor", "rules", "title", "text", "html", "draft")


def record_reading(t: Transaction, capture: Capture, number: int, stops: StopClauses) -> bool:
    """Put *capture*'s draft in the place of revision *number* of its article; False if it is equal."""
    known = stops.all(t.connection)
    stored = open_ledger(t.connection, [capture], known).by_key.get(capture.key)
    if stored is None or _draft(t, stored.known.id, number) in (None, capture.draft):
        return False
    columns = revision_columns(capture, stored.known.id, number, (), _NOWHERE)
    reading = {name: columns[name] for name in _OF_THE_READING}
    newest = number == stored.known.number
    if newest:
        _replace_newest(t, capture, stored, known)
    t.connection.execute(
        update(revision)
        .where(revision.c.appearance_id == stored.known.id, revision.c.number == number)
        .values(reading)
    )
    t.connection.execute(
        insert(change).values(
            at=capture.seen_at,
            kind="reread",
            appearance_id=stored.known.id,
            work_id=stored.known.work_id,
            number=number,
            detail=to_json({"extractor": capture.draft.extractor}),
        )
    )
    return True


_NOWHERE = Origin(0, None, {})


def _draft(t: Transaction, article_id: int, number: int) -> object:
    r = revision.c
    query = select(r.draft, r.text, r.html).where(r.appearance_id == article_id, r.number == number)
    row = t.connection.execute(query).one_or_none()
    return unpack(row.draft, row.text, row.html) if row else None


def _replace_newest(t: Transaction, capture: Capture, stored: Stored, stops: set[int]) -> None:
    """The appearance's own columns, anchors and words follow its newest revision."""
    row_id = stored.known.id
    at = sort_time(published_at(capture.draft), stored.first_seen_at)
    slots = Slots(t.connection)
    doc = stored.doc if week(at) == week_of(stored.doc) else slots.take(at)
    t.index.drop(stored.doc, stored_tokens(t.connection, row_id, stored.known.number))
    t.index.put(doc, index_entry(capture))
    values = appearance_columns(capture, row_id, stored.first_seen_at, _NOWHERE)
    kept = {name: value for name, value in values.items() if name not in _OF_THE_VISIT}
    if not kept["column_name"]:
        del kept["column_name"]  # it may be the source's
    t.connection.execute(
        update(appearance).where(appearance.c.id == row_id).values(kept | {"doc": doc})
    )
    old = set(anchors(stored.clauses, stops))
    new = set(anchors(capture.fingerprint.clauses, stops))
    if gone := old - new:
        t.connection.execute(
            anchor.delete().where(anchor.c.appearance_id == row_id, anchor.c.h.in_(gone))
        )
    if fresh := new - old:
        t.connection.execute(insert(anchor), [{"h": h, "appearance_id": row_id} for h in fresh])
