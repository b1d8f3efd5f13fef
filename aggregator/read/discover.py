"""One page of a site -> the sources it could be (tried with the real readers), and where to look next.

Leads are what the page names: feeds, data files, columns, the path above an article. Nothing is
fetched here; aggregator.work.discover does that, in the order of the leads' weights.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

from aggregator import charset
from aggregator.config import Paging, SourceOptions
from aggregator.errors import ReadError
from aggregator.model import Listing, Page, Sighting
from aggregator.read import read
from aggregator.read.datashape import data_rules
from aggregator.read.items import http_charset
from aggregator.read.leads import Lead, page_leads, robots_leads
from aggregator.read.looks import is_page
from aggregator.read.rows import looks_like_article
from aggregator.read.unpack import unpack
from aggregator.url import host, identity, join

Nature = Literal["feed", "sitemap", "page", "data", "robots"]

_FEED = re.compile(
    r"<(?:[\w.-]{1,20}:)?(?:rss|feed|rdf)[\s>]|\"https?://jsonfeed\.org/version", re.I
)
_MAP = re.compile(r"<(?:[\w.-]{1,20}:)?(?:urlset|sitemapindex)[\s>]", re.I)
_HFEED = re.compile(r"class\s*=\s*[\"'][^\"'<>]{0,100}\bh-(?:feed|entry)\b", re.I)
_PARTS = re.compile(r"\s*(?:[-_|–—]+|·)\s*")
_PAGED = re.compile(r"^(.*?)([12])(\D*)$")
_FILE_NAME = re.compile(
    r"(?:index|default|list|node|rss|feed|atom|sitemap)[\w-]{0,20}\.\w{1,6}|\d+", re.I
)
_SUFFIXES = frozenset({"com", "cn", "org", "net", "gov", "edu", "www"})
_KIND_WEIGHT = {"feed": 1.0, "data": 0.95, "list": 0.9, "sitemap": 0.5}
_ENOUGH = 12  # items of a full list
_LEAST = 2  # items that make a list
_WEAK = 0.15  # score below which even the page that was asked for is hardly meant
_LONGEST_NAME = 60  # characters
_SITE_NAME = 20
_FRESH_DAYS, _OLD_DAYS = 60, 400


@dataclass(frozen=True, slots=True)
class Candidate:
    """A source that could be added, with what one visit to it gave.

    ``dated`` and ``titled`` are shares of the items; ``keys`` the identities of the items.
    """

    options: SourceOptions
    why: str
    items: int
    dated: float
    titled: float
    newest: datetime | None
    samples: tuple[str, ...]
    keys: frozenset[str]
    score: float


@dataclass(frozen=True, slots=True)
class Look:
    """What one page showed. ``refused`` says why it is no source itself, "" when it is one."""

    candidates: tuple[Candidate, ...]
    leads: tuple[Lead, ...]
    refused: str = ""


def look(page: Page, lead: Lead) -> Look:
    """The sources that *page* is, and the leads that it gives."""
    try:
        text, _ = charset.decode(unpack(page.body), http_charset(page), "")
    except ReadError as error:
        return Look((), (), error.message)
    nature = _nature(page, text)
    if nature == "robots":
        return Look((), robots_leads(text, page.final_url), "robots.txt")
    if nature == "sitemap":
        return _map(page, lead)
    found: list[Candidate] = []
    refused: list[str] = []
    for options in _trials(page, text, nature, lead):
        try:
            found.append(weigh(page, options, lead.why))
        except ReadError as error:
            refused.append(error.message)
    leads = page_leads(text, page.final_url) if nature == "page" else ()
    return Look(tuple(found), leads, "" if found else (refused or ["holds no list"])[0])


def _nature(page: Page, text: str) -> Nature:
    start = text[:5000]
    if _MAP.search(start):
        return "sitemap"
    if _FEED.search(start):
        return "feed"
    if is_page(text):
        return "page"
    return "robots" if urlsplit(page.final_url).path == "/robots.txt" else "data"


def _map(page: Page, lead: Lead) -> Look:
    options = SourceOptions(url=page.final_url, kind="sitemap", name=host(page.final_url))
    try:
        listing = read(page, options)
        if listing.next_page:  # an index
            newest = Lead(listing.next_page, "the newest sitemap of the index", 46, accept="data")
            return Look((), (newest,), "an index of sitemaps")
        return Look((weigh(page, options, lead.why),), ())
    except ReadError as error:
        return Look((), (), error.message)


def _trials(page: Page, text: str, nature: Nature, lead: Lead) -> Iterable[SourceOptions]:
    """The ways in which *page* might be a source."""
    base = SourceOptions(url=page.final_url, name=lead.name, column=lead.name)
    if lead.options is not None:
        yield replace(lead.options, url=page.final_url)
    if nature == "feed" or (nature == "page" and _HFEED.search(text)):
        yield replace(base, kind="feed")
    if nature == "page":
        yield replace(base, kind="list")
    if nature in ("page", "data"):
        for rule in data_rules(text, page.final_url):
            yield replace(base, kind="data", data=rule)


# ---------------------------------------------------------------- a candidate


def weigh(page: Page, options: SourceOptions, why: str) -> Candidate:
    """*page* read as *options* say, and how good a source that makes. Raises ReadError."""
    listing = read(page, options)
    items = listing.sightings
    if len(items) < (1 if options.kind == "feed" else _LEAST):
        raise ReadError("empty-list", f"read as {options.kind} it holds {len(items)} items")
    options = _named(_complete(options, listing, page), listing, page)
    candidate = Candidate(
        options=options,
        why=why,
        items=len(items),
        dated=_share(items, lambda s: bool(s.published or s.updated)),
        titled=_share(items, lambda s: bool(s.title)),
        newest=max(filter(None, map(_instant, items)), default=None),
        samples=tuple(s.title or s.url for s in items[:3]),
        keys=frozenset(identity(s.url) or s.guid for s in items),
        score=0.0,
    )
    return replace(candidate, score=_score(candidate, page))


def _instant(item: Sighting) -> datetime | None:
    moment = item.published or item.updated
    return moment.instant if moment else None


def _share(items: Sequence[Sighting], has: Callable[[Sighting], bool]) -> float:
    return sum(bool(has(item)) for item in items) / len(items) if items else 0.0


def _score(candidate: Candidate, page: Page) -> float:
    """0..1: full, dated, titled and fresh lists first, columns before front pages and articles."""
    full = min(candidate.items, _ENOUGH) / _ENOUGH
    return (
        _KIND_WEIGHT[candidate.options.kind]
        * (0.25 + 0.75 * full)
        * (0.4 + 0.6 * candidate.dated)
        * (0.4 + 0.6 * candidate.titled)
        * _freshness(candidate.newest, page.fetched_at)
        * _place(candidate.options, page)
    )


def _freshness(newest: datetime | None, now: datetime) -> float:
    if newest is None:
        return 0.8
    days = (now - newest).days
    return 1.0 if days <= _FRESH_DAYS else 0.8 if days <= _OLD_DAYS else 0.3


def _place(options: SourceOptions, page: Page) -> float:
    """What a list page is worth by where it stands: a front page mixes, an article only hints."""
    if options.kind != "list":
        return 1.0
    if looks_like_article(page.final_url):
        return 0.3
    return 0.6 if _is_front(page.final_url) else 1.0


def _complete(options: SourceOptions, listing: Listing, page: Page) -> SourceOptions:
    """*options* with the paging that the page itself or the address of a data file shows."""
    if options.paging.pattern:
        return options
    pattern = ""
    if options.kind == "list" and listing.next_page:
        pattern = paging_pattern(page.final_url, listing.next_page)
    elif options.kind == "data":
        pattern = _data_pattern(page.final_url)
    return replace(options, paging=Paging(pattern)) if pattern else options


def _data_pattern(url: str) -> str:
    """How a data file's address counts pages: "?page=1" or "list_1.json"."""
    parts = urlsplit(url)
    asked = re.search(r"(?:^|&)(page(?:No|Num|Index)?)=1(?:&|$)", parts.query, re.I)
    if asked:
        return f"?{asked[1]}={{n}}"
    named = re.fullmatch(r"(.*[a-z]_)1(\.jsonp?)", parts.path.rpartition("/")[2], re.I)
    return f"{named[1]}{{n}}{named[2]}" if named else ""


