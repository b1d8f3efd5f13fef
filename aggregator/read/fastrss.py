"""The root of a plain RSS 2.0 feed -> Listing, or UnsureError. Source: rssboard.org/rss-specification."""

from __future__ import annotations

from aggregator.model import Enclosure, Listing, Sighting
from aggregator.read import feedfields as fields
from aggregator.read.fastparts import (
    ATOM,
    Element,
    Files,
    Texts,
    UnsureError,
    address,
    atom_link,
    demand,
    leaf,
    moment,
    once,
    sure_link,
    sure_texts,
)

_DC = "{http://purl.org/dc/elements/1.1/}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_SY = "{http://purl.org/rss/1.0/modules/syndication/}"
_SLASH = "{http://purl.org/rss/1.0/modules/slash/}"
_WFW = "{http://wellformedweb.org/CommentAPI/}"

_ONCE = frozenset(
    {"title", "link", "description", "pubDate", "guid", "source", _DC + "date", _CONTENT}
)
_AUTHORS = frozenset({"author", _DC + "creator"})
_UNUSED = frozenset({"comments", _SLASH + "comments", _WFW + "commentRss"})
_CHANNEL_ONCE = frozenset({"title", "link", "description", "language", "ttl", _SY + "updatePeriod", _SY + "updateFrequency"})  # fmt: skip
_CHANNEL_UNUSED = frozenset({
    "lastBuildDate", "pubDate", "generator", "copyright", "docs", "managingEditor", "webMaster", "image",
})  # fmt: skip
_IMAGE = frozenset({"url", "title", "link", "description", "width", "height"})
_ATTRIBUTES = {
    "guid": {"isPermaLink"},
    "category": {"domain"},
    "source": {"url"},
    "enclosure": {"url", "type", "length"},
}


def read_rss(root: Element, context: fields.Context, latin: bool) -> Listing:
    demand(root.get("version") == "2.0" and root.keys() == ["version"] and len(root) == 1)
    demand(root[0].tag == "channel" and not root[0].keys())
    channel: Texts = {}
    rels: Texts = {}
    skip: dict[str, list[str]] = {"skipHours": [], "skipDays": []}
    items: list[Element] = []
    for element in root[0]:
        tag = str(element.tag)
        if tag == "item":
            items.append(element)
        elif tag in _CHANNEL_ONCE:
            once(channel, element, tag)
        elif tag == ATOM + "link":
            atom_link(element, rels, within=frozenset({"self", "hub", "next"}))
        elif tag in skip:
            skip[tag] += [leaf(one) for one in element]
        else:
            demand(tag in _CHANNEL_UNUSED and not element.keys() and _is_plain(element))
    if latin:
        sure_texts(channel.values())
    link = channel.get("link")
    return Listing(
        format="rss20",
        sightings=tuple(
            _item(item, place, context, latin)
            for place, item in enumerate(items[: context.max_items + 1])
        ),
        title=fields.title(channel.get("title", "")),
        home_url=fields.link(context.base, sure_link(link)) if link else "",
        self_url=fields.link(context.base, rels.get("self", "")),
        hub_url=fields.link(context.base, rels.get("hub", "")),
        next_page=fields.link(context.base, rels.get("next", "")),
        language=channel.get("language", "")[:100],
        encoding=context.encoding,
        hints=fields.hints(
            channel.get("ttl", ""),
            skip["skipHours"],
            skip["skipDays"],
            channel.get(_SY + "updatePeriod", ""),
            channel.get(_SY + "updateFrequency", ""),
        ),
    )


def _is_plain(element: Element) -> bool:
    """Whether below *element* there is nothing but what RSS has in an image."""
    return all(one.tag in _IMAGE and not one.keys() and not len(one) for one in element)


def _item(item: Element, place: int, context: fields.Context, latin: bool) -> Sighting:
    texts: Texts = {}
    authors: list[str] = []
    categories: list[str] = []
    files: Files = []
    for element in item:
        tag = element.tag
        if len(element) or (element.keys() and not _is_known(element)):
            raise UnsureError
        text = element.text
        text = text.strip() if text else ""
        if tag in _ONCE and tag not in texts:
            texts[tag] = text
        elif tag == "category":
            categories.append(text)
        elif tag in _AUTHORS:
            authors.append(text)
        elif tag == "enclosure":
            files.append(_enclosure(element, context))
        elif tag not in _UNUSED:
            raise UnsureError
    if latin:
        sure_texts((*texts.values(), *authors, *categories))
    if item.keys() or len(categories) > fields.MAX_MANY or len(files) > fields.MAX_MANY:
        raise UnsureError
    return _sighting(texts, _sure_names(authors), categories, files, place, context)


def _is_known(element: Element) -> bool:
    """Whether all attributes of an item's element are ones that are known there."""
    permanent = element.get("isPermaLink", "true")
    return permanent in ("true", "false") and _ATTRIBUTES.get(str(element.tag), set()).issuperset(
        element.keys()
    )


def _sighting(
    texts: Texts,
    authors: list[str],
    categories: list[str],
    files: Files,
    place: int,
    context: fields.Context,
) -> Sighting:
    guid = texts.get("guid", "")
    ref = texts.get("link") or fields.address_in(guid)
    content = texts.get(_CONTENT, "")
    summary = texts.get("description", "")
    published = moment(texts, "pubDate", context)
    updated = moment(texts, _DC + "date", context) if _DC + "date" in texts else None
    if updated:
        published, updated = fields.dates(published, updated, rss=True)
    enclosures = fields.enclosures(files) if files else ()
    if ":///" in guid:
        raise UnsureError
    return Sighting(
        url=address(ref, context) if ref else "",
        title=fields.title(texts.get("title", "")),
        guid=guid,
        published=published,
        updated=updated,
        authors=fields.people(authors) if authors else (),
        source=fields.title(texts["source"]) if "source" in texts else "",
        summary="" if summary == content else summary,
        content=content,
        categories=fields.people(categories) if categories else (),
        enclosures=enclosures,
        image=fields.picture(base=context.base, files=enclosures) if enclosures else "",
        position=place,
    )


def _sure_names(names: list[str]) -> list[str]:
    """Names that hold no mail address, which feedparser would take apart."""
    for name in names:
        demand("@" not in name and len(name) < fields.MAX_AUTHOR)
    return names


def _enclosure(element: Element, context: fields.Context) -> Enclosure | None:
    kind, length = element.get("type", "").lower(), element.get("length", "")
    return fields.enclosure(context.base, sure_link(element.get("url", "")), kind, length)
