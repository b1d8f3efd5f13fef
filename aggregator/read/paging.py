"""A list's address and its rule of paging -> the address (and POST body) of page N.

Also the other way: a list page -> the address of the page after it, as the page itself says.
"""

from __future__ import annotations

import re

from bs4 import BeautifulSoup, Tag

from aggregator.config import Paging, SourceOptions
from aggregator.url import canonical, identity, join

_NEXT_WORDS = re.compile(r"(?:下一?页|后一?页|next|older|›|»|>{1,2})[\s>»›]*", re.IGNORECASE)
# TRS: createPageHTML(count of pages, this page from 0, name, extension)
_TRS = re.compile(r"createPageHTML\(\s*(\d{1,5})\s*,\s*(\d{1,5})\s*,\s*[\"']([\w-]{1,60})[\"']\s*,\s*[\"'](\w{1,10})[\"']")  # fmt: skip


def page_urls(url: str, paging: Paging, n: int) -> str:
    """The address of page *n* (from 1) of the list at *url*. Page 1 is *url* itself."""
    if n <= 1 or not paging.pattern:
        return url
    pattern = _numbered(paging.pattern, n)
    if pattern.startswith(("?", "&")):
        return _with_query(url, pattern[1:])
    return join(url.partition("?")[0], pattern)


def page_body(options: SourceOptions, n: int) -> bytes:
    """The body of the request for page *n* (from 1) of a list that is asked by POST."""
    return _numbered(options.body, n).encode("utf-8")


def _numbered(pattern: str, n: int) -> str:
    return pattern.replace("{n-1}", str(n - 1)).replace("{n}", str(n))


def _with_query(url: str, pairs: str) -> str:
    """*url* with the query *pairs* set, in the place of keys it has already."""
    address, _, query = url.partition("#")[0].partition("?")
    new = dict(pair.partition("=")[::2] for pair in pairs.split("&"))
    kept = [p for p in query.split("&") if p and p.partition("=")[0] not in new]
    return address + "?" + "&".join([*kept, *(f"{key}={value}" for key, value in new.items())])


def next_page(soup: BeautifulSoup, base: str, page_url: str, selector: str = "") -> str:
    """The address of the next page of a list as the page gives it, or ""."""
    tags = soup.select(selector) if selector else _next_tags(soup)
    here = identity(page_url)
    for tag in tags:
        url = canonical(join(base, str(tag.get("href") or "#")))
        if url and identity(url) != here:
            return url
    return "" if selector else _trs_next(soup, base)


def _next_tags(soup: BeautifulSoup) -> list[Tag]:
    marked = soup.select('link[rel~="next"][href], a[rel~="next"][href]')
    worded = [
        tag
        for tag in soup.find_all("a", href=True)
        if _NEXT_WORDS.fullmatch(tag.get_text(strip=True) or str(tag.get("title") or ""))
    ]
    return [*marked, *worded]


def _trs_next(soup: BeautifulSoup, base: str) -> str:
    for script in soup.find_all("script"):
        match = _TRS.search(script.get_text())
        if match and int(match[2]) + 1 < int(match[1]):
            return join(base, f"{match[3]}_{int(match[2]) + 1}.{match[4]}")
    return ""