def paging_pattern(url: str, next_page: str) -> str:
    """The pattern of page N, when *next_page* is the second page of the list at *url*, or "".

    .../index.html and .../index_1.html give "index_{n-1}.html"; ?page=2 gives "?page={n}".
    """
    here, there = urlsplit(url), urlsplit(next_page)
    if host(url) != host(next_page):
        return ""
    if here.path == there.path:
        return _numbered("?" + there.query) if here.query != there.query else ""
    if here.path.rpartition("/")[0] != there.path.rpartition("/")[0] or there.query:
        return ""
    return _numbered(there.path.rpartition("/")[2])


def _numbered(second: str) -> str:
    match = _PAGED.match(second)
    if not match or match[1][-1:].isdigit():
        return ""
    return match[1] + ("{n}" if match[2] == "2" else "{n-1}") + match[3]


def _named(options: SourceOptions, listing: Listing, page: Page) -> SourceOptions:
    """*options* with a name out of the column's name and the title of the page or feed."""
    parts = [part for part in _PARTS.split(listing.title) if part]
    front = _is_front(page.final_url)
    column = options.column or ("" if front or len(parts) < 2 else parts[0])
    name = options.name or column
    # The last part of a title is the site's name, unless it is a sentence.
    site = next((p for p in (*parts[-1:], *parts[:1]) if len(p) <= _SITE_NAME), "")
    if site and site != name:
        name = f"{site}·{name}" if name else site
    return replace(options, name=_shown(name), column=_shown(column))


