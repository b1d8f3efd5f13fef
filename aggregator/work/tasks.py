"""What runs inside a parser worker: bytes -> keyed sightings, sightings -> captures, page -> capture.

Pure functions of picklable values; imports are late so that a worker loads only what it needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING

from aggregator.config import SourceOptions
from aggregator.dedup import fingerprint
from aggregator.fulltext import searchable
from aggregator.model import Capture, Draft, Listing, NoArticle, Page, Sighting
from aggregator.text import norm, tokens_of
from aggregator.url import canonical, host, identity

if TYPE_CHECKING:
    from aggregator.extract.rules import SiteRule

# A feed entry with this many letters of its own text is the article, not a teaser of it.
FULL_TEXT = 200


@dataclass(frozen=True, slots=True)
class Keyed:
    """A sighting with its identity, the host of its page, and a digest of what the list said."""

    key: str
    host: str
    digest: str
    sighting: Sighting


@dataclass(frozen=True, slots=True)
class ReadListing:
    """A listing without its sightings, and the sightings keyed, each identity once."""

    listing: Listing
    keyed: tuple[Keyed, ...]


def read_listing(page: Page, options: SourceOptions) -> ReadListing:
    """Read *page* as *options* say. Raises ReadError."""
    from aggregator.read import read

    listing = read(page, options)
    scope = identity(page.url) or page.url
    keyed: dict[str, Keyed] = {}
    for sighting in listing.sightings:
        item = _keyed(sighting, scope)
        keyed.setdefault(item.key, item)
    return ReadListing(replace(listing, sightings=()), tuple(keyed.values()))


def _keyed(sighting: Sighting, scope: str) -> Keyed:
    url = canonical(sighting.url) if sighting.url else ""
    # An entry without a link is known by its guid within its feed.
    key = identity(url) if url else f"guid:{scope}#{sighting.guid or _digest(sighting)}"
    return Keyed(key, host(url) if url else host(scope), _digest(sighting), sighting)


def _digest(sighting: Sighting) -> str:
    # `updated` and positions move without any change of the text, so they are left out.
    published = sighting.published.instant.isoformat() if sighting.published else ""
    parts = (
        sighting.title,
        published,
        *sighting.authors,
        sighting.source,
        sighting.summary,
        sighting.content,
        *(e.url for e in sighting.enclosures),
    )
    return blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def is_full(sighting: Sighting) -> bool:
    """Whether the list holds the article itself."""
    if len(sighting.content) < FULL_TEXT:
        return False
    import re

    return len(re.sub(r"<[^>]*>|\s+", "", sighting.content)) >= FULL_TEXT


def capture_entries(
    items: Sequence[tuple[str, Sighting]], options: SourceOptions, seen_at: datetime
) -> tuple[Capture, ...]:
    """The captures of entries that hold their own text; *items* are (key, sighting)."""
    from aggregator.extract.entry import entry_draft

    return tuple(
        _capture(key, canonical(sighting.url), entry_draft(sighting, options), seen_at)
        for key, sighting in items
    )


def extract_page(
    body: bytes,
    url: str,
    charset: str,
    sighting: Sighting | None,
    options: SourceOptions,
    rules: str | SiteRule = "",
) -> Draft | NoArticle:
    """What the extractor makes of one page; *rules* is a name of shipped rules, or a rule."""
    from aggregator.extract import extract

    return extract(
        body,
        url,
        charset=options.charset or charset,
        sighting=sighting,
        rules=rules,
        timezone=options.timezone,
    )


def finish_page(
    key: str,
    url: str,
    first: Draft,
    rest: Sequence[tuple[str, Draft | NoArticle]],
    seen_at: datetime,
) -> Capture:
    """The capture of an article whose further pages are *rest* (address, what it gave)."""
    from aggregator.extract.join import join_pages

    draft = join_pages(first, rest) if rest or first.next_pages else first
    return _capture(key, url, draft, seen_at)


def _capture(key: str, url: str, draft: Draft, seen_at: datetime) -> Capture:
    normal = norm(searchable(draft))
    return Capture(
        key=key,
        url=url or draft.url,
        seen_at=seen_at,
        draft=draft,
        fingerprint=fingerprint(draft),
        tokens=tokens_of(normal),
        normal=normal,
    )
