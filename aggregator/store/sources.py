"""Rows of source: configured, planned, due, and what a visit made of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    bindparam,
    case,
    func,
    insert,
    or_,
    select,
    update,
)

from aggregator.config import SourceOptions, SourceSpec
from aggregator.ports import SourceState, SourceVisit
from aggregator.store.apply import Applied
from aggregator.store.codec import dump, load
from aggregator.store.tables import source
from aggregator.store.types import Instant, Words
from aggregator.url import host

# Nothing is planned further away than this; what is, was planned under a wrong clock.
HORIZON = timedelta(days=366)

_GOOD = ("ok", "unchanged")


@lru_cache(maxsize=4096)
def options_of(text: str) -> SourceOptions:
    """The options whose JSON is *text* (equal text gives the same value)."""
    return load(SourceOptions, text)


def overdue(column: ColumnElement[Any], now: datetime) -> ColumnElement[bool]:
    """Whether the visit planned in *column* is due at *now*."""
    return or_(column <= now, column > now + HORIZON)


def is_active() -> ColumnElement[bool]:
    """Whether a source is asked at all."""
    return source.c.enabled.is_(True) & source.c.stopped.is_(False)


# ---------------------------------------------------------------- configuration


def register(connection: Connection, specs: Sequence[SourceSpec], now: datetime) -> None:
    """Make the table equal to *specs*: new ones are due now, absent ones are kept but rest."""
    held = {row.key: row for row in connection.execute(select(source))}
    for spec in specs:
        text = dump(spec.options)
        old = held.pop(spec.key, None)
        if old is None:
            connection.execute(insert(source), _fresh(spec, text, now))
        elif old.options != text or old.removed_at is not None:
            values = _changed(old, spec, text, now)
            connection.execute(update(source).where(source.c.id == old.id), values)
    for old in held.values():
        if old.removed_at is None:
            resting = {"enabled": False, "removed_at": now}
            connection.execute(update(source).where(source.c.id == old.id), resting)


def _fresh(spec: SourceSpec, text: str, now: datetime) -> dict[str, object]:
    return {
        "key": spec.key,
        "url": spec.options.url,
        "host": host(spec.options.url),
        "options": text,
        "enabled": spec.options.enabled,
        "next_visit_at": now,
        "added_at": now,
    }


def _changed(old: Row[Any], spec: SourceSpec, text: str, now: datetime) -> dict[str, object]:
    # With other options the same bytes may read differently, so the validators are void.
    values: dict[str, object] = {
        "options": text,
        "enabled": spec.options.enabled,
        "removed_at": None,
        "etag": "",
        "last_modified": "",
        "digest": "",
        "next_visit_at": now,
    }
    if old.url != spec.options.url:
        values |= {
            "url": spec.options.url,
            "host": host(spec.options.url),
            "url_override": "",
            "redirect_seen": "",
            "failures": 0,
            "stopped": False,
            "items_usual": 0,
        }
    return values


# ---------------------------------------------------------------- states


_STATE = select(
    source.c.id, source.c.key, source.c.options, source.c.host, source.c.etag,
    source.c.last_modified, source.c.digest, source.c.url_override, source.c.redirect_seen,
    source.c.next_visit_at, source.c.last_visit_at, source.c.last_ok_at, source.c.failures,
    source.c.items_usual, source.c.newest_at, source.c.interval, source.c.stopped,
)  # fmt: skip


def due_sources(connection: Connection, at_host: str, now: datetime) -> list[SourceState]:
    """Active sources of *at_host* that are due, longest waiting first."""
    query = _STATE.where(
        source.c.host == at_host, is_active(), overdue(source.c.next_visit_at, now)
    ).order_by(source.c.next_visit_at)
    return [_state(row) for row in connection.execute(query)]


def source_states(connection: Connection, keys: Sequence[str]) -> list[SourceState]:
    """Enabled sources by key, due or not; all when *keys* is empty."""
    query = _STATE.where(source.c.enabled.is_(True)).order_by(source.c.id)
    if keys:
        query = query.where(source.c.key.in_(keys))
    return [_state(row) for row in connection.execute(query)]


def _state(row: Any) -> SourceState:
    values: dict[str, Any] = dict(row._mapping)
    return SourceState(**values | {"options": options_of(row.options)})


# ---------------------------------------------------------------- after a visit


def apply_visit(connection: Connection, visit: SourceVisit, applied: Applied) -> None:
    """Write validators, schedule and result of *visit* into the source's row."""
    values: dict[str, Any] = {
        "b_id": visit.source_id,
        "b_new": applied.new,
        "b_revised": applied.revised,
        "last_visit_at": visit.finished_at,
        "last_outcome": visit.outcome,
        "last_code": visit.failure.code if visit.failure else "",
        "last_error": visit.failure.message if visit.failure else "",
        "last_status": visit.status,
    }
    values |= {name: getattr(visit, name) for name in _AS_GIVEN}
    if visit.outcome not in _GOOD:
        postponed = visit.outcome == "postponed"  # a fault that is not the source's
        connection.execute(_AFTER_VISIT if postponed else _AFTER_BAD, values)
        return
    values |= {
        "b_ok": visit.finished_at,
        "items_usual": visit.items,
        "b_newest": visit.newest_at,
        "b_title": visit.title,
        "b_home": visit.home_url,
    }
    connection.execute(_AFTER_GOOD, values)


# Statements are made once: building one costs as much as running it.
_AS_GIVEN = (
    "etag", "last_modified", "digest", "url_override", "redirect_seen", "next_visit_at", "interval",
    "stopped",
)  # fmt: skip
_c = source.c
_AFTER_VISIT = (
    update(source)
    .where(_c.id == bindparam("b_id"))
    .values({n: bindparam(n) for n in _AS_GIVEN})
    .values({n: bindparam(n) for n in ("last_visit_at", "last_outcome", "last_code")})
    .values({n: bindparam(n) for n in ("last_error", "last_status")})
    .values(
        leased=False,
        visits=_c.visits + 1,
        new_items=_c.new_items + bindparam("b_new"),
        revised_items=_c.revised_items + bindparam("b_revised"),
    )
)
_AFTER_BAD = _AFTER_VISIT.values(failures=_c.failures + 1)
_NEWEST = bindparam("b_newest", type_=Instant)
_AFTER_GOOD = _AFTER_VISIT.values(
    failures=0,
    last_ok_at=bindparam("b_ok"),
    first_ok_at=func.coalesce(_c.first_ok_at, bindparam("b_ok", type_=Instant)),
    items_usual=bindparam("items_usual"),
    newest_at=case((or_(_NEWEST.is_(None), _c.newest_at > _NEWEST), _c.newest_at), else_=_NEWEST),
    title=func.coalesce(func.nullif(bindparam("b_title", type_=Words), ""), _c.title),
    home_url=func.coalesce(func.nullif(bindparam("b_home", type_=Words), ""), _c.home_url),
)


def count(connection: Connection, source_id: int, applied: Applied) -> None:
    """Add what a page of the source brought to its counters."""
    if applied.new or applied.revised:
        values = {
            "new_items": source.c.new_items + applied.new,
            "revised_items": source.c.revised_items + applied.revised,
        }
        connection.execute(update(source).where(source.c.id == source_id).values(values))
