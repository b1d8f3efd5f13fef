"""The nouns of the project: frozen values that pass between the stages, without behaviour.

Sources answer with a Listing of Sightings; a sighting leads to a Page; a page yields a Draft;
a draft with its Fingerprint is a Capture; Capture + Known -> Decision (see decide.py).
All instants are aware datetimes; all text is str (NFC as found, never folded here).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")

# ---------------------------------------------------------------- bytes


@dataclass(frozen=True, slots=True)
class Page:
    """One complete HTTP answer, decompressed.

    ``url`` is what was asked, ``final_url`` where the redirects ended (both absolute).
    ``headers`` are (lower-case name, value) pairs in order of arrival.
    """

    url: str
    final_url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    fetched_at: datetime
    redirects: tuple[tuple[int, str], ...] = ()  # (status, target) of each hop
    request_headers: tuple[tuple[str, str], ...] = ()

    def header(self, name: str) -> str | None:
        """The first header called *name* (any case), or None."""
        low = name.lower()
        return next((v for k, v in self.headers if k == low), None)


@dataclass(frozen=True, slots=True)
class NotModified:
    """A 304 answer to a conditional request."""

    url: str
    final_url: str
    headers: tuple[tuple[str, str], ...]
    fetched_at: datetime
    redirects: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Where a kept body lies: WARC file (relative to the vault), offset and length in bytes."""

    url: str
    fetched_at: datetime
    status: int
    digest: str  # "sha256:<hex>" of the decompressed body
    file: str
    offset: int
    length: int
    content_type: str = ""
    revisit: bool = False  # a WARC revisit record that refers to an earlier equal payload


# ---------------------------------------------------------------- listings


class Precision(StrEnum):
    """How exact a claimed time is."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    MINUTE = "minute"
    SECOND = "second"


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as claimed: the text as it stood, and the instant it was read as."""

    text: str
    instant: datetime
    precision: Precision


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that goes with an entry (RSS enclosure, Atom link rel=enclosure, attachment)."""

    url: str
    type: str = ""
    length: int | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One line of a listing: a URL and what the list itself said of it.

    ``url`` is absolute, or "" for a feed entry that has only a guid. ``content`` is the entry's
    own HTML as it stood (not yet cleaned), "" where the list has none.
    """

    url: str
    title: str = ""
    guid: str = ""
    published: Moment | None = None
    updated: Moment | None = None
    authors: tuple[str, ...] = ()
    source: str = ""
    editor: str = ""
    summary: str = ""
    content: str = ""
    categories: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    image: str = ""
    position: int = 0
    subtitle: str = ""


@dataclass(frozen=True, slots=True)
class PaceHints:
    """What a feed says about how often to come (RSS ttl/skipHours/skipDays, sy:*)."""

    ttl_minutes: int | None = None
    skip_hours: frozenset[int] = frozenset()  # 0-23, GMT
    skip_days: frozenset[int] = frozenset()  # Monday is 0, GMT
    update_period_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What a visit to a source answered, in the list's own order."""

    format: str  # rss20, atom10, json11, html, json, js, sitemap ...
    sightings: tuple[Sighting, ...]
    title: str = ""
    home_url: str = ""
    self_url: str = ""
    hub_url: str = ""
    next_page: str = ""
    language: str = ""
    encoding: str = ""  # the charset that was used, and how it was decided
    hints: PaceHints = PaceHints()
    warnings: tuple[str, ...] = ()


# ---------------------------------------------------------------- drafts


