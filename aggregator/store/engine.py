"""An archive URL -> engines with the right settings, and a schema of this release."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

import aggregator
from aggregator.errors import ArchiveError

SCHEMA = "0001"  # the newest migration; a test holds it against migrations/
_READERS = 16

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "busy_timeout=10000",
    "foreign_keys=ON",
    "cache_size=-65536",
    "temp_store=MEMORY",
)


def archive_file(url: str) -> Path:
    """The database file of *url*. Raises ArchiveError when it is no SQLite file."""
    parsed = _parse(url)
    if not parsed.database or parsed.database == ":memory:":
        raise ArchiveError(
            f"{url}: an archive needs a file, such as sqlite:///archive/aggregator.sqlite"
        )
    return Path(parsed.database)


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ArchiveError(
            f"archive.url {url!r} is no database URL; write sqlite:///path/to/file.sqlite"
        ) from error
    if parsed.get_backend_name() != "sqlite":
        raise ArchiveError(
            f"archive.url: {parsed.get_backend_name()} is not supported; write sqlite:///path/to/file.sqlite"
        )
    return parsed


def write_engine(url: str) -> Engine:
    """One connection for the writer thread; every transaction begins by taking the write lock.

    Python's default (BEGIN when first written) loses updates without an error when two
    connections read, then write.
    """
    return _engine(url, size=1, begin="BEGIN IMMEDIATE", pragmas=_PRAGMAS)


def read_engine(url: str) -> Engine:
    """Connections that cannot write; what is read in one block is one state of the archive."""
    pragmas = ("busy_timeout=10000", "query_only=ON", "cache_size=-16384", "temp_store=MEMORY")
    return _engine(url, size=_READERS, begin="BEGIN", pragmas=pragmas)


def _engine(url: str, *, size: int, begin: str, pragmas: tuple[str, ...]) -> Engine:
    engine = create_engine(
        _parse(url), poolclass=QueuePool, pool_size=size, max_overflow=0 if size == 1 else 16
    )

    def connected(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    def began(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", began)
    return engine


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Database errors as ArchiveError: *what* could not be done, and why."""
    try:
        yield
    except DBAPIError as error:
        raise archive_error(what, error) from error


def archive_error(what: str, error: DBAPIError) -> ArchiveError:
    """The sentence for a database error."""
    reason = str(error.orig or error)
    mends = {
        "locked": "another program holds the archive; close it",
        "disk is full": "free some space, the next visit goes on",
        "readonly": "give this user the right to write the file and its folder",
        "malformed": "restore the last backup",
        "not a database": "archive.url names a file of another kind",
    }
    mend = next((m for sign, m in mends.items() if sign in reason), "")
    return ArchiveError(f"{what}: {reason}" + (f" ({mend})" if mend else ""))


# ---------------------------------------------------------------- schema


def migrations_folder() -> Path:
    """Where the migrations lie: in the package when installed, beside it in the source tree."""
    package = Path(aggregator.__file__).parent
    inside = package / "migrations"
    return inside if inside.is_dir() else package.parent / "migrations"


def schema_version(connection: Connection) -> str:
    """The migration that the database stands at; "" for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def check_schema(connection: Connection, name: object) -> None:
    """Raise ArchiveError unless the database at *name* has the schema of this release."""
    version = schema_version(connection)
    if not version:
        raise ArchiveError(
            f"{name} is no archive of ours (it has no tables); run: aggregator migrate"
        )
    if version > SCHEMA:
        raise ArchiveError(_too_new(name, version))
    if version < SCHEMA:
        raise ArchiveError(f"{name} was written by an earlier release; run: aggregator migrate")


def _too_new(name: object, version: str) -> str:
    return (
        f"{name} was written by a newer release (schema {version}, this one knows {SCHEMA}); "
        "install the newer aggregator"
    )


def upgrade(url: str) -> str:
    """Bring the database to the schema of this release, from nothing or any earlier one.

    Returns the version it stood at before. The caller holds the archive's lock.
    """
    engine = write_engine(url)
    try:
        with translated(f"{url}: the archive cannot be opened"), engine.connect() as connection:
            with connection.begin():
                before = schema_version(connection)
            if before > SCHEMA:
                raise ArchiveError(_too_new(archive_file(url), before))
            if before != SCHEMA:
                _migrate(connection)
            return before
    finally:
        engine.dispose()


def _migrate(connection: Connection) -> None:
    # Imported late: a start that has nothing to migrate saves the second that this costs.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    with connection.begin():
        command.upgrade(config, "head")
