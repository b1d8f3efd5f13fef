"""An Entry -> the parts that every output format shows: headline, address, excerpt, links, files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from aggregator.model import Enclosure, Entry, FeedInfo, Relation, State
from aggregator.render.xmltext import clean, line, uri

GENERATOR = "Aggregator"
NO_TITLE = "（无标题）"
EXCERPT = 140  # characters of the body when the page has no summary of its own
_WITHDRAWN = frozenset({State.GONE, State.EMPTIED, State.REPLACED})
_TYPES = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "ofd": "application/ofd",
    "wps": "application/vnd.ms-works",
    "zip": "application/zip",
    "rar": "application/vnd.rar",
    "txt": "text/plain",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "mp4": "video/mp4",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
}


class Link(NamedTuple):
    """A link to another page about the entry (RFC 4287, 4.2.7); ``rel`` is via or related."""

    rel: str
    href: str
    title: str


class File(NamedTuple):
    """An enclosure with all that RSS demands; ``length`` is 0 where nobody said it."""

    url: str
    type: str
    length: int
    title: str


def unique(entries: Iterable[Entry]) -> Iterator[Entry]:
    """*entries* without a second one of the same id (two would make the feed invalid)."""
    seen: set[str] = set()
    for entry in entries:
        if entry.id not in seen:
            seen.add(entry.id)
            yield entry


def headline(entry: Entry) -> str:
    """The title as one line; never blank."""
    return line(entry.title) or NO_TITLE


def local_url(info: FeedInfo, entry: Entry) -> str:
    """Our own page of the entry."""
    return uri(info.home_url.rstrip("/") + "/" + entry.local_path.lstrip("/"))


def address(info: FeedInfo, entry: Entry) -> str:
    """Where a click on the entry leads: to the origin, or to our copy once the origin lost it."""
    origin = "" if entry.state in _WITHDRAWN else uri(entry.url)
    return origin or local_url(info, entry)


def excerpt(entry: Entry) -> str:
    """The summary of the page, or else the beginning of the body, as one line of plain text."""
    if summary := line(entry.summary):
        return summary
    start = line(entry.text[: 2 * EXCERPT])
    return start if len(start) <= EXCERPT else start[:EXCERPT] + "…"


def names(values: Iterable[str]) -> list[str]:
    """*values* as single lines, without blanks and repetitions, in their order."""
    return list(dict.fromkeys(name for value in values if (name := line(value))))


def links(info: FeedInfo, entry: Entry) -> list[Link]:
    """Our copy, the origin and the other appearances, without the one that ``address`` gave."""
    site = line(entry.source.title) if entry.source else ""
    found = [
        Link("related", local_url(info, entry), "存档"),
        Link("via", uri(entry.url), site),
        *(_appearance(uri(link.url), link.title, link.site, link.relation) for link in entry.links),
    ]
    taken = {"", address(info, entry)}
    kept = []
    for link in found:
        if link.href not in taken:
            taken.add(link.href)
            kept.append(link)
    return kept


def _appearance(href: str, title: str, site: str, relation: Relation) -> Link:
    rel = "via" if relation is Relation.ORIGINAL else "related"
    return Link(rel, href, ": ".join(names([site, title])))


def files(enclosures: Sequence[Enclosure]) -> list[File]:
    """The enclosures that have a web address, each once, with a media type."""
    found: dict[str, File] = {}
    for item in enclosures:
        if href := uri(item.url):
            size = max(item.length or 0, 0)
            found.setdefault(href, File(href, _media_type(item), size, line(item.title)))
    return list(found.values())


def _media_type(item: Enclosure) -> str:
    kind = clean(item.type).split(";")[0].strip().lower()
    if kind.isascii() and kind.count("/") == 1 and not kind.startswith("/") and " " not in kind:
        return kind
    ending = urlsplit(uri(item.url)).path.rpartition(".")[2].lower()
    return _TYPES.get(ending, "application/octet-stream")
