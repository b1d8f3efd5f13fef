"""XML text of a feed -> Listing, through feedparser: all of RSS, RDF, Atom and CDF, damaged too.

Only this module knows feedparser. Its handler classes are driven directly, because its parse()
sniffs the charset again and lets long author names, many categories and endless items cost
quadratic time (kurtmckee/feedparser, issue 562). Its sanitising and URL resolving stay off.
"""

from __future__ import annotations

import io
import re
import xml.sax
import xml.sax.handler
import xml.sax.xmlreader
from calendar import timegm
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from feedparser.api import LooseFeedParser, StrictFeedParser
from feedparser.datetimes import _parse_date

from aggregator.errors import ReadError
from aggregator.model import Enclosure, Listing, Moment, Precision, Sighting
from aggregator.read import feedfields as fields
from aggregator.read.feedtext import FeedText, is_cut

# What feedparser raises on input that it did not foresee.
_SLIPS = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    RecursionError,
    OverflowError,
)
_HTML_TYPES = ("text/html", "application/xhtml+xml")
_TEXT_TYPES = ("text/plain", "text/xml", "application/xml", "application/octet-stream")
_Entry = Mapping[str, Any]


class _EnoughError(Exception):
    """More items than are wanted: the rest is not parsed."""


class _Bounded:
    """Handlers that keep hostile input from feedparser's costly places; dates stay text."""

    limit: int
    hours: list[str]
    days: list[str]

    def _start_item(self: Any, attributes: dict[str, str]) -> None:
        if len(self.entries) >= self.limit:
            raise _EnoughError
        super()._start_item(attributes)  # type: ignore[misc]  # of feedparser's class beside it

    _start_entry = _start_item

    def _sync_author_detail(self: Any, key: str = "author") -> None:
        context = self._get_context()
        name = context.get(key)
        if isinstance(name, str) and len(name) > fields.MAX_AUTHOR:
            context[key] = name[: fields.MAX_AUTHOR]
        super()._sync_author_detail(key)  # type: ignore[misc]  # as above

    def _add_tag(self: Any, term: str | None, scheme: str | None, label: str | None) -> None:
        if len(self._get_context().setdefault("tags", [])) < fields.MAX_MANY:
            super()._add_tag(term, scheme, label)  # type: ignore[misc]  # as above

    def handle_charref(self: Any, ref: str) -> None:
        try:
            super().handle_charref(ref)  # type: ignore[misc]  # as above
        except (ValueError, OverflowError):  # a reference to no character
            self.handle_data("\ufffd")

    def _end_published(self: Any) -> None:
        self.pop("published")

    def _end_updated(self: Any) -> None:
        self.pop("updated")

    def _end_created(self: Any) -> None:
        self.pop("created")

    def _end_expirationdate(self: Any) -> None:
        self.pop("expired")

    def _end_dcterms_valid(self: Any) -> None:
        self.pop("validity")

    def _end_hour(self: Any) -> None:
        self.hours.append(self.pop("hour") or "")

    def _end_day(self: Any) -> None:
        self.days.append(self.pop("day") or "")

    _end_issued = _end_pubdate = _end_published
    _end_modified = _end_lastbuilddate = _end_updated


class _Strict(_Bounded, StrictFeedParser):  # type: ignore[misc]  # feedparser has no types
    """For well-formed XML (expat)."""


class _Loose(_Bounded, LooseFeedParser):  # type: ignore[misc]  # feedparser has no types
    """For all else (sgmllib)."""


@dataclass(frozen=True, slots=True)
class _Parsed:
    """What feedparser found."""

    feed: _Entry
    entries: list[_Entry]
    version: str
    hours: list[str]
    days: list[str]
    more: bool
    notes: tuple[str, ...]


def read_parsed(feed: FeedText, context: fields.Context) -> Listing:
    """The Listing of *feed*. Raises ReadError "malformed" or "truncated" when nothing can be read."""
    parsed = _parse(feed, context.max_items)
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


# ---------------------------------------------------------------- parsing


def _parse(feed: FeedText, limit: int) -> _Parsed:
    """Strict first; where the XML is not well-formed, all over again with the loose parser."""
    data = feed.text.encode("utf-8", "replace")
    strict = _handler(_Strict("", None, "utf-8"), feed, limit)
    try:
        return _parsed(strict, _run_strict(strict, data), ())
    except xml.sax.SAXException as error:
        note = f"not well-formed XML ({_words(error)}), read leniently"
    except _SLIPS as error:
        note = f"read leniently: the strict parser failed ({type(error).__name__})"
    loose = _handler(_Loose("", None, "utf-8", {}), feed, limit)
    try:
        return _parsed(loose, _run_loose(loose, feed.bare()), (note,))
    except _SLIPS as error:
        failed = f"{type(error).__name__}: {str(error)[:80]}"
        if not loose.entries:
            raise ReadError(
                "malformed", f"the feed is too damaged to be read ({failed})"
            ) from error
        return _parsed(
            loose, False, (note, f"reading stopped after {len(loose.entries)} items: {failed}")
        )


def _handler(handler: Any, feed: FeedText, limit: int) -> Any:
    handler.resolve_relative_uris = handler.sanitize_html = False
    handler.limit, handler.hours, handler.days = limit, [], []
    if feed.netscape:
        handler.version = "rss091n"
    return handler


