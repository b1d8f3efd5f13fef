"""Text of a JSON Feed (versions 1 and 1.1) -> Listing. Source: jsonfeed.org/version/1.1."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aggregator.errors import ReadError
from aggregator.model import Enclosure, Listing, Sighting
from aggregator.read import feedfields as fields

_Object = Mapping[str, Any]
_VERSIONS = {"1": "json10", "1.0": "json10", "1.1": "json11"}


def read_json(text: str, context: fields.Context) -> Listing:
    """The Listing of a JSON Feed.

    Raises ReadError: "malformed" or "truncated" (no JSON), "not-a-feed" (JSON, but no feed).
    """
    feed = _load(text)
    version = _text(feed, "version")
    items = feed.get("items")
    if not isinstance(items, list) or not ("jsonfeed.org" in version or "title" in feed):
        keys = ", ".join(str(key)[:30] for key in list(feed)[:5])
        raise ReadError("not-a-feed", f"the answer is JSON, but no JSON Feed (keys: {keys or 'none'}); for a list held as JSON use kind = \"data\"")  # fmt: skip
    notes = [] if "jsonfeed.org" in version else ["the feed does not name its version"]
    rows = [row for row in items if isinstance(row, Mapping)]
    if len(rows) < len(items):
        notes.append(f"{len(items) - len(rows)} items are no objects and were left out")
    inherited = _people(feed)
    listing = Listing(
        format=_VERSIONS.get(version.rstrip("/").rpartition("/")[2], "json11"),
        sightings=tuple(
            _sighting(row, place, context, inherited)
            for place, row in enumerate(rows[: context.max_items + 1])
        ),
        title=fields.title(_text(feed, "title"), False),
        home_url=fields.link(context.base, _text(feed, "home_page_url")),
        self_url=fields.link(context.base, _text(feed, "feed_url")),
        hub_url=_hub(feed, context),
        next_page=fields.link(context.base, _text(feed, "next_url")),
        language=_text(feed, "language")[:100],
        encoding=context.encoding,
        warnings=tuple(notes),
    )
    return fields.finish(listing, context.max_items)


def _load(text: str) -> _Object:
    try:
        feed = json.loads(text.lstrip("\ufeff \t\r\n"), strict=False)
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) - 1 or error.msg.startswith("Unterminated"):
            raise ReadError("truncated", f"the JSON is cut off: {error}") from error
        raise ReadError("malformed", f"the answer is no valid JSON: {error}") from error
    except (RecursionError, ValueError) as error:  # ValueError: a number of thousands of digits
        raise ReadError("malformed", "the JSON is nested or sized beyond reason") from error
    if not isinstance(feed, dict):
        raise ReadError("not-a-feed", "the answer is JSON, but no JSON Feed (no object)")
    return feed


def _sighting(
    row: _Object, place: int, context: fields.Context, inherited: tuple[str, ...]
) -> Sighting:
    files = _files(row, context)
    guid = _text(row, "id")
    refs = (_text(row, "url"), _text(row, "external_url"), fields.address_in(guid))
    content = _text(row, "content_html") or fields.html_of(_text(row, "content_text"))
    tags = row.get("tags")
    return Sighting(
        url=next((found for ref in refs if (found := fields.link(context.base, ref))), ""),
        title=fields.title(_text(row, "title"), False),
        guid=guid,
        published=fields.moment(_text(row, "date_published"), context.tz),
        updated=fields.moment(_text(row, "date_modified"), context.tz),
        authors=_people(row) or inherited,
        summary=fields.html_of(_text(row, "summary")),
        content=content,
        categories=fields.people(tag for tag in tags if isinstance(tag, str))
        if isinstance(tags, list)
        else (),
        enclosures=files,
        image=fields.picture(
            _text(row, "image"), _text(row, "banner_image"), base=context.base, files=files
        ),
        position=place,
    )


def _text(values: _Object, key: str) -> str:
    """A string, or a number as text: "id" is often one (the specification says: coerce it)."""
    value = values.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    # A lone surrogate (written \\ud800) cannot be stored.
    return str(value).encode("utf-8", "replace").decode().replace("\0", "").strip()


def _people(values: _Object) -> tuple[str, ...]:
    """``authors`` of version 1.1, ``author`` of version 1."""
    authors = values.get("authors")
    rows = authors if isinstance(authors, list) else [values.get("author")]
    named = (row for row in rows[: fields.MAX_MANY] if isinstance(row, Mapping))
    return fields.people(_text(row, "name") for row in named)


def _hub(feed: _Object, context: fields.Context) -> str:
    hubs = feed.get("hubs")
    rows = [row for row in hubs if isinstance(row, Mapping)] if isinstance(hubs, list) else []
    found = (fields.link(context.base, _text(row, "url")) for row in rows)
    return next((one for one in found if one), "")


def _files(row: _Object, context: fields.Context) -> tuple[Enclosure, ...]:
    rows = row.get("attachments")
    if not isinstance(rows, list):
        return ()
    return fields.enclosures(
        fields.enclosure(
            context.base,
            _text(one, "url"),
            _text(one, "mime_type"),
            _text(one, "size_in_bytes"),
            _text(one, "title"),
        )
        for one in rows[: fields.MAX_MANY]
        if isinstance(one, Mapping)
    )
