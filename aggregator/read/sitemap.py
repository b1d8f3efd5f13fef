"""One answer of a sitemap's address -> Listing: urlset, news sitemap, index, plain text; gzip too.

Source: sitemaps.org/protocol.html (RSS and Atom feeds are sitemaps as well), Google's news and
image extensions. Namespaces are not looked at, because many sites get them wrong.
"""

from __future__ import annotations

import re
from dataclasses import replace

from lxml import etree

from aggregator import charset
from aggregator.config import SourceOptions
from aggregator.errors import ReadError
from aggregator.model import Listing, Page, Sighting
from aggregator.read import feedfields as fields
from aggregator.read.feed import http_charset, read_feed
from aggregator.read.feedtext import mended
from aggregator.read.looks import not_a_feed
from aggregator.read.unpack import unpack

_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?(urlset|sitemapindex|rss|feed|rdf)(?=[\s/>])", re.I)
_END = re.compile(r"</(?:[\w.-]{1,40}:)?(?:urlset|sitemapindex)\s*>", re.I)
_NAMED = 50  # sitemaps of an index that are named in the warnings
_Element = etree._Element


def read_sitemap(page: Page, options: SourceOptions) -> Listing:
    """The Listing of a sitemap: its addresses, with lastmod as ``updated``, in their order.

    Above ``options.max_items`` the newest are kept, because most sitemaps end with them. An index
    has no sightings: ``next_page`` is its newest sitemap, the warnings name the others.
    Raises ReadError: "not-a-sitemap", "challenge", "malformed", "truncated", "too-large".
    """
    try:
        return _read(page, options)
    except ReadError as error:
        raise ReadError(
            error.code, error.message, url=page.final_url, status=page.status
        ) from error


def _read(page: Page, options: SourceOptions) -> Listing:
    body = unpack(page.body)
    text, how = charset.decode(body, http_charset(page), options.charset)
    context = fields.Context(
        options.base or page.final_url, options.timezone, options.max_items, how
    )
    root = _ROOT.search(text[:20_000])
    if root is None:
        return _plain(body, text, context)
    kind = root[1].lower()
    if kind in ("rss", "feed", "rdf"):
        return read_feed(page, options)
    tree, notes = _tree(text[root.start() :])
    if kind == "sitemapindex":
        return _index(tree, context, notes)
    return _urlset(tree, context, notes)


def _tree(text: str) -> tuple[_Element, tuple[str, ...]]:
    """The root element; notes say whether the sitemap is damaged or cut off."""
    notes: tuple[str, ...] = ()
    if not _END.search(text):
        notes = ("truncated: the sitemap ends before its end tag; the complete entries were read",)
        whole = max(text.rfind("</url>"), text.rfind("</sitemap>"))
        if whole < 0:
            raise ReadError(
                "truncated", "the sitemap is cut off before its first entry is complete"
            )
        text = text[:whole] + text[whole : text.index(">", whole) + 1]
    root = None if notes else _parsed(text, recover=False)
    if root is None:
        # Mended, because libxml2 would recover surrogates that Python cannot decode.
        root = _parsed(mended(text), recover=True)
        notes = notes or ("not well-formed XML, read leniently",)
    if root is None:
        raise ReadError("malformed", "the sitemap is too damaged to be read")
    return root, notes


def _parsed(text: str, *, recover: bool) -> _Element | None:
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, huge_tree=False, recover=recover,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None


def _local(element: _Element) -> str:
    return str(element.tag).rpartition("}")[2].rpartition(":")[2].lower()


def _texts(entry: _Element) -> dict[str, str]:
    """The texts below an entry by path of local names: loc, news/title, news/publication/name …"""
    found: dict[str, str] = {}
    for child in entry:
        name = _local(child)
        found.setdefault(name, (child.text or "").strip())
        for inner in child:
            path = f"{name}/{_local(inner)}"
            found.setdefault(path, (inner.text or "").strip())
            for last in inner:
                found.setdefault(f"{path}/{_local(last)}", (last.text or "").strip())
    return found


def _entries(root: _Element, name: str) -> list[dict[str, str]]:
    return [_texts(child) for child in root if _local(child) == name]


def _urlset(root: _Element, context: fields.Context, notes: tuple[str, ...]) -> Listing:
    rows = [_sighting(row, context) for row in _entries(root, "url")]
    usable = [row for row in rows if row.url]
    if len(usable) < len(rows):
        notes = (*notes, f"{len(rows) - len(usable)} entries have no http(s) address")
    return _bounded(
        Listing("sitemap", tuple(usable), encoding=context.encoding, warnings=notes), context
    )


def _sighting(row: dict[str, str], context: fields.Context) -> Sighting:
    return Sighting(
        url=fields.link(context.base, row.get("loc", "")),
        title=fields.title(row.get("news/title", "")),
        published=fields.moment(row.get("news/publication_date"), context.tz),
        updated=fields.moment(row.get("lastmod"), context.tz),
        source=fields.title(row.get("news/publication/name", "")),
        categories=fields.people(re.split(r"[,，;；]", row.get("news/keywords", ""))),
        image=fields.link(context.base, row.get("image/loc", "")),
    )


def _bounded(listing: Listing, context: fields.Context) -> Listing:
    """At most ``max_items`` sightings, the newest, in their own order."""
    rows = listing.sightings
    more = len(rows) > context.max_items
    if more and any(_age(row) for row in rows):
        order = sorted(range(len(rows)), key=lambda place: _age(rows[place]), reverse=True)
        rows = tuple(rows[place] for place in sorted(order[: context.max_items]))
        note = f"only the newest {context.max_items} of {len(listing.sightings)} entries were read (max_items)"
        listing = replace(listing, sightings=rows, warnings=(*listing.warnings, note))
    numbered = tuple(
        replace(row, position=n) for n, row in enumerate(rows[: context.max_items + 1])
    )
    return fields.finish(replace(listing, sightings=numbered), context.max_items)


def _age(row: Sighting) -> float:
    """Seconds since 1970 of the entry's time; 0 where it has none."""
    moment = row.published or row.updated
    return moment.instant.timestamp() if moment else 0.0


def _index(root: _Element, context: fields.Context, notes: tuple[str, ...]) -> Listing:
    rows = [
        (fields.link(context.base, row.get("loc", "")), row.get("lastmod"))
        for row in _entries(root, "sitemap")
    ]
    dated = [(url, fields.moment(text, context.tz)) for url, text in rows if url]
    best = max(
        dated, key=lambda row: row[1].instant.timestamp() if row[1] else 0.0, default=("", None)
    )
    named = " ".join(url for url, _ in dated[:_NAMED])
    note = f"an index of {len(dated)} sitemaps: {named}" if dated else "the index names no sitemaps"
    return Listing(
        "sitemapindex", (), next_page=best[0], encoding=context.encoding, warnings=(*notes, note)
    )


def _plain(body: bytes, text: str, context: fields.Context) -> Listing:
    """A text sitemap: one address a line."""
    lines = [line.strip() for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    found = [
        Sighting(url) for line in lines if "://" in line[:8] and (url := fields.link("", line))
    ]
    if not found or len(found) * 2 < len(lines):
        error = not_a_feed(body, text, context.base)
        code = error.code if error.code == "challenge" else "not-a-sitemap"
        raise ReadError(code, error.message.replace("is no feed", "is no sitemap"))
    notes = (f"{len(lines) - len(found)} lines are no address",) if len(found) < len(lines) else ()
    listing = Listing("sitemap-text", tuple(found), encoding=context.encoding, warnings=notes)
    return _bounded(listing, context)
