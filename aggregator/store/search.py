"""Terms and a filter -> hits in order: the full-text index proposes, the stored text decides."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Literal

from sqlalchemy import ColumnElement, Connection, func, select, text

from aggregator.errors import QueryError
from aggregator.store.index import SLOT_BITS, day_of
from aggregator.store.known import chunks
from aggregator.store.tables import appearance, article_text, source
from aggregator.store.terms import Term, match_expression
from aggregator.text import norm

Order = Literal["newest", "relevance"]

COUNTED = 1000  # hits are counted up to here, beyond it is said "more than"
RANKED = 2000  # of so many hits, the newest, the most relevant are chosen
# So many of the newest articles are looked through before the index is asked for a single
# character: a common one is found at once, and only for a rare one the index is quick.
_LOOKED_THROUGH = 300
_FIRST, _MOST = 32, 512  # documents that are read at once: few at first, then more

_MATCH = text(
    "SELECT rowid FROM article_fts WHERE article_fts MATCH :match AND rowid < :below "
    "ORDER BY rowid DESC"
)
_NEWEST = text("SELECT doc FROM article_text WHERE doc < :below ORDER BY doc DESC LIMIT :most")
_ALL = 1 << 62


@dataclass(frozen=True, slots=True)
class Hit:
    """An appearance whose text holds all terms, and its place in the order."""

    appearance_id: int
    day: int
    sort_key: int
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """The hits of one page, how many there are in all, and the cursor of the next page."""

    hits: tuple[Hit, ...]
    total: int
    more_than: bool
    next: str | None


def find(
    connection: Connection,
    terms: Sequence[Term],
    where: Sequence[ColumnElement[bool]],
    limit: int,
    cursor: str | None,
    order: Order,
) -> Found:
    """The page of hits after *cursor* (None: the first)."""
    if order == "relevance":
        return _by_relevance(connection, terms, where, limit, cursor)
    place = _Place.read(cursor)
    hits = _after(_hits(connection, terms, where, place.below), place)
    page = list(islice(hits, limit))
    following = next(hits, None)
    total, more = place.total, place.more
    if cursor is None:
        total, more = _count(connection, terms, where, page, following, hits)
    if following is None:
        return Found(tuple(page), total, more, None)
    last = page[-1]
    return Found(tuple(page), total, more, _Place(last.day, last.sort_key, total, more).written())


def _count(
    connection: Connection,
    terms: Sequence[Term],
    where: Sequence[ColumnElement[bool]],
    page: Sequence[Hit],
    following: Hit | None,
    rest: Iterator[Hit],
) -> tuple[int, bool]:
    """The number of hits, and whether there are more."""
    if following is None:
        return len(page), False
    seen = len(page) + 1
    if not where and all(t.is_window for t in terms):
        query = text(
            "SELECT count(*) FROM (SELECT 1 FROM article_fts WHERE article_fts MATCH :match LIMIT :most)"
        )
        found = connection.execute(query, {"match": match_expression(terms), "most": COUNTED + 1})
        seen = found.scalar_one()
    else:
        seen += sum(1 for _ in islice(rest, COUNTED + 1 - seen))
    return min(seen, COUNTED), seen > COUNTED


# ---------------------------------------------------------------- newest first


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page ended, with the totals that were counted for the first page."""

    day: int = (_ALL >> SLOT_BITS) - 1
    sort_key: int = _ALL
    total: int = 0
    more: bool = False

    @property
    def below(self) -> int:
        """The first document number after the day of this place."""
        return (self.day + 1) << SLOT_BITS

    @classmethod
    def read(cls, cursor: str | None) -> _Place:
        if cursor is None:
            return cls()
        try:
            day, sort_key, total, more = (int(part) for part in cursor.split("."))
        except ValueError as error:
            raise QueryError(cursor, 0, "this is no cursor that this search gave out") from error
        bound = 1 << 48
        if not (-bound < day < bound and -_ALL < sort_key <= _ALL):
            raise QueryError(cursor, 0, "this is no cursor that this search gave out")
        return cls(day, sort_key, total, bool(more))

    def written(self) -> str:
        return f"{self.day}.{self.sort_key}.{self.total}.{int(self.more)}"


def _after(hits: Iterator[Hit], place: _Place) -> Iterator[Hit]:
    return (h for h in hits if h.day < place.day or h.sort_key < place.sort_key)


