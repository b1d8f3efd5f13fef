"""Terms and a filter -> hits in order: the full-text index proposes, the stored text decides."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Literal

from sqlalchemy import ColumnElement, Connection, select, text

from aggregator.errors import QueryError
from aggregator.store.index import SLOT_BITS, week_of
from aggregator.store.known import chunks
from aggregator.store.tables import appearance, article_text, source
from aggregator.store.terms import Term, match_expression
from aggregator.text import norm

Order = Literal["newest", "relevance"]

COUNTED = 200  # hits are counted up to here, beyond it is said "more than"
RANKED = 1000  # of so many hits, the newest, the most relevant are chosen
_BLOCK = 300  # articles that are looked through at a time for a single character
_COMMON = 10  # a character in one of so many articles is common
_FIRST, _MOST = 32, 512  # documents that are read at once: few at first, then more
_ALL = 1 << 62


@dataclass(frozen=True, slots=True)
class Hit:
    """An appearance whose text holds all terms, and its place in the order."""

    appearance_id: int
    doc: int
    sort_key: int

    @property
    def week(self) -> int:
        """The week that the document's number lies in."""
        return week_of(self.doc)


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
        total, more = len(page), False
        if following is not None:
            total, more = _count(connection, terms, where)
    if following is None:
        return Found(tuple(page), total, more, None)
    last = page[-1]
    return Found(tuple(page), total, more, _Place(last.week, last.sort_key, total, more).written())


def _count(
    connection: Connection, terms: Sequence[Term], where: Sequence[ColumnElement[bool]]
) -> tuple[int, bool]:
    """The number of hits, and whether there are more."""
    if where:
        found = sum(1 for _ in islice(_hits(connection, terms, where, _ALL), COUNTED + 1))
    else:
        found = sum(1 for _ in islice(_matching(connection, terms, _ALL), COUNTED + 1))
    return min(found, COUNTED), found > COUNTED


