"""XML text of a feed -> Listing, through feedparser: all of RSS, RDF, Atom and CDF, damaged too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from aggregator.errors import ReadError
from aggregator.model import Enclosure, Listing, Moment, Sighting
from aggregator.read import feedfields as fields
from aggregator.read.feedsax import Entry, Parsed, exotic_date, parse
from aggregator.read.feedtext import FeedText, is_cut

_HTML_TYPES = ("text/html", "application/xhtml+xml")
_TEXT_TYPES = ("text/plain", "text/xml", "application/xml", "application/octet-stream")


def read_parsed(feed: FeedText, context: fields.Context) -> Listing:
    """The Listing of *feed*. Raises ReadError "malformed" or "truncated" when nothing can be read."""
    parsed = parse(feed, context.max_items)
    listing = _listing(parsed, context)
    cut, torn = is_cut(feed.text)
    if cut and not parsed.more:
        listing = _without_torn(listing, torn)
    return fields.finish(listing, context.max_items, more=parsed.more)


def _without_torn(listing: Listing, torn: bool) -> Listing:
    """A feed that was cut off: its last item is incomplete, so it is left for the next visit."""
    whole = listing.sightings[:-1] if torn else listing.sightings
    if not whole:
        raise ReadError("truncated", "the feed is cut off before its first item is complete")
    note = f"truncated: the feed ends before its end tag; the {len(whole)} complete items were read"
    return replace(listing, sightings=whole, warnings=(*listing.warnings, note))


def _listing(parsed: Parsed, context: fields.Context) -> Listing:
    feed = parsed.feed
    links = _links(feed)
    rss = not parsed.version.startswith("atom")
    inherited = () if rss else _people(feed)
    sightings = tuple(
        _sighting(entry, place, context, rss=rss, inherited=inherited)
        for place, entry in enumerate(parsed.entries)
    )
    return Listing(
        format=parsed.version or "xml",
        sightings=sightings,
        title=_title(feed, rss=rss),
        home_url=fields.link(context.base, _linked(feed)),
        self_url=_rel(links, "self", context),
        hub_url=_rel(links, "hub", context),
        next_page=_rel(links, "next", context),
        language=_text(feed, "language")[:100],
        encoding=context.encoding,
        hints=fields.hints(
            _text(feed, "ttl"),
            parsed.hours,
            parsed.days,
            _text(feed, "sy_updateperiod"),
            _text(feed, "sy_updatefrequency"),
        ),
        warnings=parsed.notes,
    )


def _sighting(
    entry: Entry, place: int, context: fields.Context, *, rss: bool, inherited: tuple[str, ...]
) -> Sighting:
    content, summary = _bodies(entry, context, rss=rss)
    published = _moment(entry, "published", context) or _moment(entry, "created", context)
    published, updated = fields.dates(published, _moment(entry, "updated", context), rss=rss)
    files = _files(entry, context)
    thumbs = [_text(one, "url") for one in entry.get("media_thumbnail") or ()]
    return Sighting(
        url=_url(entry, context),
        title=_title(entry, rss=rss),
        guid=_text(entry, "id"),
        published=published,
        updated=updated,
        authors=_people(entry) or _people(_part(entry, "source")) or inherited,
        source=_source(entry),
        summary=summary,
        content=content,
        categories=fields.people(
            _text(one, "label") or _text(one, "term") for one in entry.get("tags") or ()
        ),
        enclosures=files,
        image=fields.picture(
            *thumbs[:5], _text(_part(entry, "image"), "href"), base=context.base, files=files
        ),
        position=place,
    )


def _text(values: Entry, key: str) -> str:
    value = values.get(key)
    return value if isinstance(value, str) else ""


def _part(values: Entry, key: str) -> Entry:
    value = values.get(key)
    return value if isinstance(value, Mapping) else {}


def _links(values: Entry) -> list[Entry]:
    return [one for one in values.get("links") or () if isinstance(one, Mapping)]


def _rel(links: list[Entry], rel: str, context: fields.Context) -> str:
    return next(
        (fields.link(context.base, _text(one, "href")) for one in links if one.get("rel") == rel),
        "",
    )


def _title(values: Entry, *, rss: bool) -> str:
    """RSS does not say whether a title is HTML, Atom does."""
    kind = _text(_part(values, "title_detail"), "type")
    return fields.title(_text(values, "title"), None if rss else kind in _HTML_TYPES)


def _url(entry: Entry, context: fields.Context) -> str:
    """The article's address: what the feed links, or a guid that is an address."""
    refs = [_text(entry, "feedburner_origlink"), _linked(entry)]
    refs += [_text(one, "href") for one in _links(entry)[:20] if one.get("rel") == "alternate"]
    refs.append(fields.address_in(_text(entry, "id")))
    found = (fields.link(context.base, ref) for ref in refs if ref)
    return next((ref for ref in found if ref), "")


def _linked(values: Entry) -> str:
    """The link that stands there; feedparser takes any guid for one where there is none."""
    link = _text(values, "link")
    return link if any(link == one.get("href") for one in _links(values)) else ""


def _moment(entry: Entry, key: str, context: fields.Context) -> Moment | None:
    text = _text(entry, key) if key in entry else ""
    found = fields.moment(text, context.tz)
    return found or (exotic_date(text) if text else None)


def _people(values: Entry) -> tuple[str, ...]:
    authors = [one for one in values.get("authors") or () if isinstance(one, Mapping)]
    return fields.people(
        _text(one, "name") or _text(one, "email") for one in authors[: fields.MAX_MANY]
    )


def _source(entry: Entry) -> str:
    """The name of the source; dc:source is often an address, which is no name."""
    named, dublin = _text(_part(entry, "source"), "title"), _text(entry, "dc_source")
    return fields.title(named or ("" if "://" in dublin else dublin))


def _bodies(entry: Entry, context: fields.Context, *, rss: bool) -> tuple[str, str]:
    """(content, summary) as HTML; feedparser copies the content where there is no summary."""
    contents = [one for one in entry.get("content") or () if isinstance(one, Mapping)]
    content = max((_html(one, context) for one in contents[:10]), key=len, default="")
    detail = _part(entry, "summary_detail")
    if not detail and contents:
        return content, ""
    kind = _text(detail, "type") or "text/html"
    summary = _html({**detail, "value": _text(entry, "summary"), "type": kind}, context)
    return content, "" if summary == content else summary


def _html(part: Entry, context: fields.Context) -> str:
    kind, value = _text(part, "type"), _text(part, "value")
    if kind in _HTML_TYPES:
        base = _text(part, "base")
        return fields.absolute(value, context.base, base) if base else value
    if kind not in _TEXT_TYPES:
        return ""  # Atom content of other kinds: a picture, another XML language
    return fields.html_of(value) if kind == "text/plain" or not fields.is_markup(value) else value


def _files(entry: Entry, context: fields.Context) -> tuple[Enclosure, ...]:
    linked = [one for one in _links(entry) if one.get("rel") == "enclosure"]
    media = entry.get("media_content") or ()
    found = [
        fields.enclosure(
            context.base,
            _text(one, "href") or _text(one, "url"),
            _text(one, "type") or _medium(one),
            _text(one, "length") or _text(one, "filesize"),
            _text(one, "title"),
        )
        for one in [*linked[: fields.MAX_MANY], *media[: fields.MAX_MANY]]
    ]
    return fields.enclosures(found)


def _medium(media: Entry) -> str:
    """Media RSS: medium="image" without a type is a picture of a kind that is not said."""
    return f"{media['medium']}/*" if media.get("medium") in ("image", "video", "audio") else ""
