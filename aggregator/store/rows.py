"""What the archive answers readers with: frozen values, and the filter that chooses them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from aggregator.config import SourceOptions
from aggregator.model import Draft, Relation, Sighting, Snapshot, State


@dataclass(frozen=True, slots=True)
class ArticleFilter:
    """Which articles are wanted; None means any. ``since`` is included, ``until`` is not."""

    source: str | None = None  # key
    since: datetime | None = None
    until: datetime | None = None
    author: str | None = None  # one whole name of the byline
    source_name: str | None = None  # 来源 as claimed
    text: str | None = None  # a search
    state: State | None = None
    column: str | None = None
    site: str | None = None  # host[:port] of the article's address


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """One appearance as lists show it. ``number`` is that of its newest revision."""

    id: int
    work_id: int
    title: str
    subtitle: str
    url: str
    site: str
    source: str  # key
    source_title: str
    source_name: str  # 来源 as claimed
    authors: tuple[str, ...]
    editors: tuple[str, ...]
    published_at: datetime | None
    published_text: str
    precision: str
    first_seen_at: datetime
    last_seen_at: datetime
    column: str
    state: State
    relation: Relation
    number: int
    image: str
    summary: str
    missed_since: datetime | None = None
    gone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """Some rows, newest first; ``next`` is the cursor of the rows after them, None at the end."""

    rows: tuple[ArticleRow, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """One revision of an appearance; ``kinds`` is empty for the first."""

    number: int
    seen_at: datetime
    kinds: tuple[str, ...]
    title: str
    extractor: int
    snapshot: Snapshot | None


@dataclass(frozen=True, slots=True)
class Reading:
    """A revision that was read from a kept page: all that is needed to read it again."""

    article_id: int
    number: int
    key: str
    url: str
    seen_at: datetime
    snapshot: Snapshot
    options: SourceOptions
    sighting: Sighting
    draft: Draft


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One visit to a source or page."""

    id: int
    started_at: datetime
    finished_at: datetime
    outcome: str
    code: str
    message: str
    status: int | None
    bytes: int
    items: int
    new_items: int
    revised_items: int
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ArticleView:
    """All that is known of one appearance; ``appearances`` are the others of its work."""

    row: ArticleRow
    draft: Draft
    entry_id: str
    appearances: tuple[ArticleRow, ...]
    revisions: tuple[RevisionRow, ...]
    visits: tuple[VisitRow, ...]


@dataclass(frozen=True, slots=True)
class SearchRow:
    """A hit: the article, and pieces of (text, is it what was looked for) of title and body."""

    article: ArticleRow
    title: tuple[tuple[str, bool], ...]
    snippet: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits; ``total`` is exact unless ``more_than``, then there are at least so many."""

    rows: tuple[SearchRow, ...]
    total: int
    more_than: bool
    next: str | None = None


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source and how it does; ``articles`` counts the appearances that it brought first."""

    id: int
    key: str
    options: SourceOptions
    url: str
    host: str
    enabled: bool
    stopped: bool
    removed_at: datetime | None
    title: str
    home_url: str
    next_visit_at: datetime | None
    last_visit_at: datetime | None
    last_ok_at: datetime | None
    newest_at: datetime | None
    failures: int
    last_outcome: str
    last_code: str
    last_error: str
    last_status: int | None
    items_usual: int
    interval: float
    visits: int
    articles: int
    revised: int


@dataclass(frozen=True, slots=True)
class TroubleRow:
    """An article's page whose last visit failed; ``next_visit_at`` None means that it is given up.

    ``title`` is what the list says of it, ``attempts`` the failures in a row.
    """

    url: str
    title: str
    source: str  # key
    code: str
    message: str
    status: int | None
    attempts: int
    last_visit_at: datetime | None
    next_visit_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One line of the log of changes: new, linked, revised, state."""

    seq: int
    at: datetime
    kind: str
    article_id: int
    work_id: int
    number: int
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ArchiveCounts:
    """How much the archive holds."""

    works: int
    articles: int
    revisions: int
    snapshots: int
    sources: int
    waiting: int  # pages that were never visited yet
