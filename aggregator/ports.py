"""The five seams between the work and its effects, and the records that cross them.

Only ``app`` chooses the parts behind these protocols. Expected failures cross as VisitError.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, TypeVar

from aggregator.config import SourceOptions, SourceSpec
from aggregator.errors import Failure
from aggregator.model import Capture, NotModified, Page, Sighting, Snapshot

T = TypeVar("T")


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        ...


# ---------------------------------------------------------------- fetch


@dataclass(frozen=True, slots=True)
class Request:
    """One thing to fetch. ``accept`` says what is wanted: it sets the Accept header and robots."""

    url: str
    accept: Literal["feed", "page", "data"] = "page"
    etag: str = ""
    last_modified: str = ""
    method: str = "GET"
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


class Fetcher(Protocol):
    """Fetches politely and within bounds."""

    async def fetch(self, request: Request) -> Page | NotModified:
        """The complete answer. Any status that is neither 2xx nor 304 raises FetchError."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


class Vault(Protocol):
    """Keeps every fetched body before anything can fail on it."""

    def keep(self, page: Page, duplicate_of: Snapshot | None = None) -> Snapshot:
        """Append *page*; as a revisit record when an equal payload is held already."""
        ...

    def read(self, snapshot: Snapshot) -> Page:
        """The page as it was kept. Raises ArchiveError when the record is damaged or missing."""
        ...

    def sync(self) -> None:
        """Make all that was kept durable (called before the transaction that refers to it)."""
        ...

    def close(self) -> None:
        """Finish the open file."""
        ...


class Workers(Protocol):
    """Parser processes with bounds on time and memory."""

    async def run(self, function: Callable[..., T], *args: object, timeout: float = 15.0) -> T:
        """*function* (importable) of *args* in a worker.

        VisitErrors are re-raised as they are; a worker that dies or overruns costs only this
        call: ParserError. Any other exception of *function* also becomes ParserError.
        """
        ...

    async def close(self) -> None:
        """End the workers."""
        ...


# ---------------------------------------------------------------- store


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source as the store knows it."""

    id: int
    key: str
    options: SourceOptions
    host: str
    etag: str = ""
    last_modified: str = ""
    digest: str = ""  # of the last body that was read
    url_override: str = ""  # a permanent redirect that was proved
    redirect_seen: str = ""  # a permanent redirect that is still on trial
    next_visit_at: datetime | None = None
    last_visit_at: datetime | None = None
    last_ok_at: datetime | None = None
    failures: int = 0  # in a row
    items_usual: int = 0  # items of the last good visit
    newest_at: datetime | None = None  # newest item ever listed
    interval: float = 0.0  # seconds, as last planned
    stopped: bool = False  # 410: not asked again until a person says so


@dataclass(frozen=True, slots=True)
class PageTask:
    """An article address that is due: new from a list, or to be visited again."""

    id: int
    key: str
    url: str
    host: str
    source_id: int
    options: SourceOptions
    sighting: Sighting  # what the list said (content left out)
    attempts: int = 0
    etag: str = ""
    last_modified: str = ""
    digest: str = ""
    appearance_id: int | None = None
    first_seen_at: datetime | None = None
    missed: int = 0  # visits in a row that found it gone
    source_key: str = ""


@dataclass(frozen=True, slots=True)
class KeyedSighting:
    """A sighting with the identity of its URL and the digest of what the list said."""

    key: str
    host: str
    digest: str
    sighting: Sighting
    fetch: bool  # the page itself is to be visited
    capture: Capture | None = None  # the article, when the list held all of it


@dataclass(frozen=True, slots=True)
class SourceVisit:
    """All that one visit to a source brought: applied in one transaction."""

    source_id: int
    started_at: datetime
    finished_at: datetime
    outcome: str  # ok, unchanged, failed, postponed
    next_visit_at: datetime
    interval: float
    status: int | None = None
    failure: Failure | None = None
    etag: str = ""
    last_modified: str = ""
    digest: str = ""
    url_override: str = ""
    redirect_seen: str = ""
    stopped: bool = False
    snapshot: Snapshot | None = None
    items: int = 0
    newest_at: datetime | None = None
    sightings: tuple[KeyedSighting, ...] = ()
    listed_keys: tuple[str, ...] = ()  # all keys of the listing, known ones too
    title: str = ""
    home_url: str = ""
    warnings: tuple[str, ...] = ()
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class PageVisit:
    """All that one visit to an article's page brought: applied in one transaction."""

    page_id: int
    source_id: int
    started_at: datetime
    finished_at: datetime
    outcome: str  # ok, unchanged, failed, postponed, not-an-article, gone, emptied
    next_visit_at: datetime | None  # None: not again
    status: int | None = None
    failure: Failure | None = None
    etag: str = ""
    last_modified: str = ""
    digest: str = ""
    snapshots: tuple[Snapshot, ...] = ()
    capture: Capture | None = None
    missed: int = 0
    state: str = ""  # new State of the appearance, "" = as before
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """What a transaction changed."""

    new: int = 0
    revised: int = 0
    unchanged: int = 0
    linked: int = 0  # new appearances of works that were known
    queued: int = 0  # pages that are now to be visited
    appearance_ids: tuple[int, ...] = field(default=())


class Store(Protocol):
    """The archive as the work sees it. Every record_* call is one transaction."""

    def register(self, specs: Sequence[SourceSpec], now: datetime) -> None:
        """Make the sources equal to the configuration; nothing already known is deleted."""
        ...

    def due_hosts(self, now: datetime) -> list[str]:
        """Hosts with a source or page that is due, longest waiting first."""
        ...

    def due_sources(self, host: str, now: datetime) -> list[SourceState]:
        """Sources of *host* that are due."""
        ...

    def source_states(self, keys: Sequence[str] = ()) -> list[SourceState]:
        """Enabled sources by key, due or not; all of them when *keys* is empty."""
        ...

    def due_pages(self, host: str, now: datetime, limit: int) -> list[PageTask]:
        """Pages of *host* that are due, new ones first."""
        ...

    def plan_sources(self, source_ids: Sequence[int], next_visit_at: datetime) -> None:
        """Set the next visits before the requests, so that a crash cannot hammer an origin."""
        ...

    def plan_pages(self, page_ids: Sequence[int], next_visit_at: datetime) -> None:
        """The same for pages."""
        ...

    def known_entries(self, source_id: int, keys: Sequence[str]) -> Mapping[str, str]:
        """The digests of those *keys* that this source listed before."""
        ...

    def body(self, digest: str) -> Snapshot | None:
        """The first snapshot with this payload digest."""
        ...

    async def record_source(self, visit: SourceVisit) -> Counts:
        """Apply a visit to a source: sightings, captures, validators and schedule together."""
        ...

    async def record_page(self, visit: PageVisit) -> Counts:
        """Apply a visit to a page."""
        ...
