"""Rows of page and sighting: which article addresses lists showed, and when each is visited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from aggregator.model import Sighting
from aggregator.ports import KeyedSighting, PageTask, PageVisit, SourceVisit
from aggregator.store.codec import dump, load
from aggregator.store.known import chunks
from aggregator.store.sources import is_active, options_of, overdue
from aggregator.store.tables import page, sighting, source

_p, _s = page.c, sighting.c

# ---------------------------------------------------------------- due


_TASK = select(
    _p.id, _p.key, _p.url, _p.host, _p.source_id, _p.sighting, _p.attempts, _p.etag,
    _p.last_modified, _p.digest, _p.appearance_id, _p.first_seen_at, _p.missed,
    source.c.options, source.c.key.label("source_key"),
).join(source, source.c.id == _p.source_id)  # fmt: skip


def due_pages(connection: Connection, host: str, now: datetime, limit: int) -> list[PageTask]:
    """Pages of *host* that are due: those never visited first, then the longest waiting."""
    found: list[PageTask] = []
    for visited in (False, True):
        query = (
            _TASK.where(
                _p.host == host,
                _p.visited.is_(visited),
                overdue(_p.next_visit_at, now),
                is_active(),
            )
            .order_by(_p.next_visit_at)
            .limit(limit - len(found))
        )
        if len(found) < limit:
            found += [_task(row) for row in connection.execute(query)]
    return found


def _task(row: Any) -> PageTask:
    values = dict(row._mapping)
    values["sighting"] = load(Sighting, row.sighting)
    values["options"] = options_of(row.options)
    return PageTask(**values)


# ---------------------------------------------------------------- lists


def known_entries(connection: Connection, source_id: int, keys: Sequence[str]) -> dict[str, str]:
    """The digests of those *keys* that the source listed before."""
    found: dict[str, str] = {}
    for part in chunks(keys):
        query = select(_s.key, _s.digest).where(_s.source_id == source_id, _s.key.in_(part))
        found.update((row.key, row.digest) for row in connection.execute(query))
    return found


def queue_pages(connection: Connection, visit: SourceVisit, known: dict[str, str]) -> int:
    """Plan a visit to the page of each sighting that asks for one; returns how many are queued.

    A page that is known is asked again when its own list says something new of it, or when
    nothing was planned for it any more and it has brought no article.
    """
    wanted = {s.key: s for s in visit.sightings if s.fetch}
    held = {row.key: row for part in chunks(wanted) for row in _held_pages(connection, part)}
    fresh = [_new_page(s, visit) for key, s in wanted.items() if key not in held]
    again = [
        {
            "b_id": row.id,
            "url": wanted[key].sighting.url,
            "sighting": _kept(wanted[key].sighting),
            "next_visit_at": visit.finished_at,
        }
        for key, row in held.items()
        if key in known or (row.next_visit_at is None and row.appearance_id is None)
    ]
    if fresh:
        connection.execute(insert(page), fresh)
    if again:
        connection.execute(_AGAIN, again)
    return len(fresh) + len(again)


_AGAIN = (
    update(page)
    .where(_p.id == bindparam("b_id"))
    .values({n: bindparam(n) for n in ("url", "sighting", "next_visit_at")} | {"attempts": 0})
)


def _held_pages(connection: Connection, keys: Sequence[str]) -> Sequence[Any]:
    query = select(_p.key, _p.id, _p.next_visit_at, _p.appearance_id).where(_p.key.in_(keys))
    return connection.execute(query).all()


def _kept(said: Sighting) -> str:
    return dump(replace(said, content=""))


def _new_page(item: KeyedSighting, visit: SourceVisit) -> dict[str, object]:
    return {
        "key": item.key,
        "url": item.sighting.url,
        "host": item.host,
        "source_id": visit.source_id,
        "sighting": _kept(item.sighting),
        "visited": False,
        "next_visit_at": visit.finished_at,
        "first_seen_at": visit.finished_at,
    }


def note_sightings(connection: Connection, visit: SourceVisit, known: dict[str, str]) -> None:
    """Write what the list showed: new and changed lines, positions, and which lines left it."""
    order = {key: n for n, key in enumerate(visit.listed_keys or [s.key for s in visit.sightings])}
    _leave(connection, visit, order)
    said = {s.key: s for s in visit.sightings}
    ids = _page_ids(connection, list(said))
    fresh = [k for k in said if k not in known]
    if fresh:
        rows = [
            _line(said[k], order.get(k), visit)
            | {"page_id": ids.get(k), "first_seen_at": visit.finished_at}
            for k in fresh
        ]
        connection.execute(insert(sighting), rows)
    changed = [k for k in said if k in known]
    if changed:
        rows = [_bound(_line(said[k], order.get(k), visit)) for k in changed]
        connection.execute(_CHANGED, rows)
    same = [k for k in order if k not in said]
    if same:
        rows = [
            {
                "b_source": visit.source_id,
                "b_key": k,
                "position": order[k],
                "last_seen_at": visit.finished_at,
            }
            for k in same
        ]
        connection.execute(_SAME, rows)


def _line(item: KeyedSighting, position: int | None, visit: SourceVisit) -> dict[str, Any]:
    return {
        "source_id": visit.source_id,
        "key": item.key,
        "digest": item.digest,
        "position": position,
        "title": item.sighting.title,
        "last_seen_at": visit.finished_at,
        "left_at": None,
    }


def _bound(row: dict[str, Any]) -> dict[str, Any]:
    row["b_source"], row["b_key"] = row.pop("source_id"), row.pop("key")
    return row


_LINE = update(sighting).where(_s.source_id == bindparam("b_source"), _s.key == bindparam("b_key"))
_CHANGED = _LINE.values(
    {n: bindparam(n) for n in ("digest", "position", "title", "last_seen_at", "left_at")}
)
_SAME = _LINE.values({n: bindparam(n) for n in ("position", "last_seen_at")} | {"left_at": None})


def _leave(connection: Connection, visit: SourceVisit, order: dict[str, int]) -> None:
    """Take the lines off the list that it shows no more.

    One that stood above a line which is still there was taken out (left_at); those at the end
    only made room for new ones.
    """
    query = select(_s.key, _s.position).where(
        _s.source_id == visit.source_id, _s.position.is_not(None)
    )
    before = {row.key: row.position for row in connection.execute(query)}
    last = max((at for key, at in before.items() if key in order), default=-1)
    gone = [
        {
            "b_source": visit.source_id,
            "b_key": key,
            "left_at": visit.finished_at if at < last else None,
        }
        for key, at in before.items()
        if key not in order
    ]
    if gone:
        connection.execute(_GONE, gone)


_GONE = _LINE.values({"position": None, "left_at": bindparam("left_at")})


def _page_ids(connection: Connection, keys: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in chunks(keys):
        rows = connection.execute(select(_p.key, _p.id).where(_p.key.in_(part)))
        found.update((row.key, row.id) for row in rows)
    return found


# ---------------------------------------------------------------- after a visit


# A postponed visit met a fault that is not the page's, so it is no attempt.
_ATTEMPTS: dict[str, Any] = {"ok": 0, "unchanged": 0, "postponed": _p.attempts}


def apply_page_visit(connection: Connection, visit: PageVisit, appearance_id: int | None) -> None:
    """Write validators, schedule and result of *visit* into the page's row."""
    values: dict[str, Any] = {
        "visited": True,
        "next_visit_at": visit.next_visit_at,
        "last_visit_at": visit.finished_at,
        "etag": visit.etag,
        "last_modified": visit.last_modified,
        "digest": visit.digest,
        "outcome": visit.outcome,
        "code": visit.failure.code if visit.failure else "",
        "error": visit.failure.message if visit.failure else "",
        "status": visit.status,
        "missed": visit.missed,
        "leased": False,
        "attempts": _ATTEMPTS.get(visit.outcome, _p.attempts + 1),
    }
    if appearance_id is not None:
        values["appearance_id"] = appearance_id
    connection.execute(update(page).where(_p.id == visit.page_id).values(values))