def _run_strict(handler: Any, data: bytes) -> bool:
    """Parse; True when there were more items than wanted."""
    reader = xml.sax.make_parser()  # noqa: S317  # entities are refused before (feedtext)
    reader.setFeature(xml.sax.handler.feature_namespaces, True)
    reader.setFeature(xml.sax.handler.feature_external_ges, False)
    reader.setContentHandler(handler)
    reader.setErrorHandler(handler)
    source = xml.sax.xmlreader.InputSource()
    source.setByteStream(io.BytesIO(data))
    source.setEncoding("utf-8")
    try:
        reader.parse(source)
    except _EnoughError:
        return True
    return False


def _run_loose(handler: Any, text: str) -> bool:
    try:
        handler.feed(text)
    except _EnoughError:
        return True
    return False


def _parsed(handler: Any, more: bool, notes: tuple[str, ...]) -> _Parsed:
    return _Parsed(
        handler.feeddata,
        handler.entries,
        handler.version,
        handler.hours,
        handler.days,
        more,
        notes,
    )


def _words(error: xml.sax.SAXException) -> str:
    line = error.getLineNumber() if isinstance(error, xml.sax.SAXParseException) else None
    return error.getMessage()[:80] + (f" in line {line}" if line is not None else "")


# ---------------------------------------------------------------- fields


def _listing(parsed: _Parsed, context: fields.Context) -> Listing:
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
    entry: _Entry, place: int, context: fields.Context, *, rss: bool, inherited: tuple[str, ...]
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


def _text(values: _Entry, key: str) -> str:
    value = values.get(key)
    return value if isinstance(value, str) else ""


def _part(values: _Entry, key: str) -> _Entry:
    value = values.get(key)
    return value if isinstance(value, Mapping) else {}


def _links(values: _Entry) -> list[_Entry]:
    return [one for one in values.get("links") or () if isinstance(one, Mapping)]


def _rel(links: list[_Entry], rel: str, context: fields.Context) -> str:
    return next(
        (fields.link(context.base, _text(one, "href")) for one in links if one.get("rel") == rel),
        "",
    )


def _title(values: _Entry, *, rss: bool) -> str:
    """RSS does not say whether a title is HTML, Atom does."""
    kind = _text(_part(values, "title_detail"), "type")
    return fields.title(_text(values, "title"), None if rss else kind in _HTML_TYPES)


def _url(entry: _Entry, context: fields.Context) -> str:
    """The article's address: what the feed links, or a guid that is an address."""
    refs = [_text(entry, "feedburner_origlink"), _linked(entry)]
    refs += [_text(one, "href") for one in _links(entry)[:20] if one.get("rel") == "alternate"]
    refs.append(fields.address_in(_text(entry, "id")))
    found = (fields.link(context.base, ref) for ref in refs if ref)
    return next((ref for ref in found if ref), "")


def _linked(values: _Entry) -> str:
    """The link that stands there; feedparser takes any guid for one where there is none."""
    link = _text(values, "link")
    return link if any(link == one.get("href") for one in _links(values)) else ""


def _moment(entry: _Entry, key: str, context: fields.Context) -> Moment | None:
    text = _text(entry, key) if key in entry else ""
    found = fields.moment(text, context.tz)
    return found or (_exotic(text) if text else None)


def _exotic(text: str) -> Moment | None:
    """Dates that only feedparser knows (Hungarian, Greek, Korean, ISO week …); they are in UTC."""
    text = text[:100].strip()
    try:
        found = _parse_date(text)
        instant = datetime.fromtimestamp(timegm(found), UTC) if found else None
    except _SLIPS:
        return None
    if instant is None or not 1949 <= instant.year <= 2100:
        return None
    exact = Precision.SECOND if re.search(r"\d:\d", text) else Precision.DAY
    return Moment(text, instant, exact)


def _people(values: _Entry) -> tuple[str, ...]:
    authors = [one for one in values.get("authors") or () if isinstance(one, Mapping)]
    return fields.people(
        _text(one, "name") or _text(one, "email") for one in authors[: fields.MAX_MANY]
    )


def _source(entry: _Entry) -> str:
    return fields.title(_text(_part(entry, "source"), "title") or _text(entry, "dc_source"))


def _bodies(entry: _Entry, context: fields.Context, *, rss: bool) -> tuple[str, str]:
    """(content, summary) as HTML; feedparser copies the content where there is no summary."""
    contents = [one for one in entry.get("content") or () if isinstance(one, Mapping)]
    content = max((_html(one, context) for one in contents[:10]), key=len, default="")
    detail = _part(entry, "summary_detail")
    if not detail and contents:
        return content, ""
    kind = _text(detail, "type") or "text/html"
    summary = _html({**detail, "value": _text(entry, "summary"), "type": kind}, context)
    return content, "" if summary == content else summary


def _html(part: _Entry, context: fields.Context) -> str:
    kind, value = _text(part, "type"), _text(part, "value")
    if kind in _HTML_TYPES:
        base = _text(part, "base")
        return fields.absolute(value, context.base, base) if base else value
    if kind not in _TEXT_TYPES:
        return ""  # Atom content of other kinds: a picture, another XML language
    return fields.html_of(value) if kind == "text/plain" or not fields.is_markup(value) else value


def _files(entry: _Entry, context: fields.Context) -> tuple[Enclosure, ...]:
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


def _medium(media: _Entry) -> str:
    """Media RSS: medium="image" without a type is a picture of a kind that is not said."""
    return f"{media['medium']}/*" if media.get("medium") in ("image", "video", "audio") else ""
