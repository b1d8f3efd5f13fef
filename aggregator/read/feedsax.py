"""XML text of a feed -> what feedparser finds in it: values by name, not yet of our model.

Only this module knows feedparser. Its handler classes are driven directly, because its parse()
sniffs the charset again and lets long author names, many categories, attributes or namespaces and
endless items cost quadratic time (kurtmckee/feedparser, issue 562). Sanitising and URL resolving
stay off.
"""

from __future__ import annotations

import io
import re
import xml.sax
import xml.sax.handler
import xml.sax.xmlreader
from calendar import timegm
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from feedparser.api import LooseFeedParser, StrictFeedParser
from feedparser.datetimes import _parse_date

from aggregator.errors import ReadError
from aggregator.model import Moment, Precision
from aggregator.read import feedfields as fields
from aggregator.read.feedtext import FeedText

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
_MAX_ATTRIBUTES = 200
Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parsed:
    """What feedparser found."""

    feed: Entry
    entries: list[Entry]
    version: str
    hours: list[str]
    days: list[str]
    more: bool
    notes: tuple[str, ...]


def parse(feed: FeedText, limit: int) -> Parsed:
    """Strict first; where the XML is not well-formed, all over again with the loose parser."""
    data = feed.text.encode("utf-8", "replace")
    strict = _handler(_Strict("", None, "utf-8"), feed, limit)
    try:
        return _result(strict, _run_strict(strict, data), ())
    except xml.sax.SAXException as error:
        note = f"not well-formed XML ({_words(error)}), read leniently"
    except _SLIPS as error:
        note = f"read leniently: the strict parser failed ({type(error).__name__})"
    loose = _handler(_Loose("", None, "utf-8", {}), feed, limit)
    try:
        return _result(loose, _run_loose(loose, feed.bare()), (note,))
    except _SLIPS as error:
        failed = f"{type(error).__name__}: {str(error)[:80]}"
        if not loose.entries:
            raise ReadError(
                "malformed", f"the feed is too damaged to be read ({failed})"
            ) from error
        return _result(
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


def _result(handler: Any, more: bool, notes: tuple[str, ...]) -> Parsed:
    return Parsed(
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


def exotic_date(text: str) -> Moment | None:
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

    def track_namespace(self: Any, prefix: str | None, uri: str) -> None:
        if len(self.namespaces_in_use) < fields.MAX_MANY:  # they are walked over for each element
            super().track_namespace(prefix, uri)  # type: ignore[misc]  # as above

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

    def startElementNS(self, name: Any, qname: Any, attributes: Any) -> None:  # noqa: N802  # of SAX
        if len(attributes) > _MAX_ATTRIBUTES:  # looking each one up walks over all of them
            attributes = xml.sax.xmlreader.AttributesNSImpl({}, {})
        super().startElementNS(name, qname, attributes)


class _Loose(_Bounded, LooseFeedParser):  # type: ignore[misc]  # feedparser has no types
    """For all else (sgmllib)."""
