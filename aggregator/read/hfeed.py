"""HTML with microformats2 (h-feed, h-entry) -> Listing. Source: microformats.org/wiki/h-feed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree, html

from aggregator.model import Listing, Sighting
from aggregator.read import feedfields as fields

_HINT = re.compile(r"class\s{0,4}=\s{0,4}[\"'][^\"'>]{0,500}\bh-entry\b", re.I)
_MAX_ENTRIES = 5000


def read_hfeed(text: str, context: fields.Context) -> Listing | None:
    """The Listing of the first h-feed (or of all h-entry elements), None when there is none."""
    if not _HINT.search(text):
        return None
    parser = html.HTMLParser(no_network=True, huge_tree=False, encoding="utf-8")
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):  # nothing but comments, or too deep
        return None
    feed = next(_having(root, "h-feed"), root)
    entries = [one for _, one in zip(range(_MAX_ENTRIES), _having(feed, "h-entry"), strict=False)]
    if not entries:
        return None
    named = root.findtext(".//title") if feed is root else _text(feed, "p-name")
    listing = Listing(
        format="hfeed",
        sightings=tuple(
            _sighting(one, place, context)
            for place, one in enumerate(entries[: context.max_items + 1])
        ),
        title=fields.title(named or "", False),
        home_url=fields.link(context.base, "" if feed is root else _ref(feed, "u-url"))
        or context.base,
        self_url=context.base,
        next_page=_rel(root, "next", context),
        language=(root.get("lang") or "")[:100],
        encoding=context.encoding,
    )
    return fields.finish(listing, context.max_items, more=len(entries) > context.max_items)


def _having(element: html.HtmlElement, name: str) -> Iterator[html.HtmlElement]:
    """The elements below that have the class *name*, in order."""
    for one in element.iterdescendants():
        if isinstance(one.tag, str) and name in (one.get("class") or "").split():
            yield one


def _own(entry: html.HtmlElement, name: str) -> Iterator[html.HtmlElement]:
    """Properties of *entry* itself, not those of an h-* inside it (but that element may be one)."""
    for one in _having(entry, name):
        outer = one.getparent()
        while outer is not None and outer is not entry and not _is_item(outer):
            outer = outer.getparent()
        if outer is entry:
            yield one


def _is_item(element: html.HtmlElement) -> bool:
    return any(name.startswith("h-") for name in (element.get("class") or "").split())


def _text(entry: html.HtmlElement, name: str) -> str:
    return next((" ".join(one.text_content().split()) for one in _own(entry, name)), "")


def _ref(entry: html.HtmlElement, name: str) -> str:
    found = (one.get("href") or one.get("src") or one.text_content() for one in _own(entry, name))
    return next(found, "")


def _date(entry: html.HtmlElement, name: str) -> str:
    found = (
        one.get("datetime") or one.get("title") or one.text_content() for one in _own(entry, name)
    )
    return next(found, "")


def _rel(root: html.HtmlElement, rel: str, context: fields.Context) -> str:
    for one in root.iter("a", "link"):
        if rel in (one.get("rel") or "").lower().split():
            return fields.link(context.base, one.get("href") or "")
    return ""


def _inner(element: html.HtmlElement) -> str:
    """The HTML inside *element*."""
    parts = [fields.html_of(element.text or "")]
    parts += [html.tostring(child, encoding="unicode") for child in element]
    return "".join(parts).strip()


def _sighting(entry: html.HtmlElement, place: int, context: fields.Context) -> Sighting:
    content = next((_inner(one) for one in _own(entry, "e-content")), "")
    address = fields.link(context.base, _ref(entry, "u-url"))
    summary = fields.html_of(_text(entry, "p-summary"))
    named = _text(entry, "p-name")
    return Sighting(
        url=address,
        title=fields.title(named, False),
        guid=_ref(entry, "u-uid").strip() or address,
        published=fields.moment(_date(entry, "dt-published"), context.tz),
        updated=fields.moment(_date(entry, "dt-updated"), context.tz),
        authors=fields.people(
            _text(one, "p-name") or one.text_content() for one in _own(entry, "p-author")
        ),
        summary=summary,
        content=fields.absolute(content, context.base),
        categories=fields.people(one.text_content() for one in _own(entry, "p-category")),
        image=fields.picture(_ref(entry, "u-photo"), _ref(entry, "u-featured"), base=context.base),
        position=place,
    )
