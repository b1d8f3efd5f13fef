"""The tables of the archive (SQLAlchemy Core), the same on every database.

docs/database.md says what each is for. The full-text index is no table of this list: each kind of
database has its own (search.py, migrations/).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
)

from aggregator.store.types import BigId, Instant, Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _words(name: str) -> Column[str]:
    return Column(name, Words, nullable=False, server_default="")


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


def _refers(name: str, to: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, BigId, ForeignKey(to), nullable=nullable)


meta = Table(
    "meta",
    metadata,
    Column("key", Words, primary_key=True),
    Column("value", Words, nullable=False),
)

source = Table(
    "source",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("key", Words, nullable=False, unique=True),
    _words("url"),
    _words("host"),
    Column("options", Words, nullable=False),
    Column("enabled", Boolean, nullable=False),
    _words("etag"),
    _words("last_modified"),
    _words("digest"),
    _words("url_override"),
    _words("redirect_seen"),
    Column("next_visit_at", Instant),
    Column("last_visit_at", Instant),
    Column("last_ok_at", Instant),
    Column("first_ok_at", Instant),
    _count("failures"),
    _words("last_outcome"),
    _words("last_code"),
    _words("last_error"),
    Column("last_status", Integer),
    _count("items_usual"),
    Column("newest_at", Instant),
    Column("interval", Float, nullable=False, server_default="0"),
    Column("stopped", Boolean, nullable=False, server_default="0"),
    Column("leased", Boolean, nullable=False, server_default="0"),
    _words("title"),
    _words("home_url"),
    Column("added_at", Instant, nullable=False),
    Column("removed_at", Instant),
    _count("visits"),
    _count("new_items"),
    _count("revised_items"),
    Index(None, "next_visit_at", "host"),
)

snapshot = Table(
    "snapshot",
    metadata,
    Column("id", BigId, primary_key=True),
    _words("url"),
    Column("digest", Words, nullable=False, index=True),
    Column("fetched_at", Instant, nullable=False),
    Column("status", Integer, nullable=False),
    Column("file", Words, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("length", BigInteger, nullable=False),
    _words("content_type"),
    Column("revisit", Boolean, nullable=False),
    UniqueConstraint("file", "offset"),
    Index(None, "url"),
)

work = Table(
    "work",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("entry_id", Words, nullable=False, unique=True),
    Column("feed_key", BigInteger, nullable=False, unique=True),
    _words("title"),
    Column("first_seen_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

appearance = Table(
    "appearance",
    metadata,
    Column("id", BigId, primary_key=True),
    _refers("work_id", "work.id"),
    Column("key", Words, nullable=False, unique=True),
    _words("url"),
    _words("site"),
    _refers("source_id", "source.id"),
    Column("relation", Words, nullable=False),
    Column("kin_id", BigId),
    Column("state", Words, nullable=False),
    Column("missed_since", Instant),
    Column("gone_at", Instant),
    Column("first_seen_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("last_checked_at", Instant, nullable=False),
    Column("number", Integer, nullable=False),
    _words("title"),
    _words("subtitle"),
    _words("source_name"),
    _words("authors"),
    _words("editors"),
    Column("published_at", Instant),
    _words("published_text"),
    _words("precision"),
    _words("column_name"),
    _words("image"),
    _words("summary"),
    Column("fingerprint", Integer, nullable=False),
    _words("content"),
    _words("body"),
    Column("clauses", LargeBinary, nullable=False),
    Column("facets", Words, nullable=False),
    Column("sort_key", BigInteger, nullable=False, unique=True),
    Column("doc", BigInteger, nullable=False, unique=True),
    Index(None, "work_id"),
    Index(None, "content"),
    Index(None, "body"),
    Index(None, "source_id", "sort_key"),
)

revision = Table(
    "revision",
    metadata,
    Column("id", BigId, primary_key=True),
    _refers("appearance_id", "appearance.id"),
    Column("number", Integer, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("kinds", Words, nullable=False),
    _refers("snapshot_id", "snapshot.id", nullable=True),
    Column("content", Words, nullable=False),
    Column("extractor", Integer, nullable=False),
    _words("rules"),
    _words("title"),
    _words("text"),
    _words("html"),
    Column("draft", Words, nullable=False),
    UniqueConstraint("appearance_id", "number"),
)

article_text = Table(
    "article_text",
    metadata,
    Column("doc", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True),
    Column("text", Words, nullable=False),
)

page = Table(
    "page",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("key", Words, nullable=False, unique=True),
    _words("url"),
    _words("host"),
    _refers("source_id", "source.id"),
    Column("sighting", Words, nullable=False),
    _count("attempts"),
    Column("visited", Boolean, nullable=False),
    Column("next_visit_at", Instant),
    Column("last_visit_at", Instant),
    _words("etag"),
    _words("last_modified"),
    _words("digest"),
    _words("outcome"),
    _words("code"),
    _words("error"),
    Column("status", Integer),
    _count("missed"),
    Column("leased", Boolean, nullable=False, server_default="0"),
    _refers("appearance_id", "appearance.id", nullable=True),
    Column("first_seen_at", Instant, nullable=False),
    Index(None, "next_visit_at", "host"),
    Index(None, "host", "visited", "next_visit_at"),
    Index(None, "appearance_id"),
)

sighting = Table(
    "sighting",
    metadata,
    Column("source_id", BigId, ForeignKey("source.id"), primary_key=True, autoincrement=False),
    Column("key", Words, primary_key=True),
    _refers("page_id", "page.id", nullable=True),
    Column("digest", Words, nullable=False),
    Column("position", Integer),
    _words("title"),
    Column("first_seen_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("left_at", Instant),
    Index(None, "source_id", "position"),
    sqlite_with_rowid=False,
)

visit = Table(
    "visit",
    metadata,
    Column("id", BigId, primary_key=True),
    _refers("source_id", "source.id", nullable=True),
    _refers("page_id", "page.id", nullable=True),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant, nullable=False),
    Column("outcome", Words, nullable=False),
    _words("code"),
    _words("message"),
    Column("status", Integer),
    Column("bytes", BigInteger, nullable=False),
    _count("items"),
    _count("new_items"),
    _count("revised_items"),
    Column("warnings", Words, nullable=False),
    _refers("snapshot_id", "snapshot.id", nullable=True),
    Index(None, "source_id", "id"),
    Index(None, "page_id", "id"),
)

anchor = Table(
    "anchor",
    metadata,
    Column("h", BigInteger, primary_key=True, autoincrement=False),
    Column("appearance_id", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

stop_clause = Table(
    "stop_clause",
    metadata,
    Column("h", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

change = Table(
    "change",
    metadata,
    Column("seq", BigId, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("kind", Words, nullable=False),  # new, linked, revised, state
    _refers("appearance_id", "appearance.id"),
    _refers("work_id", "work.id"),
    Column("number", Integer, nullable=False),
    Column("detail", Words, nullable=False),
    Index(None, "appearance_id"),
    sqlite_autoincrement=True,
)
