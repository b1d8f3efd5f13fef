"""Archive -> the combined feed as bytes, and over HTTP with validators (RFC 9110, 13) and gzip."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from aggregator.config import Settings
from aggregator.model import Entry, FeedInfo
from aggregator.render import atom, jsonfeed, rss
from aggregator.store.query import Archive

Format = Literal["rss", "atom", "json"]
Render = Callable[[FeedInfo, Sequence[Entry]], bytes]
# One minute: a reader that asks more often is answered by its own cache.
CACHE_CONTROL = "public, max-age=60"


@dataclass(frozen=True, slots=True)
class FeedForm:
    """A feed format: where it is served, as what, and who writes it."""

    path: str
    content_type: str
    render: Render


FORMS: Mapping[str, FeedForm] = {
    "rss": FeedForm("/feed.xml", rss.CONTENT_TYPE, rss.render),
    "atom": FeedForm("/feed.atom", atom.CONTENT_TYPE, atom.render),
    "json": FeedForm("/feed.json", jsonfeed.CONTENT_TYPE, jsonfeed.render),
}


def base_url(settings: Settings) -> str:
    """The public address of the service without a slash at the end."""
    web = settings.web
    host = f"[{web.host}]" if ":" in web.host else web.host
    return (web.base_url or f"http://{host}:{web.port}").rstrip("/")


def feed_info(settings: Settings, path: str, updated: datetime) -> FeedInfo:
    """The head of the combined feed; its id is the same in every format."""
    base = base_url(settings)
    return FeedInfo(
        id=f"tag:{settings.feed.authority},{settings.feed.since}:feed",
        title=settings.web.title,
        subtitle=settings.web.subtitle,
        home_url=base + "/",
        self_url=base + path,
        updated=updated,
    )


def render_feed(
    archive: Archive,
    settings: Settings,
    form: str,
    *,
    limit: int | None = None,
    source: str | None = None,
) -> bytes:
    """The newest *limit* entries (default [feed] limit) as *form*: rss, atom or json."""
    kind = FORMS[form]
    _, updated = archive.feed_state()
    entries = archive.entries(limit or settings.feed.limit, source=source)
    return kind.render(feed_info(settings, kind.path, updated), entries)


@dataclass(frozen=True, slots=True)
class Document:
    """A rendered feed with its validators; ``seq`` is the change that it was made after."""

    seq: int
    body: bytes
    packed: bytes
    etag: str  # without quotes; the packed body has the same with -gzip
    modified: datetime


def make_document(seq: int, body: bytes, modified: datetime) -> Document:
    """*body* with a strong validator and a gzip copy (the same bytes give the same copy)."""
    digest = hashlib.sha256(body).hexdigest()[:32]
    packed = gzip.compress(body, compresslevel=6, mtime=0)
    return Document(seq, body, packed, digest, modified.astimezone(UTC).replace(microsecond=0))


class FeedCache:
    """The three feeds as last rendered; one is rendered again only after a change."""

    def __init__(self, archive: Archive, settings: Settings) -> None:
        self._archive, self._settings = archive, settings
        self._lock = threading.Lock()  # so that one change is rendered once, not by every reader
        self._held: dict[str, Document] = {}

    def document(self, form: str) -> Document:
        """The feed as of the archive's last change."""
        seq, modified = self._archive.feed_state()
        held = self._held.get(form)
        if held is not None and held.seq == seq:
            return held
        with self._lock:
            held = self._held.get(form)
            if held is None or held.seq != seq:
                body = render_feed(self._archive, self._settings, form)
                held = self._held[form] = make_document(seq, body, modified)
        return held


def respond(request: Request, document: Document, content_type: str) -> Response:
    """200 with the body (packed where the client takes it), or 304 without one."""
    packed = accepts_gzip(request.headers.get("accept-encoding", ""))
    headers = {
        "etag": f'"{document.etag}-gzip"' if packed else f'"{document.etag}"',
        "last-modified": format_datetime(document.modified.astimezone(UTC), usegmt=True),
        "cache-control": CACHE_CONTROL,
        "vary": "Accept-Encoding",
        # Feeds are made to be read from other places; pages are not.
        "cross-origin-resource-policy": "cross-origin",
        "access-control-allow-origin": "*",
    }
    if is_fresh(request.headers, document):
        return Response(status_code=304, headers=headers)
    if packed:
        headers["content-encoding"] = "gzip"
    body = document.packed if packed else document.body
    return Response(body, headers={**headers, "content-type": content_type})


def is_fresh(headers: Mapping[str, str], document: Document) -> bool:
    """Whether the client holds this document already (RFC 9110, 13.1.2 and 13.1.3)."""
    if (match := headers.get("if-none-match")) is not None:
        tags = {tag.strip().removeprefix("W/").strip('"') for tag in match.split(",")}
        return bool(tags & {"*", document.etag, f"{document.etag}-gzip"})
    try:
        since = parsedate_to_datetime(headers.get("if-modified-since", ""))
    except (ValueError, OverflowError):
        return False  # an unreadable date counts as none
    return document.modified <= (since if since.tzinfo else since.replace(tzinfo=UTC))


def accepts_gzip(header: str) -> bool:
    """Whether Accept-Encoding takes gzip (RFC 9110, 12.5.3)."""
    for part in header.lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() in ("gzip", "x-gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