def _shown(name: str) -> str:
    """*name* fit for a configuration file: no control characters, not too long."""
    return "".join(c for c in name if c.isprintable())[:_LONGEST_NAME].strip()


# ---------------------------------------------------------------- all candidates


def ranked(candidates: Iterable[Candidate], asked: Sequence[str]) -> tuple[Candidate, ...]:
    """The candidates, best first; those with the same items as a better one are left out.

    *asked* are the addresses that the search began with: a list at one of them, or one that holds
    it as an article, is most likely what is meant.
    """
    wanted = {identity(url) for url in asked}
    scored = [replace(one, score=round(_meant(one, wanted), 3)) for one in candidates]
    kept: list[Candidate] = []
    for one in sorted(scored, key=lambda one: -one.score):
        if not any(_same(one, better) for better in kept):
            kept.append(one)
    return tuple(kept)


def _meant(candidate: Candidate, wanted: set[str]) -> float:
    options = candidate.options
    # Whoever names a front page means the site: its columns are better lists.
    front = options.kind == "list" and _is_front(options.url)
    here = identity(options.url) in wanted and not front and candidate.score >= _WEAK
    return candidate.score + 0.5 * here + 0.3 * bool(wanted & candidate.keys)


def _is_front(url: str) -> bool:
    return identity(url) == identity(join(url, "/"))


def _same(one: Candidate, better: Candidate) -> bool:
    if identity(one.options.url) == identity(better.options.url):
        return one.options.kind == better.options.kind or one.keys <= better.keys
    return one.keys == better.keys and one.options.kind == better.options.kind


def suggest_key(options: SourceOptions, taken: Iterable[str]) -> str:
    """A key for [source.KEY] out of host and path, such as "ccdi_yaowenn", that is not taken."""
    parts = urlsplit(options.url)
    site = (parts.hostname or "source").removeprefix("www.")
    labels = [label for label in site.split(".") if label not in _SUFFIXES] or [site]
    words = [] if site.replace(".", "").isdigit() else [*reversed(labels[-2:])]
    words = words or ["site"]
    folders = [
        name
        for name in parts.path.split("/")
        if name and "%" not in name and not _FILE_NAME.fullmatch(name)
    ]
    last = re.sub(r"\.\w{1,5}$", "", folders[-1]) if folders else ""
    key = re.sub(r"[^A-Za-z0-9]+", "_", "_".join([*words, last])).strip("_").lower()[:50] or "site"
    return free_key(key, taken)


def free_key(key: str, taken: Iterable[str]) -> str:
    """*key*, with a number behind it when it is taken."""
    used, number, free = set(taken), 2, key
    while free in used:
        free, number = f"{key}_{number}", number + 1
    return free
