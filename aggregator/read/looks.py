"""A body that is no feed -> the ReadError that says what it looks like, and what to do."""

from __future__ import annotations

import html
import re

from aggregator.errors import ReadError
from aggregator.url import join

_MAGIC = (
    (b"%PDF", "a PDF file"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"PK\x03\x04", "a ZIP file"),
    (b"\x1f\x8b", "a gzip file"),
)
_LISTS = {
    "urlset": 'a sitemap: use kind = "sitemap"',
    "sitemapindex": 'a sitemap index: use kind = "sitemap"',
    "opml": "an OPML list of feeds: import it",
}
_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body|div|script|meta|title)\b", re.I)
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,200})", re.I)
_LINK = re.compile(r"<link\b[^>]{0,500}>", re.I)
_TYPE = re.compile(r"type\s*=\s*[\"']?application/(?:rss|atom|feed)\+(?:xml|json)", re.I)
_HREF = re.compile(r"href\s*=\s*[\"']?([^\"'\s>]{1,500})", re.I)
_TINY = 8_000  # characters; a challenge page is smaller
_TEXT_LEFT = 80  # characters of visible text that a challenge page may have


def is_page(text: str) -> bool:
    """Whether *text* looks like HTML."""
    return bool(_PAGE.search(text[:20_000]))


def not_a_feed(body: bytes, text: str, url: str) -> ReadError:
    """The error for an answer that holds no feed: "challenge", "truncated" or "not-a-feed"."""
    if not body.strip():
        return ReadError("not-a-feed", "the answer is empty")
    kind = _list(text)
    if not kind and is_page(text):
        return _page(text, url)
    return ReadError(
        "not-a-feed", f"the answer is no feed: it looks like {kind or _kind(body, text)}"
    )


def _list(text: str) -> str:
    """What a list of another form is, with the mend; "" when it is none."""
    found = re.search(r"<(?:[\w.-]{1,40}:)?(urlset|sitemapindex|opml)[\s>]", text[:5000], re.I)
    return _LISTS[found[1].lower()] if found else ""


def _page(text: str, url: str) -> ReadError:
    if len(text) < _TINY and "<script" in text.lower() and len(_visible(text)) < _TEXT_LEFT:
        return ReadError("challenge", "the answer is a small page of scripts only: the site checks for browsers")  # fmt: skip
    found = _TITLE.search(text[:50_000])
    name = " ".join(html.unescape(found[1]).split()) if found else ""
    what = f"an HTML page titled “{name}”" if name else "an HTML page"
    offered = feeds_of(text, url)
    mend = (
        f"; it links the feed {offered[0]}"
        if offered
        else '; for a page of links use kind = "list"'
    )
    return ReadError("not-a-feed", f"the answer is no feed: it looks like {what}{mend}")


def feeds_of(text: str, url: str) -> list[str]:
    """The addresses of feeds that the link elements of an HTML page name."""
    found = []
    for element in _LINK.findall(text[:200_000]):
        href = _HREF.search(element)
        if href and _TYPE.search(element):
            found.append(join(url, html.unescape(href[1])))
    return [one for one in dict.fromkeys(found) if one]


def _visible(text: str) -> str:
    """The text of a small page without scripts, styles and tags."""
    text = re.sub(
        r"<(script|style|noscript|title)\b.*?(?:</\1\s*>|\Z)", " ", text, flags=re.I | re.S
    )
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def _kind(body: bytes, text: str) -> str:
    for magic, name in _MAGIC:
        if body.startswith(magic):
            return name
    start = text.lstrip()[:5000]
    if start.startswith(("{", "[")):
        return "JSON that is no JSON Feed"
    if start.startswith("<"):
        found = re.search(r"<([A-Za-z_][\w.:-]{0,60})", start)
        return f"XML with the root <{found[1]}>" if found else "damaged XML"
    if "\0" in text or text.count("\ufffd") * 10 > len(text):
        return "binary data"
    return f"plain text (“{' '.join(start[:60].split())}”)"