@dataclass(frozen=True, slots=True)
class Field(Generic[T]):
    """A value with its proof: the rule that found it, where it stood, and the text as claimed."""

    value: T
    rule: str
    where: str = ""
    text: str = ""
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody named on a page. ``role`` is the term of the page (作者, 记者, 责任编辑, …)."""

    name: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """A picture of the body; width and height in pixels where the page says them."""

    url: str
    caption: str = ""
    width: int | None = None
    height: int | None = None


class BlockKind(StrEnum):
    """What a block of the body is."""

    PARAGRAPH = "paragraph"
    SUBHEAD = "subhead"
    QUOTE = "quote"  # pull quote, usually set off by ●
    LIST = "list"
    TABLE = "table"
    IMAGE = "image"
    VIDEO = "video"
    FOOTNOTE = "footnote"


@dataclass(frozen=True, slots=True)
class Block:
    """One block of the body in reading order.

    ``text`` is plain text (list items and table rows are its lines, cells divided by tabs).
    """

    kind: BlockKind
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()  # table cells; for a list one cell a row
    image: Image | None = None
    href: str = ""  # of a video


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file linked from the page as an attachment (附件)."""

    url: str
    title: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What extraction made of one article. An absent field is None or empty, never a guess."""

    url: str
    title: Field[str] | None = None
    overline: Field[str] | None = None  # 引题
    subtitle: Field[str] | None = None  # 副题
    inner_title: Field[str] | None = None  # the headline inside the body of a repost
    authors: Field[tuple[Person, ...]] | None = None
    source: Field[str] | None = None  # 来源 as claimed
    published: Field[Moment] | None = None
    updated: Field[Moment] | None = None
    issue: Field[str] | None = None  # 刊期
    page_number: Field[str] | None = None  # 版面
    editors: Field[tuple[Person, ...]] | None = None  # 责任编辑 …
    column: Field[str] | None = None  # 栏目
    breadcrumb: Field[tuple[str, ...]] | None = None
    keywords: Field[tuple[str, ...]] | None = None
    summary: Field[str] | None = None  # only when the page has one
    original_title: Field[str] | None = None  # 原标题
    original_url: Field[str] | None = None  # 原文链接
    blocks: tuple[Block, ...] = ()
    images: tuple[Image, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    next_pages: tuple[str, ...] = ()  # further pages of the same article, in order
    missing_pages: tuple[str, ...] = ()  # pages that were announced and could not be had
    kind: str = "text"  # text, photo, image, video
    html: str = ""  # clean HTML (nh3), absolute links
    text: str = ""  # plain text of the body, one block a line
    encoding: str = ""  # the charset used, and how it was decided
    language: str = "zh-CN"
    rules: str = ""  # name of the site rules that took part
    extractor: int = 0  # version of the extractor


class NoArticleKind(StrEnum):
    """Why a page gave no draft."""

    NOT_ARTICLE = "not-an-article"
    CHALLENGE = "challenge"
    SOFT_NOT_FOUND = "soft-not-found"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class NoArticle:
    """A page that holds no article, and why (an expected outcome, not an error)."""

    kind: NoArticleKind
    reason: str
    encoding: str = ""


# ---------------------------------------------------------------- identity and decision


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Hashes over normalised text. Equal ``content`` means the same title and body.

    ``clauses`` are signed 64-bit hashes of the clauses of the body in order of appearance,
    without repetition (dedup.py). ``facets`` maps a kind of change (title, byline, date, body,
    pictures, attachments) to the hash of that part.
    """

    version: int
    content: str
    body: str
    clauses: tuple[int, ...]
    facets: dict[str, str]


@dataclass(frozen=True, slots=True)
class Capture:
    """A draft ready to be decided on: where and when it was seen, and its fingerprints."""

    key: str  # identity of the URL (url.identity)
    url: str
    seen_at: datetime
    draft: Draft
    fingerprint: Fingerprint
    tokens: str  # full-text tokens (text.search_tokens)
    snapshot: Snapshot | None = None
    normal: str = ""  # what search decides on: text.norm of fulltext.searchable


class Relation(StrEnum):
    """What an appearance is to its work."""

    ORIGINAL = "original"  # the first that we saw
    COPY = "copy"
    EDITED = "edited"
    EXCERPT = "excerpt"
    COMPILATION = "compilation"


class State(StrEnum):
    """State of an appearance on its site. Our copy is never deleted by it."""

    LIVE = "live"
    MISSING = "missing"  # missed once or twice: not yet believed
    GONE = "gone"
    EMPTIED = "emptied"
    REPLACED = "replaced"
    MOVED = "moved"


# ---------------------------------------------------------------- what readers get


@dataclass(frozen=True, slots=True)
class EntrySource:
    """The first publication of an entry, for atom:source."""

    id: str
    title: str
    url: str
    feed_url: str
    updated: datetime


@dataclass(frozen=True, slots=True)
class EntryLink:
    """Another appearance of the same work."""

    url: str
    title: str
    site: str
    relation: Relation


@dataclass(frozen=True, slots=True)
class Entry:
    """What subscribers get: one per work, with a stable id of its own (tag URI, RFC 4151).

    ``updated`` moves only for a real revision. ``html`` is clean.
    """

    id: str
    title: str
    url: str
    local_path: str  # path of our own page, such as /articles/12
    published: datetime
    updated: datetime
    authors: tuple[str, ...] = ()
    summary: str = ""
    html: str = ""
    text: str = ""
    source: EntrySource | None = None
    source_name: str = ""  # 来源 as claimed
    editors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    image: str = ""
    links: tuple[EntryLink, ...] = ()
    language: str = "zh-CN"
    state: State = State.LIVE


@dataclass(frozen=True, slots=True)
class FeedInfo:
    """The head of an output feed. URLs are absolute."""

    id: str
    title: str
    home_url: str
    self_url: str
    updated: datetime
    subtitle: str = ""
    language: str = "zh-CN"
    hub_url: str = ""
    links: dict[str, str] = field(default_factory=dict)  # RFC 5005 relations
