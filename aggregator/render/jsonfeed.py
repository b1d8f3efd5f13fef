"""FeedInfo and Entries -> a JSON Feed 1.1 document, UTF-8.

What the format has no key for stands in one extension object, ``_aggregator``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from aggregator.model import Entry, FeedInfo
from aggregator.render import parts
from aggregator.render.xmltext import clean, language, line, rfc3339, uri

CONTENT_TYPE = "application/feed+json; charset=utf-8"


def render(info: FeedInfo, entries: Sequence[Entry]) -> bytes:
    """The whole document; entries in the order given."""
    document = _some(
        version="https://jsonfeed.org/version/1.1",
        title=line(info.title) or parts.GENERATOR,
        home_page_url=uri(info.home_url),
        feed_url=uri(info.self_url),
        description=line(info.subtitle),
        next_url=uri(info.links.get("next", "")),
        language=language(info.language),
        hubs=[{"type": "WebSub", "url": hub}] if (hub := uri(info.hub_url)) else [],
    )
    document["items"] = [_item(info, entry) for entry in parts.unique(entries)]
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _some(**values: Any) -> dict[str, Any]:
    """*values* without the empty ones: the format has no null."""
    return {key: value for key, value in values.items() if value not in ("", [], {}, None)}


def _item(info: FeedInfo, entry: Entry) -> dict[str, Any]:
    html = clean(entry.html)
    item = _some(
        id=clean(entry.id),
        url=parts.address(info, entry),
        title=parts.headline(entry),
        content_html=html,
        summary=parts.excerpt(entry),
        image=uri(entry.image),
        date_published=rfc3339(entry.published),
        date_modified=rfc3339(entry.updated),
        authors=[{"name": name} for name in parts.names(entry.authors)],
        tags=parts.names(entry.categories),
        language=language(entry.language, language(info.language)),
        attachments=[_attachment(file) for file in parts.files(entry.enclosures)],
        _aggregator=_extension(info, entry),
    )
    if not html:  # an item needs one of the two contents, be it empty
        item["content_text"] = clean(entry.text)
    return item


def _attachment(file: parts.File) -> dict[str, Any]:
    named = _some(title=file.title, size_in_bytes=file.length or None)
    return {"url": file.url, "mime_type": file.type, **named}


def _extension(info: FeedInfo, entry: Entry) -> dict[str, Any]:
    return _some(
        archive_url=parts.local_url(info, entry),
        state=str(entry.state),
        source_name=line(entry.source_name),
        editors=parts.names(entry.editors),
        source=_source(entry),
        links=[
            _some(
                url=uri(link.url),
                title=line(link.title),
                site=line(link.site),
                relation=str(link.relation),
            )
            for link in entry.links
        ],
    )


def _source(entry: Entry) -> dict[str, Any]:
    source = entry.source
    if source is None:
        return {}
    return _some(
        id=clean(source.id),
        title=line(source.title),
        url=uri(source.url),
        feed_url=uri(source.feed_url),
        updated=rfc3339(source.updated),
    )