# ---------------------------------------------------------------- newest first


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page ended, with the totals that were counted for the first page."""

    week: int = (_ALL >> SLOT_BITS) - 1
    sort_key: int = _ALL
    total: int = 0
    more: bool = False

    @property
    def below(self) -> int:
        """The first document number after the week of this place."""
        return (self.week + 1) << SLOT_BITS

    @classmethod
    def read(cls, cursor: str | None) -> _Place:
        if cursor is None:
            return cls()
        try:
            week, sort_key, total, more = (int(part) for part in cursor.split("."))
        except ValueError as error:
            raise QueryError(cursor, 0, "this is no cursor that this search gave out") from error
        bound = 1 << 48
        if not (-bound < week < bound and -_ALL < sort_key <= _ALL):
            raise QueryError(cursor, 0, "this is no cursor that this search gave out")
        return cls(week, sort_key, total, bool(more))

    def written(self) -> str:
        return f"{self.week}.{self.sort_key}.{self.total}.{int(self.more)}"


def _after(hits: Iterator[Hit], place: _Place) -> Iterator[Hit]:
    return (h for h in hits if h.week < place.week or h.sort_key < place.sort_key)


def _hits(
    connection: Connection,
    terms: Sequence[Term],
    where: Sequence[ColumnElement[bool]],
    below: int,
) -> Iterator[Hit]:
    """All hits, newest first: by week in the order of the index, within a week by time."""
    for docs in _batches(_matching(connection, terms, below)):
        yield from _read(connection, docs, where)


def _matching(connection: Connection, terms: Sequence[Term], below: int) -> Iterator[int]:
    """Documents under *below* that hold all terms, highest number first."""
    if any(t.prefixes for t in terms):
        below = yield from _looked_through(connection, terms, below)
    values = {"match": match_expression(terms), "below": below, "most": -1}
    yield from _stream(connection, _NEWEST_WITH, values, terms)


def _looked_through(
    connection: Connection, terms: Sequence[Term], below: int
) -> Generator[int, None, int]:
    """Hits without the help of single characters, as long as many are hits; how far we came.

    The index must gather all that begins with a character before it says anything: slow for a
    common character, and needless, for the texts themselves hold it everywhere.
    """
    windows = match_expression(terms, prefixes=False)
    proposed = _NEWEST_WITH if windows else _NEWEST
    hits = _BLOCK
    while hits * _COMMON >= _BLOCK:
        values = {"match": windows, "below": below, "most": _BLOCK}
        found = list(_stream(connection, proposed, values, terms))
        hits = len(found)
        yield from found
        last = connection.execute(text(f"SELECT min(doc) FROM ({proposed})"), values).scalar()  # noqa: S608
        if last is None:
            return -_ALL
        below = last
    return below


# Table names and the like are written out: FTS5 has no place in SQLAlchemy's language.
_NEWEST = "SELECT doc FROM article_text WHERE doc < :below ORDER BY doc DESC LIMIT :most"
_NEWEST_WITH = (
    "SELECT rowid AS doc FROM article_fts WHERE article_fts MATCH :match AND rowid < :below "
    "ORDER BY rowid DESC LIMIT :most"
)


def _stream(
    connection: Connection, proposed: str, values: dict[str, object], terms: Sequence[Term]
) -> Iterator[int]:
    """Those documents of the query *proposed* whose text holds all terms."""
    holds = " AND ".join(f"instr(t.text, :t{n}) > 0" for n, _ in enumerate(terms))
    query = (
        f"SELECT p.doc FROM ({proposed}) AS p CROSS JOIN article_text AS t ON t.doc = p.doc "  # noqa: S608
        f"WHERE {holds}"
    )
    normals: dict[str, object] = {f"t{n}": t.normal for n, t in enumerate(terms)}
    result = connection.execute(text(query), values | normals)
    try:
        while rows := result.fetchmany(_FIRST):
            for (doc,) in rows:
                yield doc
    finally:
        result.close()


def _batches(docs: Iterator[int]) -> Iterator[list[int]]:
    """Whole weeks together, few documents at first."""
    size = _FIRST
    batch: list[int] = []
    for _, group in groupby(docs, key=week_of):
        batch += group
        if len(batch) >= size:
            yield batch
            batch, size = [], min(size * 2, _MOST)
    if batch:
        yield batch


def _read(
    connection: Connection, docs: Sequence[int], where: Sequence[ColumnElement[bool]]
) -> list[Hit]:
    """The documents that pass the filter, in order."""
    a = appearance.c
    query = select(a.id, a.doc, a.sort_key).where(*where)
    if where:
        query = query.join(source, source.c.id == a.source_id)
    rows = [
        Hit(row.id, row.doc, row.sort_key)
        for part in chunks(docs)
        for row in connection.execute(query.where(a.doc.in_(part)))
    ]
    return sorted(rows, key=lambda hit: (hit.week, hit.sort_key), reverse=True)


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
    texts, titles = _texts(connection, hits), _titles(connection, hits)
    mean = sum(map(len, texts.values())) / max(1, len(texts))
    scores = {h.doc: _score(texts[h.doc], titles[h.doc], terms, mean) for h in hits}
    hits.sort(key=lambda h: (scores[h.doc], h.sort_key), reverse=True)
    start = max(start, 0)
    end = start + limit
    return Found(tuple(hits[start:end]), len(hits), more, str(end) if end < len(hits) else None)


def _score(body: str, title: str, terms: Sequence[Term], mean: float) -> float:
    """Term frequencies, saturated and over length (BM25, k1 1.2, b 0.75); all hits hold all terms."""
    length = 1.2 * (0.25 + 0.75 * len(body) / mean)
    score = 0.0
    for term in terms:
        count = body.count(term.normal)
        weight = math.log2(1 + len(term.normal))
        score += weight * (count / (count + length) + (1.0 if term.normal in title else 0.0))
    return score


def _texts(connection: Connection, hits: Sequence[Hit]) -> dict[int, str]:
    t = article_text.c
    found: dict[int, str] = {}
    for part in chunks(h.doc for h in hits):
        rows = connection.execute(select(t.doc, t.text).where(t.doc.in_(part)))
        found.update((row.doc, row.text) for row in rows)
    return found


def _titles(connection: Connection, hits: Sequence[Hit]) -> dict[int, str]:
    a = appearance.c
    found: dict[int, str] = {}
    for part in chunks(h.doc for h in hits):
        rows = connection.execute(select(a.doc, a.title).where(a.doc.in_(part)))
        found.update((row.doc, norm(row.title)) for row in rows)
    return found
