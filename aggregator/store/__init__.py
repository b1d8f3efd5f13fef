"""The archive in SQL: writes (sql), reads (query), full text (search); one writer thread."""

from __future__ import annotations

from aggregator.store.query import Archive, open_archive
from aggregator.store.sql import SqlStore, migrate, open_store

__all__ = ["Archive", "SqlStore", "migrate", "open_archive", "open_store"]
