"""The first archive: sources, pages, works, appearances, revisions, search, changes.

Frozen: later releases add migrations and never change this one. Times are milliseconds since 1970
(UTC). The full-text index is contentless: article_text holds what it indexes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _anchor()
    _article_text()
    _meta()
    _snapshot()
    _source()
    _stop_clause()
    _work()
    _appearance()
    _change()
    _page()
    _revision()
    _sighting()
    _visit()
    _search()
    _views()
    op.execute("INSERT INTO meta (key, value) VALUES ('tokens', '1')")


def downgrade() -> None:
    raise NotImplementedError("an archive is never taken back to before its first release")


def _anchor() -> None:
    op.create_table(
        "anchor",
        sa.Column("h", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("appearance_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("h", "appearance_id", name="pk_anchor"),
        sqlite_with_rowid=False,
    )


def _article_text() -> None:
    op.create_table(
        "article_text",
        sa.Column("doc", BIG_ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("doc", name="pk_article_text"),
    )


def _meta() -> None:
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )


def _snapshot() -> None:
    op.create_table(
        "snapshot",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("content_type", sa.Text(), server_default="", nullable=False),
        sa.Column("revisit", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_snapshot"),
        sa.UniqueConstraint("file", "offset", name="uq_snapshot_file_offset"),
    )
    op.create_index("ix_snapshot_digest", "snapshot", ["digest"], unique=False)
    op.create_index("ix_snapshot_url", "snapshot", ["url"], unique=False)


def _source() -> None:
    op.create_table(
        "source",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("host", sa.Text(), server_default="", nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("etag", sa.Text(), server_default="", nullable=False),
        sa.Column("last_modified", sa.Text(), server_default="", nullable=False),
        sa.Column("digest", sa.Text(), server_default="", nullable=False),
        sa.Column("url_override", sa.Text(), server_default="", nullable=False),
        sa.Column("redirect_seen", sa.Text(), server_default="", nullable=False),
        sa.Column("next_visit_at", sa.BigInteger(), nullable=True),
        sa.Column("last_visit_at", sa.BigInteger(), nullable=True),
        sa.Column("last_ok_at", sa.BigInteger(), nullable=True),
        sa.Column("first_ok_at", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_outcome", sa.Text(), server_default="", nullable=False),
        sa.Column("last_code", sa.Text(), server_default="", nullable=False),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("items_usual", sa.Integer(), server_default="0", nullable=False),
        sa.Column("newest_at", sa.BigInteger(), nullable=True),
        sa.Column("interval", sa.Float(), server_default="0", nullable=False),
        sa.Column("stopped", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("leased", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("home_url", sa.Text(), server_default="", nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.Column("visits", sa.Integer(), server_default="0", nullable=False),
        sa.Column("new_items", sa.Integer(), server_default="0", nullable=False),
        sa.Column("revised_items", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_source"),
        sa.UniqueConstraint("key", name="uq_source_key"),
    )
    op.create_index(
        "ix_source_next_visit_at_host", "source", ["next_visit_at", "host"], unique=False
    )


def _stop_clause() -> None:
    op.create_table(
        "stop_clause",
        sa.Column("h", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("h", name="pk_stop_clause"),
        sqlite_with_rowid=False,
    )


def _work() -> None:
    op.create_table(
        "work",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("feed_key", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_work"),
        sa.UniqueConstraint("entry_id", name="uq_work_entry_id"),
        sa.UniqueConstraint("feed_key", name="uq_work_feed_key"),
    )


def _appearance() -> None:
    op.create_table(
        "appearance",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("work_id", BIG_ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("site", sa.Text(), server_default="", nullable=False),
        sa.Column("source_id", BIG_ID, nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("kin_id", BIG_ID, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("missed_since", sa.BigInteger(), nullable=True),
        sa.Column("gone_at", sa.BigInteger(), nullable=True),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("last_checked_at", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("subtitle", sa.Text(), server_default="", nullable=False),
        sa.Column("source_name", sa.Text(), server_default="", nullable=False),
        sa.Column("authors", sa.Text(), server_default="", nullable=False),
        sa.Column("editors", sa.Text(), server_default="", nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.Column("published_text", sa.Text(), server_default="", nullable=False),
        sa.Column("precision", sa.Text(), server_default="", nullable=False),
        sa.Column("column_name", sa.Text(), server_default="", nullable=False),
        sa.Column("image", sa.Text(), server_default="", nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("fingerprint", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), server_default="", nullable=False),
        sa.Column("body", sa.Text(), server_default="", nullable=False),
        sa.Column("clauses", sa.LargeBinary(), nullable=False),
        sa.Column("facets", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.BigInteger(), nullable=False),
        sa.Column("doc", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name="fk_appearance_source_id_source"
        ),
        sa.ForeignKeyConstraint(["work_id"], ["work.id"], name="fk_appearance_work_id_work"),
        sa.PrimaryKeyConstraint("id", name="pk_appearance"),
        sa.UniqueConstraint("doc", name="uq_appearance_doc"),
        sa.UniqueConstraint("key", name="uq_appearance_key"),
        sa.UniqueConstraint("sort_key", name="uq_appearance_sort_key"),
    )
    op.create_index("ix_appearance_body", "appearance", ["body"], unique=False)
    op.create_index("ix_appearance_content", "appearance", ["content"], unique=False)
    op.create_index(
        "ix_appearance_source_id_sort_key", "appearance", ["source_id", "sort_key"], unique=False
    )
    op.create_index("ix_appearance_work_id", "appearance", ["work_id"], unique=False)


def _change() -> None:
    op.create_table(
        "change",
        sa.Column("seq", BIG_ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("appearance_id", BIG_ID, nullable=False),
        sa.Column("work_id", BIG_ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appearance_id"], ["appearance.id"], name="fk_change_appearance_id_appearance"
        ),
        sa.ForeignKeyConstraint(["work_id"], ["work.id"], name="fk_change_work_id_work"),
        sa.PrimaryKeyConstraint("seq", name="pk_change"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_change_appearance_id", "change", ["appearance_id"], unique=False)


def _page() -> None:
    op.create_table(
        "page",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("host", sa.Text(), server_default="", nullable=False),
        sa.Column("source_id", BIG_ID, nullable=False),
        sa.Column("sighting", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("visited", sa.Boolean(), nullable=False),
        sa.Column("next_visit_at", sa.BigInteger(), nullable=True),
        sa.Column("last_visit_at", sa.BigInteger(), nullable=True),
        sa.Column("etag", sa.Text(), server_default="", nullable=False),
        sa.Column("last_modified", sa.Text(), server_default="", nullable=False),
        sa.Column("digest", sa.Text(), server_default="", nullable=False),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("missed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("leased", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("appearance_id", BIG_ID, nullable=True),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appearance_id"], ["appearance.id"], name="fk_page_appearance_id_appearance"
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_page_source_id_source"),
        sa.PrimaryKeyConstraint("id", name="pk_page"),
        sa.UniqueConstraint("key", name="uq_page_key"),
    )
    op.create_index("ix_page_appearance_id", "page", ["appearance_id"], unique=False)
    op.create_index(
        "ix_page_host_visited_next_visit_at",
        "page",
        ["host", "visited", "next_visit_at"],
        unique=False,
    )
    op.create_index("ix_page_next_visit_at_host", "page", ["next_visit_at", "host"], unique=False)


def _revision() -> None:
    op.create_table(
        "revision",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("appearance_id", BIG_ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("snapshot_id", BIG_ID, nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("extractor", sa.Integer(), nullable=False),
        sa.Column("rules", sa.Text(), server_default="", nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("html", sa.Text(), server_default="", nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appearance_id"], ["appearance.id"], name="fk_revision_appearance_id_appearance"
        ),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["snapshot.id"], name="fk_revision_snapshot_id_snapshot"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_revision"),
        sa.UniqueConstraint("appearance_id", "number", name="uq_revision_appearance_id_number"),
    )


def _sighting() -> None:
    op.create_table(
        "sighting",
        sa.Column("source_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("page_id", BIG_ID, nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["page_id"], ["page.id"], name="fk_sighting_page_id_page"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_sighting_source_id_source"),
        sa.PrimaryKeyConstraint("source_id", "key", name="pk_sighting"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_sighting_source_id_position", "sighting", ["source_id", "position"], unique=False
    )


def _visit() -> None:
    op.create_table(
        "visit",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("source_id", BIG_ID, nullable=True),
        sa.Column("page_id", BIG_ID, nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("items", sa.Integer(), server_default="0", nullable=False),
        sa.Column("new_items", sa.Integer(), server_default="0", nullable=False),
        sa.Column("revised_items", sa.Integer(), server_default="0", nullable=False),
        sa.Column("warnings", sa.Text(), nullable=False),
        sa.Column("snapshot_id", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(["page_id"], ["page.id"], name="fk_visit_page_id_page"),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["snapshot.id"], name="fk_visit_snapshot_id_snapshot"
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_visit_source_id_source"),
        sa.PrimaryKeyConstraint("id", name="pk_visit"),
    )
    op.create_index("ix_visit_page_id_id", "visit", ["page_id", "id"], unique=False)
    op.create_index("ix_visit_source_id_id", "visit", ["source_id", "id"], unique=False)


def _search() -> None:
    # The tokens are made in Python (text.search_tokens): letters and digits between blanks, so the
    # plain ascii tokenizer keeps them whole, newer Unicode characters too.
    op.execute(
        "CREATE VIRTUAL TABLE article_fts USING fts5"
        "(tokens, content='', detail=none, tokenize='ascii')"
    )
    # One flush for a whole batch of articles instead of one for each megabyte.
    op.execute("INSERT INTO article_fts(article_fts, rank) VALUES ('hashsize', 67108864)")


def _iso(column: str) -> str:
    return f"strftime('%Y-%m-%dT%H:%M:%SZ', {column} / 1000, 'unixepoch')"


def _names(column: str) -> str:
    return f"(SELECT group_concat(value, '、') FROM json_each({column}))"  # noqa: S608  our own names  # noqa: S608


def _views() -> None:
    op.execute(f"""
        CREATE VIEW v_articles AS
        SELECT a.id AS id, a.work_id AS work, a.url AS url, a.site AS site, s.key AS source,
               a.relation AS relation, a.state AS state, a.title AS title, a.subtitle AS subtitle,
               {_names("a.authors")} AS authors, {_names("a.editors")} AS editors,
               a.source_name AS source_name, {_iso("a.published_at")} AS published,
               a.published_text AS published_text, a.column_name AS "column",
               a.summary AS summary, a.image AS image,
               {_iso("a.first_seen_at")} AS first_seen, {_iso("a.last_seen_at")} AS last_seen,
               a.number AS revisions, r.text AS text, r.html AS html
        FROM appearance a
        JOIN source s ON s.id = a.source_id
        JOIN revision r ON r.appearance_id = a.id AND r.number = a.number
    """)  # noqa: S608  no value from outside
    op.execute(f"""
        CREATE VIEW v_revisions AS
        SELECT r.appearance_id AS article, r.number AS number, {_iso("r.seen_at")} AS seen,
               {_names("r.kinds")} AS kinds, r.title AS title, r.text AS text, r.html AS html,
               r.draft AS draft, r.extractor AS extractor, r.rules AS rules,
               n.digest AS snapshot_digest, n.file AS snapshot_file,
               n."offset" AS snapshot_offset, {_iso("n.fetched_at")} AS fetched
        FROM revision r LEFT JOIN snapshot n ON n.id = r.snapshot_id
    """)  # noqa: S608
    op.execute(f"""
        CREATE VIEW v_appearances AS
        SELECT a.work_id AS work, w.entry_id AS entry_id, w.title AS work_title, a.id AS article,
               a.url AS url, a.site AS site, a.title AS title, a.relation AS relation,
               a.state AS state, a.source_name AS source_name,
               {_iso("a.published_at")} AS published, {_iso("a.first_seen_at")} AS first_seen,
               {_iso("a.missed_since")} AS missed_since, {_iso("a.gone_at")} AS gone
        FROM appearance a JOIN work w ON w.id = a.work_id
    """)  # noqa: S608
