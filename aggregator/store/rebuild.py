"""The full-text index made anew from the stored revisions: after a change of tokens, or damage."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sqlalchemy import Connection, delete, select, text, update

from aggregator.fulltext import searchable, tokens
from aggregator.store.index import Entry
from aggregator.store.packing import unpack
from aggregator.store.tables import appearance, article_text, meta, revision
from aggregator.store.writer import Transaction, Writer
from aggregator.text import TOKENS_VERSION, norm

BATCH = 1000  # articles of one transaction
_KEY = "tokens"
_UNFINISHED = "rebuilding"


def index_is_current(connection: Connection) -> bool:
    """Whether the index was made, and wholly, with the tokens of this release."""
    held = connection.execute(select(meta.c.value).where(meta.c.key == _KEY)).scalar()
    return held == str(TOKENS_VERSION)


def rebuild(writer: Writer, progress: Callable[[int], None]) -> int:
    """Make the index anew, in steps; *progress* is told the number of articles done.

    What is interrupted is begun again at the next start; articles written meanwhile wait their turn
    in the writer and are indexed by themselves.
    """
    writer.submit(_empty).result()
    done, after = 0, -(1 << 62)
    while True:
        count, last = writer.submit(partial(_step, after=after)).result()
        if last is None:
            break
        done, after = done + count, last
        progress(done)
    writer.submit(lambda t: _mark(t.connection, str(TOKENS_VERSION))).result()
    return done


def _empty(t: Transaction) -> None:
    t.connection.execute(text("INSERT INTO article_fts(article_fts) VALUES ('delete-all')"))
    t.connection.execute(delete(article_text))
    _mark(t.connection, _UNFINISHED)


def _mark(connection: Connection, value: str) -> None:
    connection.execute(update(meta).where(meta.c.key == _KEY).values(value=value))


def _step(t: Transaction, after: int) -> tuple[int, int | None]:
    """Index the next articles after document *after*; (how many, the last one's document)."""
    a, r = appearance.c, revision.c
    query = (
        select(a.doc, r.draft, r.text, r.html, article_text.c.doc.label("held"))
        .join(revision, (r.appearance_id == a.id) & (r.number == a.number))
        .outerjoin(article_text, article_text.c.doc == a.doc)
        .where(a.doc > after)
        .order_by(a.doc)
        .limit(BATCH)
    )
    rows = t.connection.execute(query).all()
    for row in rows:
        if row.held is None:  # else it was written since the rebuild began
            draft = unpack(row.draft, row.text, row.html)
            t.index.put(row.doc, Entry(tokens(draft), norm(searchable(draft))))
    return len(rows), rows[-1].doc if rows else None
