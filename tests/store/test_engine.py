"""Opening: schema, releases, locks, and files that are no archive."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from datetime import timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from aggregator.errors import ArchiveError
from aggregator.store import engine, migrate, open_archive, open_store
from aggregator.store.tables import metadata


def file_of(url):
    """The database file."""
    return engine.archive_file(url)


def test_the_tables_of_the_code_are_the_sum_of_the_migrations(tmp_path):
    url = f"sqlite:///{tmp_path}/a.sqlite"
    engine.upgrade(url)
    made = engine.read_engine(url)
    with made.connect() as connection:
        options = {
            "compare_type": True,
            "include_object": lambda _o, name, kind, *_: kind != "table" or "_fts" not in name,
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
        tables = set(inspect(connection).get_table_names())
    made.dispose()
    assert metadata.tables.keys() <= tables
    assert _columns(url) == _columns_of_metadata(tmp_path)


def _columns(url):
    raw = sqlite3.connect(file_of(url))
    found = {
        name: raw.execute(f"PRAGMA table_xinfo({name})").fetchall()
        for name in sorted(metadata.tables)
    }
    raw.close()
    return {name: [row[1:6] for row in rows] for name, rows in found.items()}


def _columns_of_metadata(tmp_path):
    url = f"sqlite:///{tmp_path}/m.sqlite"
    made = engine.write_engine(url)
    with made.begin() as connection:
        metadata.create_all(connection)
    made.dispose()
    return _columns(url)


def test_the_code_knows_the_newest_migration():
    config = Config()
    config.set_main_option("script_location", str(engine.migrations_folder()))
    assert ScriptDirectory.from_config(config).get_heads() == [engine.SCHEMA]


def test_migrating_says_what_was_done(tmp_path):
    url = f"sqlite:///{tmp_path}/new/a.sqlite"
    assert "it is new" in migrate(url)
    assert "up to date" in migrate(url)


def test_a_start_with_nothing_to_migrate_does_not_load_alembic(url):
    code = (
        "import sys; from aggregator.store import open_store; open_store(sys.argv[1]).close();"
        "sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, url], check=False).returncode == 0


def _set_version(url, version):
    raw = sqlite3.connect(file_of(url))
    raw.execute("UPDATE alembic_version SET version_num = ?", (version,))
    raw.commit()
    raw.close()


@pytest.mark.parametrize("opening", [open_store, open_archive, migrate])
def test_an_archive_of_a_newer_release_is_refused(url, opening):
    _set_version(url, "9999")
    before = file_of(url).read_bytes()
    with pytest.raises(ArchiveError, match=r"newer release.*install the newer aggregator"):
        opening(url)
    assert file_of(url).read_bytes() == before
    _set_version(url, engine.SCHEMA)
    open_store(url).close()


def test_reading_an_archive_of_an_earlier_release_asks_to_migrate(url):
    _set_version(url, "0000")
    with pytest.raises(ArchiveError, match="run: aggregator migrate"):
        open_archive(url)


def test_a_second_instance_is_refused_and_told_who_has_it(world):
    for opening in (open_store, migrate):
        with pytest.raises(ArchiveError, match=f"in use: process {os.getpid()} "):
            opening(world.url)


def test_the_lock_is_free_after_closing_and_after_a_failed_opening(url):
    open_store(url).close()
    _set_version(url, "9999")
    with pytest.raises(ArchiveError):
        open_store(url)
    _set_version(url, engine.SCHEMA)
    open_store(url).close()


def test_a_killed_process_leaves_no_lock(url):
    code = "import os, sys; from aggregator.store import open_store; s = open_store(sys.argv[1]); os._exit(9)"
    assert subprocess.run([sys.executable, "-c", code, url], check=False).returncode == 9
    open_store(url).close()


def test_there_is_no_archive_yet(tmp_path):
    with pytest.raises(ArchiveError, match=r"no archive at .* run: aggregator sync"):
        open_archive(f"sqlite:///{tmp_path}/none.sqlite")


@pytest.mark.parametrize("opening", [open_store, open_archive])
def test_a_file_of_another_kind_is_refused_and_left_alone(tmp_path, opening):
    file = tmp_path / "a.sqlite"
    file.write_text("not a database, but somebody's notes\n" * 50)
    before = file.read_bytes()
    with pytest.raises(ArchiveError, match="file of another kind"):
        opening(f"sqlite:///{file}")
    assert file.read_bytes() == before


@pytest.mark.parametrize("opening", [open_store, open_archive])
@pytest.mark.parametrize(
    "url",
    ["", "archive.sqlite", "sqlite://", "sqlite:///:memory:", "mysql://x/y", "postgresql://x/y"],
)
def test_addresses_that_name_no_archive(opening, url):
    with pytest.raises(ArchiveError, match="sqlite:///"):
        opening(url)


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ArchiveError, match="folder cannot be made"):
        open_store(f"sqlite:///{tmp_path}/file/a.sqlite")


def test_a_folder_in_the_way_of_the_file_is_told(tmp_path):
    (tmp_path / "a.sqlite").mkdir()
    with pytest.raises(ArchiveError):
        open_store(f"sqlite:///{tmp_path}/a.sqlite")


def test_a_clock_that_went_back_is_told(url, made, caplog):
    class Clock:
        def now(self):
            return made.now - timedelta(days=365)

    import asyncio

    store = open_store(url)
    asyncio.run(store.record_source(made.source_visit()))
    store.close()
    open_store(url, clock=Clock()).close()
    assert "the clock says" in caplog.text


def test_closing_twice_does_no_harm(url):
    store = open_store(url)
    store.close()
    store.close()


def test_the_views_can_be_read_by_anyone(world, made):
    draft = made.draft(made.body("粮仓"), authors=("石桥", "林河"))
    number = world.put("a.example/1", draft, snapshot=made.snapshot(1))
    world.put("a.example/1", made.draft(made.body("水库")), at=made.now + made.hour)
    raw = sqlite3.connect(file_of(world.url))
    raw.row_factory = sqlite3.Row
    (article,) = raw.execute("SELECT * FROM v_articles").fetchall()
    assert (article["id"], article["source"], article["revisions"]) == (number, "a", 2)
    assert (article["authors"], article["published"]) == ("石桥", "2026-11-03T07:00:00Z")
    assert article["text"].startswith("水库")
    first, second = raw.execute("SELECT * FROM v_revisions ORDER BY number").fetchall()
    assert (first["kinds"], second["kinds"]) == (None, "byline、lead、body")
    assert (first["snapshot_digest"], first["seen"]) == ("sha256:1", "2026-11-03T08:00:00Z")
    (shown,) = raw.execute("SELECT * FROM v_appearances").fetchall()
    assert (shown["work"], shown["relation"], shown["gone"]) == (1, "original", None)
    raw.close()


def test_the_index_is_sound_after_all_kinds_of_changes(world, made):
    for n in range(5):
        for step in range(3):
            at = made.now - timedelta(days=step * n)
            made_draft = made.draft(made.body(f"第{n}村{step}", 20), published=at)
            world.put(f"a.example/{n}", made_draft, at=made.now + step * made.hour)
    raw = sqlite3.connect(file_of(world.url))
    raw.execute("INSERT INTO article_fts(article_fts) VALUES ('integrity-check')")
    assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
    raw.close()
