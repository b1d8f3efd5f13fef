"""Rows of page -> the article pages whose last visit failed, newest failure first, and how many."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from aggregator.model import Sighting, State
from aggregator.store.codec import load
from aggregator.store.rows import TroubleRow
from aggregator.store.tables import page, source

_p = page.c


def _troubled() -> ColumnElement[bool]:
    """A failure stands at the page. An article that went away is a state of it, not a failure."""
    return (_p.code != "") & _p.outcome.not_in([state.value for state in State])


def troubles(connection: Connection, key: str | None, limit: int) -> list[TroubleRow]:
    """The troubled pages of the source *key*, or of all when it is None."""
    query = (
        select(
            _p.url, _p.sighting, source.c.key, _p.code, _p.error, _p.status, _p.attempts,
            _p.last_visit_at, _p.next_visit_at,
        )
        .join(source, source.c.id == _p.source_id)
        .where(_troubled())
        .order_by(_p.last_visit_at.desc(), _p.id.desc())
        .limit(limit)
    )  # fmt: skip
    if key is not None:
        query = query.where(source.c.key == key)
    return [_row(found) for found in connection.execute(query)]


def _row(found: Any) -> TroubleRow:
    return TroubleRow(
        url=found.url,
        title=load(Sighting, found.sighting).title,
        source=found.key,
        code=found.code,
        message=found.error,
        status=found.status,
        attempts=found.attempts,
        last_visit_at=found.last_visit_at,
        next_visit_at=found.next_visit_at,
    )


def trouble_counts(connection: Connection) -> dict[str, int]:
    """How many troubled pages each source has, by its key; sources without any are left out."""
    query = (
        select(source.c.key, func.count().label("number"))
        .join(source, source.c.id == _p.source_id)
        .where(_troubled())
        .group_by(source.c.key)
    )
    return {row.key: row.number for row in connection.execute(query)}
