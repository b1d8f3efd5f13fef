"""(site, path, seconds since the start) in, the complete HTTP answer out: no socket, no clock."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from aggregator.demo import lists
from aggregator.demo.article import (
    ALWAYS,
    NEVER,
    Article,
    Fault,
    Site,
    as_of,
    changed_at,
    part_path,
)
from aggregator.demo.pages import article_page, attachment_path, image_path
from aggregator.demo.sites import BY_KEY
from aggregator.demo.world import World

_CHALLENGE = (
    "<html><head><script>var a=[104,111,121];document.cookie='demo_tk='+a.join('')+';path=/';"
    "setTimeout(function(){location.reload();},50);</script></head><body></body></html>"
)
_STYLE = "body{max-width:46em;margin:1em auto;font:16px/1.8 serif}li span,li em{float:right}"
_REASONS = {404: "页面不存在", 500: "服务器内部错误"}


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer before conditions and compression are looked at."""

    status: int
    content_type: str
    body: bytes
    last_modified: datetime

    @property
    def etag(self) -> str:
        """A strong validator of the uncompressed body (RFC 9110, 8.8.3)."""
        return f'"{sha256(self.body).hexdigest()[:20]}"'


def content_at(world: World, key: str, target: str, t: float) -> Answer:
    """What site *key* answers for *target* (path and query) at *t* seconds after the start."""
    site = BY_KEY[key]
    path, _, query = target.partition("?")
    page = _list_page(site, path, query)
    if page is not None:
        return _text(site, page(world, site, t), _kind(site, path), _list_time(world, site, t))
    file = _plain_file(world, site, path)
    if file is not None:
        return Answer(200, file[0], file[1], world.start)
    return _article(world, site, target, t)


# ---------------------------------------------------------------- lists and small files


def _list_page(site: Site, path: str, query: str) -> lists.ListPage | None:
    common: dict[str, lists.ListPage] = {
        "/": lists.home,
        "/about.html": lists.empty_page,
        "/contact.html": lists.empty_page,
        "/sitemap.xml": lists.sitemap,
    }
    return common.get(path) or _own_lists(site, query).get(path)


def _own_lists(site: Site, query: str) -> dict[str, lists.ListPage]:
    match site.family:
        case "trs":
            further = {f"/djyw/index_{n}.html": lists.trs_list(n + 1) for n in range(1, 10)}
            return {"/djyw/": lists.trs_list(1), site.list_path: lists.trs_list(1), **further}
        case "people":
            further = {f"/GB/12345/index{n}.html": lists.people_list(n) for n in range(2, 10)}
            return {site.list_path: lists.people_list(1), **further}
        case "xinhua":
            return {site.list_path: lists.json_list, "/dj/index.html": lists.json_column}
        case "mi4":
            return {site.list_path.partition("?")[0]: lists.mi4_list(query)}
        case "own":
            return {site.list_path: lists.rss}
        case "hanweb":
            return {site.list_path: lists.atom}
        case "plain":
            return {site.list_path: lists.sitemap}
        case _:
            return {site.list_path: lists.script_list}


def _kind(site: Site, path: str) -> str:
    if path == site.list_path.partition("?")[0] and site.family in _LIST_KINDS:
        return _LIST_KINDS[site.family]
    return "application/xml" if path.endswith(".xml") else "text/html"


_LIST_KINDS = {
    "own": "application/rss+xml",
    "hanweb": "application/atom+xml",
    "xinhua": "application/json",
    "mi4": "application/javascript",
}


def _plain_file(world: World, site: Site, path: str) -> tuple[str, bytes] | None:
    if path == "/robots.txt":
        origin = world.origins[site.key]
        rules = f"User-agent: *\nDisallow: /admin/\nSitemap: {origin}/sitemap.xml\n"
        return "text/plain; charset=utf-8", rules.encode()
    if path == "/style.css":
        return "text/css", _STYLE.encode()
    for article in world.articles:
        if article.site == site.key and article.image and path == image_path(article):
            return "image/png", _png(sum(map(ord, article.key)))
        if article.site == site.key and article.attachment and path == attachment_path(article):
            return "application/pdf", _pdf()
    return None


def _png(seed: int) -> bytes:
    """A picture of 320 x 200 pixels in two colours (PNG, second edition)."""
    row = b"\0" + bytes(160) + bytes([1] * 160)
    palette = bytes([200, seed % 200, 60, 240, 230, seed % 120 + 100])
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", 320, 200, 8, 3, 0, 0, 0)),
        (b"PLTE", palette),
        (b"IDAT", zlib.compress(row * 200)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def _pdf() -> bytes:
    """One blank page."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF\n"
    )


# ---------------------------------------------------------------- articles


def _article(world: World, site: Site, target: str, t: float) -> Answer:
    found = _find(world, site, target)
    shown = as_of(found[0], t) if found else None
    if found is None or shown is None:
        return _failure(world, site, 404)
    if shown.fault is not None and t < shown.fault.until:
        broken = _broken(world, site, shown.fault)
        if broken is not None:
            return broken
    modified = _instant(world, t if shown.noisy else changed_at(shown, t), shown.published)
    return _text(site, article_page(world, shown, found[1], t), "text/html", modified)


def _find(world: World, site: Site, target: str) -> tuple[Article, int] | None:
    for article in world.articles:
        if article.site == site.key:
            for number in range(1, article.pages + 1):
                if target == part_path(article, number):
                    return article, number
    return None


def _broken(world: World, site: Site, fault: Fault) -> Answer | None:
    """What stands in for an article that is broken; None for one whose page is only empty."""
    match fault.kind:
        case "error":
            return _failure(world, site, 500)
        case "missing":
            return _failure(world, site, 404)
        case "challenge":
            return Answer(200, "text/html", _CHALLENGE.encode(), world.start)
        case "empty":
            return None


def _failure(world: World, site: Site, status: int) -> Answer:
    text = (
        f"<html><head><title>{status}</title></head><body><h1>{_REASONS[status]}</h1></body></html>"
    )
    return Answer(status, "text/html; charset=utf-8", text.encode(), world.start)


def _list_time(world: World, site: Site, t: float) -> datetime:
    """When the list of *site* last changed: something appeared, was corrected, or left."""
    moments = [ALWAYS]
    for article in world.articles:
        if article.site == site.key:
            moments += [article.appears, article.gone_at, *(c.at for c in article.changes)]
    last = max(moment for moment in moments if moment <= t)
    return _instant(world, last, world.start)


def _instant(world: World, seconds: float, before: datetime) -> datetime:
    """*seconds* after the start as an instant; *before* where that lies before the start."""
    if seconds in (ALWAYS, NEVER):
        return before
    return world.start + timedelta(seconds=seconds)


def _text(site: Site, text: str, kind: str, modified: datetime) -> Answer:
    """*text* in the site's charset, which HTML pages declare in a meta element only."""
    charset = "gb18030" if site.charset == "gbk" else site.charset
    if kind == "text/html":
        return Answer(200, kind, text.encode(charset), modified)
    return Answer(200, f"{kind}; charset=utf-8", text.encode("utf-8"), modified)
