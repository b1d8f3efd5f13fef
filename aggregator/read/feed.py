"""One answer of a feed's address -> Listing: RSS, RDF, Atom, JSON Feed, h-feed; damaged ones too.

The charset is decided here, before any parser sees the feed. A strict parser goes first
(fastfeed); what it is not sure of is mended (feedtext) and read by feedparser (feedparsed).
"""

from __future__ import annotations

import re
from dataclasses import replace

from aggregator import charset
from aggregator.config import SourceOptions
from aggregator.errors import ReadError
from aggregator.model import Listing, Page
from aggregator.read import feedfields as fields
from aggregator.read.fastfeed import read_fast
from aggregator.read.feedtext import prepare
from aggregator.read.hfeed import read_hfeed
from aggregator.read.jsonfeed import read_json
from aggregator.read.looks import is_page, not_a_feed
from aggregator.read.unpack import unpack

_LINK = re.compile(r"<([^<>]{1,2000})>([^<]{0,300})")


def read_feed(page: Page, options: SourceOptions) -> Listing:
    """The Listing of a feed, its items in the feed's order, at most ``options.max_items``.

    ``summary`` and ``content`` of a Sighting are HTML as it stood, not cleaned. A feed without
    items is a Listing with a warning. Raises ReadError: "not-a-feed", "challenge", "malformed",
    "truncated" (nothing complete), "too-large".
    """
    try:
        listing = _read(page, options)
    except ReadError as error:
        raise ReadError(
            error.code, error.message, url=page.final_url, status=page.status
        ) from error
    return _with_headers(listing, page)


def _read(page: Page, options: SourceOptions) -> Listing:
    body = unpack(page.body)
    context = fields.Context(options.base or page.final_url, options.timezone, options.max_items)
    # Valid UTF-8 is UTF-8 whatever is declared, and the strict parser takes nothing else.
    fast = read_fast(body, replace(context, encoding=_utf8(body))) if not options.charset else None
    if fast is not None:
        return fast
    text, how = charset.decode(body, http_charset(page), options.charset)
    context = replace(context, encoding=how)
    if text[:2000].lstrip("\ufeff \t\r\n\0").startswith(("{", "[")):
        return read_json(text, context)
    if not how.startswith("utf-8 (valid"):
        fast = read_fast(text.encode("utf-8", "replace"), context)
    return fast or _lenient(body, text, context)


def _utf8(body: bytes) -> str:
    return "utf-8 (BOM)" if body.startswith(b"\xef\xbb\xbf") else "utf-8 (valid)"


def _lenient(body: bytes, text: str, context: fields.Context) -> Listing:
    from aggregator.read.feedparsed import read_parsed  # feedparser costs 60 ms to import

    prepared = prepare(text)
    if prepared is not None:
        listing = read_parsed(prepared, context)
        return replace(listing, warnings=(*prepared.notes, *listing.warnings))
    marked = read_hfeed(text, context) if is_page(text) else None
    if marked is None:
        raise not_a_feed(body, text, context.base)
    return marked


def http_charset(page: Page) -> str:
    """The charset parameter of the Content-Type header, or ""."""
    found = re.search(
        r"charset\s*=\s*[\"']?([\w.:-]{1,40})", page.header("content-type") or "", re.I
    )
    return found[1] if found else ""


def _with_headers(listing: Listing, page: Page) -> Listing:
    """Hub, self address (WebSub, section 4) and language out of the headers where the feed has none."""
    if not listing.language and page.header("content-language"):
        listing = replace(listing, language=(page.header("content-language") or "").strip()[:100])
    found = {"hub": listing.hub_url, "self": listing.self_url}
    for name, value in page.headers:
        if name.lower() == "link":
            for ref, parameters in _LINK.findall(value[:4000]):
                rel = re.search(r"rel\s*=\s*\"?(hub|self)\b", parameters, re.I)
                if rel and not found[rel[1].lower()]:
                    found[rel[1].lower()] = fields.link(page.final_url, ref)
    if (found["hub"], found["self"]) == (listing.hub_url, listing.self_url):
        return listing
    return replace(listing, hub_url=found["hub"], self_url=found["self"])
