"""config.toml -> Settings: plain values, validated as a whole.

The dataclasses are the only list of options there is; docs/configuration.md is held against them
by a test. Every option of a source is part of one value, SourceOptions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Follow = Literal["auto", "always", "never"]
SourceKind = Literal["feed", "list", "data"]


@dataclass(frozen=True, slots=True)
class ListRule:
    """How to read an HTML list page. All are CSS selectors; empty means: find it automatically.

    ``item`` selects a row (or the links themselves); the others are relative to the row.
    """

    item: str = ""
    link: str = ""
    title: str = ""
    date: str = ""
    summary: str = ""
    drop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DataRule:
    """How to read a list held as data: JSON, JSONP, or a JavaScript literal in a page or script.

    ``variable`` names the JavaScript variable that holds the list ("" = the body is JSON/JSONP);
    ``items`` is the path to the array ("data.list", "" = the value itself); the others name the
    keys of a row, first non-empty one wins when several are given.
    """

    variable: str = ""
    items: str = ""
    url: tuple[str, ...] = ("url", "link", "href")
    title: tuple[str, ...] = ("title", "name")
    date: tuple[str, ...] = ("date", "time", "pubDate", "publishTime")
    source: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    editor: tuple[str, ...] = ()
    summary: tuple[str, ...] = ()
    content: tuple[str, ...] = ()
    subtitle: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paging:
    """How page N of a list is addressed.

    ``pattern`` replaces the last path segment, or is a whole URL, or begins with "?"; "{n}" is
    the page's number and "{n-1}" one less. ``pages`` is how many pages a normal visit reads.
    """

    pattern: str = ""
    pages: int = 1


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """Everything that can be set for one source, with the defaults."""

    url: str
    name: str = ""
    kind: SourceKind = "feed"
    enabled: bool = True
    interval: float | None = None  # seconds; None = schedule.interval
    follow: Follow = "auto"  # auto: fetch the page unless the feed holds the full text
    column: str = ""  # 栏目, kept with every article of the source
    charset: str = ""
    timezone: str = "Asia/Shanghai"
    include: tuple[str, ...] = ()  # regular expressions on the item URL; empty = all
    exclude: tuple[str, ...] = ()
    base: str = ""  # base for relative item URLs when the page's own is wrong
    rules: str = ""  # name of the site rules for its articles; "" = by host
    list: ListRule = field(default_factory=ListRule)
    data: DataRule = field(default_factory=DataRule)
    paging: Paging = field(default_factory=Paging)
    max_items: int = 500


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """A source as configured: its key in the file and its options."""

    key: str
    options: SourceOptions


@dataclass(frozen=True, slots=True)
class ArchiveSettings:
    """Where things are kept. Relative paths are relative to the configuration file."""

    url: str = "sqlite:///archive/aggregator.sqlite"
    vault: str = "archive/warc"
    rotate_bytes: int = 1_000_000_000
    keep_feed_bodies: bool = True


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """Bounds and manners of the fetcher. Times are seconds, sizes bytes."""

    user_agent: str = "Aggregator/0.1 (+https://example.org/aggregator; RSS/Atom aggregator and archiver)"
    concurrency: int = 64
    per_host: int = 1
    delay: float = 1.5
    timeout: float = 30.0
    idle_timeout: float = 15.0
    max_wire: int = 10_000_000
    max_body: int = 20_000_000
    max_redirects: int = 5
    robots: bool = True
    allow_private: tuple[str, ...] = ()  # hosts, addresses or networks that may be private
    proxy: str = ""


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """When things are asked again. All values are seconds."""

    tick: float = 2.0
    interval: float = 3600.0
    min_interval: float = 900.0
    max_interval: float = 86_400.0
    max_backoff: float = 259_200.0
    # (age of the article, distance of the re-visits at that age); after the last age none.
    recheck: tuple[tuple[float, float], ...] = (
        (86_400.0, 21_600.0),
        (604_800.0, 86_400.0),
        (2_592_000.0, 604_800.0),
        (31_536_000.0, 7_776_000.0),
    )


@dataclass(frozen=True, slots=True)
class WebSettings:
    """The built-in web server."""

    host: str = "127.0.0.1"
    port: int = 8000
    base_url: str = ""  # public address; "" = http://host:port
    title: str = "党建新闻汇编"
    subtitle: str = ""


@dataclass(frozen=True, slots=True)
class FeedSettings:
    """The combined feed."""

    limit: int = 50
    authority: str = "aggregator.invalid"  # of the tag URIs (RFC 4151)
    since: str = "2026"  # date of the tag URIs


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole configuration."""

    file: str = ""
    archive: ArchiveSettings = field(default_factory=ArchiveSettings)
    fetch: FetchSettings = field(default_factory=FetchSettings)
    schedule: ScheduleSettings = field(default_factory=ScheduleSettings)
    web: WebSettings = field(default_factory=WebSettings)
    feed: FeedSettings = field(default_factory=FeedSettings)
    workers: int = 2  # parser processes
    sources: tuple[SourceSpec, ...] = ()
