"""Captures -> the columns of their rows. Pure but for what the caller hands in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aggregator.fulltext import searchable
from aggregator.model import Capture, Draft, Person, Snapshot
from aggregator.store.codec import to_json
from aggregator.store.index import Entry, sort_key, sort_time
from aggregator.store.packing import pack, pack_clauses
from aggregator.text import norm
from aggregator.url import host

BACKFILL = timedelta(days=1)  # of a source: its first day fills the archive with what was there
OLD_NEWS = timedelta(days=30)  # older articles are no news even when they are new to us

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where captures come from: the source, and since when it has answered well (None: never)."""

    source_id: int
    since: datetime | None
    snapshots: Mapping[Snapshot, int]
    column: str = ""


def feed_time(published: datetime | None, seen: datetime, since: datetime | None) -> datetime:
    """The time at which a new work stands in the feed.

    What a source held before we knew it stands at its date of publication; later finds stand at
    our first sight, so that no subscriber misses what was published with yesterday's date.
    """
    at = sort_time(published, seen)
    backfill = since is None or seen - since < BACKFILL
    return at if backfill or seen - at > OLD_NEWS else seen


def index_entry(capture: Capture) -> Entry:
    """What the full-text index is to hold."""
    return Entry(capture.tokens, capture.normal or norm(searchable(capture.draft)))


def headline(draft: Draft) -> str:
    """The title, or ""."""
    return draft.title.value if draft.title else ""


def published_at(draft: Draft) -> datetime | None:
    """The instant of publication as claimed."""
    return draft.published.value.instant if draft.published else None


def _names(people: tuple[Person, ...] | None) -> str:
    return to_json([p.name for p in people or ()])


def appearance_columns(
    capture: Capture, row_id: int, first_seen_at: datetime, origin: Origin
) -> Values:
    """The columns of an appearance that every revision sets anew."""
    draft, print_ = capture.draft, capture.fingerprint
    published = draft.published.value if draft.published else None
    at = sort_time(published.instant if published else None, first_seen_at)
    return {
        "url": capture.url,
        "site": host(capture.url),
        "last_seen_at": capture.seen_at,
        "last_checked_at": capture.seen_at,
        "title": headline(draft),
        "subtitle": draft.subtitle.value if draft.subtitle else "",
        "source_name": draft.source.value if draft.source else "",
        "authors": _names(draft.authors.value if draft.authors else None),
        "editors": _names(draft.editors.value if draft.editors else None),
        "published_at": published.instant if published else None,
        "published_text": published.text if published else "",
        "precision": published.precision if published else "",
        "column_name": draft.column.value if draft.column else origin.column,
        "image": draft.images[0].url if draft.images else "",
        "summary": draft.summary.value if draft.summary else "",
        "fingerprint": print_.version,
        "content": print_.content,
        "body": print_.body,
        "clauses": pack_clauses(print_.clauses),
        "facets": to_json(print_.facets),
        "sort_key": sort_key(at, row_id),
    }


def revision_columns(
    capture: Capture, appearance_id: int, number: int, kinds: tuple[str, ...], origin: Origin
) -> Values:
    """The row of a revision."""
    packed = pack(capture.draft)
    return {
        "appearance_id": appearance_id,
        "number": number,
        "seen_at": capture.seen_at,
        "kinds": to_json(list(kinds)),
        "snapshot_id": origin.snapshots.get(capture.snapshot) if capture.snapshot else None,
        "content": capture.fingerprint.content,
        "extractor": capture.draft.extractor,
        "rules": capture.draft.rules,
        "title": headline(capture.draft),
        "text": packed.text,
        "html": packed.html,
        "draft": packed.draft,
    }