def _hits(
    connection: Connection,
    terms: Sequence[Term],
    where: Sequence[ColumnElement[bool]],
    below: int,
) -> Iterator[Hit]:
    """All hits, newest first: by day in the order of the index, within a day by time."""
    normals = [t.normal for t in terms]
    for docs in _batches(_proposed(connection, terms, below)):
        yield from (
            hit
            for hit in _read(connection, docs, where)
            if all(normal in hit.text for normal in normals)
        )


def _proposed(connection: Connection, terms: Sequence[Term], below: int) -> Iterator[int]:
    """Documents that may match, highest number first."""
    match = match_expression(terms)
    if any(t.prefixes for t in terms):
        windows = match_expression(terms, prefixes=False)
        quick = _stream(connection, windows, below)
        for doc in islice(quick, _LOOKED_THROUGH):
            below = doc
            yield doc
    yield from _stream(connection, match, below)


def _stream(connection: Connection, match: str, below: int) -> Iterator[int]:
    """Documents under *below* that the index proposes for *match*; "" proposes the newest ones."""
    if match:
        result = connection.execute(_MATCH, {"match": match, "below": below})
    else:
        result = connection.execute(_NEWEST, {"below": below, "most": _LOOKED_THROUGH})
    try:
        while rows := result.fetchmany(_FIRST):
            for (doc,) in rows:
                yield doc
    finally:
        result.close()


def _batches(docs: Iterator[int]) -> Iterator[list[int]]:
    """Whole days together, few documents at first."""
    size = _FIRST
    batch: list[int] = []
    for _, group in groupby(docs, key=day_of):
        batch += group
        if len(batch) >= size:
            yield batch
            batch, size = [], min(size * 2, _MOST)
    if batch:
        yield batch


def _read(
    connection: Connection, docs: Sequence[int], where: Sequence[ColumnElement[bool]]
) -> list[Hit]:
    """The proposed documents that pass the filter, in order, with their texts."""
    a = appearance.c
    query = (
        select(a.id, a.doc, a.sort_key, article_text.c.text)
        .join(article_text, article_text.c.doc == a.doc)
        .where(*where)
    )
    if where:
        query = query.join(source, source.c.id == a.source_id)
    rows = [
        Hit(row.id, day_of(row.doc), row.sort_key, row.text)
        for part in chunks(docs)
        for row in connection.execute(query.where(a.doc.in_(part)))
    ]
    return sorted(rows, key=lambda hit: (hit.day, hit.sort_key), reverse=True)


# ---------------------------------------------------------------- relevance


def _by_relevance(
    connection: Connection,
    terms: Sequence[Term],
    where: Sequence[ColumnElement[bool]],
    limit: int,
    cursor: str | None,
) -> Found:
    """BM25 over whole terms, counted in the stored texts; a term in the title counts most."""
    try:
        start = int(cursor or "0")
    except ValueError as error:
        raise QueryError(str(cursor), 0, "this is no cursor that this search gave out") from error
    hits = list(islice(_hits(connection, terms, where, _ALL), RANKED + 1))
    more, hits = len(hits) > RANKED, hits[:RANKED]
    titles = _titles(connection, hits)
    mean = sum(len(h.text) for h in hits) / len(hits) if hits else 1.0
    scores = {h.appearance_id: _score(h, terms, mean, titles[h.appearance_id]) for h in hits}
    hits.sort(key=lambda h: (scores[h.appearance_id], h.sort_key), reverse=True)
    page = tuple(hits[max(start, 0) : max(start, 0) + limit])
    end = max(start, 0) + limit
    return Found(page, len(hits), more, str(end) if end < len(hits) else None)


def _score(hit: Hit, terms: Sequence[Term], mean: float, title: str) -> float:
    """Term frequencies, saturated and over length (BM25, k1 1.2, b 0.75); all hits hold all terms."""
    length = 1.2 * (0.25 + 0.75 * len(hit.text) / mean)
    score = 0.0
    for term in terms:
        count = hit.text.count(term.normal)
        weight = math.log2(1 + len(term.normal))
        score += weight * (count / (count + length) + (1.0 if term.normal in title else 0.0))
    return score


def _titles(connection: Connection, hits: Sequence[Hit]) -> dict[int, str]:
    a = appearance.c
    found: dict[int, str] = {}
    for part in chunks(h.appearance_id for h in hits):
        rows = connection.execute(select(a.id, a.title).where(a.id.in_(part)))
        found.update((row.id, norm(row.title)) for row in rows)
    return found


def indexed(connection: Connection) -> int:
    """The number of articles that the full-text index holds."""
    return connection.execute(select(func.count()).select_from(article_text)).scalar_one()
