"""The options there are, as frozen dataclasses; the markers say how a value in TOML is checked.

Times are seconds and sizes are bytes; in the file both may be written with a unit ("15m", "20MB").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from aggregator.config import checks

Follow = Literal["auto", "always", "never"]
SourceKind = Literal["feed", "list", "data", "sitemap"]

Texts = Annotated[tuple[str, ...], checks.TEXTS]
Pairs = Annotated[tuple[tuple[str, str], ...], checks.PAIRS]
Patterns = Annotated[tuple[str, ...], checks.PATTERNS]
Pattern = Annotated[str, checks.PATTERN]
Selector = Annotated[str, checks.SELECTOR]
Selectors = Annotated[tuple[str, ...], checks.SELECTORS]
WebAddress = Annotated[str, checks.WEB_ADDRESS]
Charset = Annotated[str, checks.CHARSET]
Zone = Annotated[str, checks.ZONE]
PagePattern = Annotated[str, checks.PAGING]
Duration = Annotated[float, checks.seconds()]
LongEnough = Annotated[float, checks.seconds(60)]  # an origin is never asked more often


@dataclass(frozen=True, slots=True)
class ListRule:
    """How to read an HTML list page. All are CSS selectors; empty means: find it automatically.

    ``item`` selects a row (or the links themselves); the others are relative to the row.
    ``next`` selects the link to the next page, anywhere in the page.
    """

    item: Selector = ""
    link: Selector = ""
    title: Selector = ""
    date: Selector = ""
    summary: Selector = ""
    drop: Selectors = ()
    next: Selector = ""


@dataclass(frozen=True, slots=True)
class DataRule:
    """How to read a list held as data: JSON, JSONP, or a JavaScript literal in a page or script.

    ``variable`` names the JavaScript variable that holds the list ("" = the body is JSON/JSONP,
    or the records of a data island); ``items`` is the path to the array ("data.list", "" = the
    value itself). The others name the keys of a row (paths such as "cover.url" are allowed); the
    first non-empty one wins when several are given. ``template`` builds the address from the row
    ("https://host/detail?id={itemId}"). ``links`` is the path to an array of further articles in
    a row, each with ``link_url`` and ``link_title``. Where the page only names its data file,
    ``file`` is a regular expression that finds it and ``file_url`` its address ("ds_{1}.json").
    """

    variable: str = ""
    items: str = ""
    url: Texts = ("external_link", "url", "link", "href", "link_add", "publishUrl")
    title: Texts = ("title", "showTitle", "name")
    date: Texts = ("pub_date", "publishTime", "pubDate", "date", "time", "dateTime")
    source: Texts = ()
    author: Texts = ()
    editor: Texts = ()
    summary: Texts = ()
    content: Texts = ()
    subtitle: Texts = ()
    image: Texts = ()
    category: Texts = ()
    template: str = ""
    links: str = ""
    link_url: Texts = ("linkUrl", "url")
    link_title: Texts = ("linkTitle", "title")
    file: Pattern = ""
    file_url: str = "{1}"


@dataclass(frozen=True, slots=True)
class Paging:
    """How page N of a list is addressed.

    ``pattern`` replaces the last path segment, or is a whole URL, or begins with "?"; "{n}" is
    the page's number and "{n-1}" one less. ``pages`` is how many pages a normal visit reads.
    """

    pattern: PagePattern = ""
    pages: Annotated[int, checks.number(1, 1000)] = 1


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """Everything that can be set for one source, with the defaults."""

    url: WebAddress
    name: str = ""
    kind: SourceKind = "feed"
    enabled: bool = True
    interval: LongEnough | None = None  # seconds; None = schedule.interval
    follow: Follow = "auto"  # auto: fetch the page unless the feed holds the full text
    column: str = ""  # 栏目, kept with every article of the source
    charset: Charset = ""
    timezone: Zone = "Asia/Shanghai"
    include: Patterns = ()  # regular expressions on the item URL; empty = all
    exclude: Patterns = ()
    base: WebAddress = ""  # base for relative item URLs when the page's own is wrong
    rules: str = ""  # name of the site rules for its articles; "" = by host
    list: ListRule = field(default_factory=ListRule)
    data: DataRule = field(default_factory=DataRule)
    paging: Paging = field(default_factory=Paging)
    max_items: Annotated[int, checks.number(1, 100_000)] = 500
    method: Literal["GET", "POST"] = "GET"
    body: str = ""  # of a POST; "{n}" in it is the page's number
    headers: Pairs = ()  # sent with the request for the list, such as Referer


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """A source as configured: its key in the file and its options."""

    key: str
    options: SourceOptions


@dataclass(frozen=True, slots=True)
class ArchiveSettings:
    """Where things are kept. Relative paths are relative to the configuration file."""

    url: Annotated[str, checks.DATABASE] = "sqlite:///archive/aggregator.sqlite"
    vault: str = "archive/warc"
    rotate_bytes: Annotated[int, checks.size(1_000_000)] = 1_000_000_000
    keep_feed_bodies: bool = True


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """Bounds and manners of the fetcher. Times are seconds, sizes bytes."""

    user_agent: str = (
        "Aggregator/0.1 (+https://example.org/aggregator; RSS/Atom aggregator and archiver)"
    )
    concurrency: Annotated[int, checks.number(1, 1000)] = 64
    per_host: Annotated[int, checks.number(1, 16)] = 1
    delay: Annotated[float, checks.seconds(0, 3600)] = 1.5
    timeout: Annotated[float, checks.seconds(1, 3600)] = 30.0
    idle_timeout: Annotated[float, checks.seconds(1, 3600)] = 15.0
    max_wire: Annotated[int, checks.size()] = 10_000_000
    max_body: Annotated[int, checks.size()] = 20_000_000
    max_redirects: Annotated[int, checks.number(0, 20)] = 5
    robots: bool = True
    allow_private: Texts = ()  # hosts, addresses or networks that may be private
    proxy: str = ""


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """When things are asked again. All values are seconds."""

    tick: Annotated[float, checks.seconds(0.1, 3600)] = 2.0
    interval: LongEnough = 3600.0
    min_interval: LongEnough = 900.0
    max_interval: LongEnough = 86_400.0
    max_backoff: LongEnough = 259_200.0
    # (age of the article, distance of the re-visits at that age); after the last age none.
    recheck: tuple[tuple[Annotated[float, checks.seconds(high=1e9)], LongEnough], ...] = (
        (86_400.0, 21_600.0),
        (604_800.0, 86_400.0),
        (2_592_000.0, 604_800.0),
        (31_536_000.0, 7_776_000.0),
    )


@dataclass(frozen=True, slots=True)
class WebSettings:
    """The built-in web server."""

    host: str = "127.0.0.1"
    port: Annotated[int, checks.number(0, 65535)] = 8000
    base_url: WebAddress = ""  # public address; "" = http://host:port
    title: str = "党建新闻汇编"
    subtitle: str = ""


@dataclass(frozen=True, slots=True)
class FeedSettings:
    """The combined feed."""

    limit: Annotated[int, checks.number(1, 10_000)] = 50
    authority: Annotated[str, checks.AUTHORITY] = "aggregator.invalid"  # of the tag URIs (RFC 4151)
    since: Annotated[str, checks.TAG_DATE] = "2026"  # date of the tag URIs


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole configuration."""

    file: str = ""
    archive: ArchiveSettings = field(default_factory=ArchiveSettings)
    fetch: FetchSettings = field(default_factory=FetchSettings)
    schedule: ScheduleSettings = field(default_factory=ScheduleSettings)
    web: WebSettings = field(default_factory=WebSettings)
    feed: FeedSettings = field(default_factory=FeedSettings)
    workers: Annotated[int, checks.number(1, 64)] = 2  # parser processes
    rules_files: Texts = ()  # TOML files with site rules of one's own
    sources: tuple[SourceSpec, ...] = ()
