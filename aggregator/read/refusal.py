"""A page that gave no list -> the ReadError that says what it is instead, and the mend.

Codes: "moved" (it only forwards elsewhere), "challenge" (it tests for a browser), "login",
"not-a-list".
"""

from __future__ import annotations

import re

from bs4 import BeautifulSoup, Tag

from aggregator.errors import ReadError
from aggregator.url import canonical, identity, join

_REFRESH = re.compile(
    r"^\s*(\d{1,5})(?:\.\d*)?\s*[;,]\s*url\s*=\s*[\"']?\s*([^\"']+)", re.IGNORECASE
)
_FORWARD = re.compile(r"location(?:\.href)?\s*=\s*[\"']([^\"']{1,500})[\"']|location\.(?:replace|assign)\(\s*[\"']([^\"']{1,500})[\"']")  # fmt: skip
_CHALLENGE = re.compile(r"\$_ts\b|acw_sc__v2|__jsl|_cf_chl|cf-browser-verification|HOY_TR|captcha|人机验证|安全验证|访问验证", re.IGNORECASE)  # fmt: skip
_LOGIN = re.compile(r"登\s*录|登\s*陆|统一身份认证|login|sign\s*in", re.IGNORECASE)
_PROMPT = 10  # seconds; a page that forwards later only refreshes itself
_SMALL = 8_000  # characters; a page of scripts beyond this is drawn by them
_LITTLE = 80  # characters of visible text
_LOGIN_TEXT = 600


def refuse(soup: BeautifulSoup, text: str, base: str, url: str) -> ReadError:
    """The error for a page in which no list was found."""
    return (
        _moved(soup, text, base, url)
        or _challenge(soup, text, url)
        or _login(soup, url)
        or _no_list(soup, url)
    )


def not_html(text: str, url: str) -> ReadError | None:
    """The error for an answer that is no HTML at all, or None when it may be."""
    start = text[:2000].lstrip("\ufeff \t\r\n\0")
    if not start:
        return ReadError("not-a-list", "the answer is empty", url=url)
    if start.startswith(("{", "[")) or re.match(r"[\w$.]{1,60}\(\s*[{\[]|var\s", start):
        return ReadError("not-a-list", 'the answer is data, not HTML: use kind = "data"', url=url)
    if re.match(
        r"(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,500}?-->\s*)?<(?:rss|feed|rdf:RDF)\b",
        start,
        re.DOTALL,
    ):
        return ReadError("not-a-list", 'the answer is a feed: use kind = "feed"', url=url)
    if "<" not in text or text.count("\0") > len(text) // 100:
        return ReadError("not-a-list", "the answer is no HTML page", url=url)
    return None


def _moved(soup: BeautifulSoup, text: str, base: str, url: str) -> ReadError | None:
    target = _refresh_target(soup, base)
    if not target and len(text) < _SMALL and "cookie" not in text.lower():
        found = _FORWARD.search(text)
        target = canonical(join(base, found[1] or found[2])) if found else ""
    if not target or identity(target) == identity(url):
        return None
    return ReadError(
        "moved", f"the page only forwards to {target}: set the source's url to that", url=url
    )


def _refresh_target(soup: BeautifulSoup, base: str) -> str:
    for tag in soup.find_all("meta", attrs={"http-equiv": re.compile("^refresh$", re.IGNORECASE)}):
        match = _REFRESH.match(str(tag.get("content") or ""))
        if match and int(match[1]) <= _PROMPT and not tag.find_parent("noscript"):
            return canonical(join(base, match[2].strip()))
    return ""


def visible_text(soup: BeautifulSoup) -> str:
    """What a reader sees of the page, white space left out."""
    body = soup.body or soup
    pieces = (
        string
        for string in body.strings
        if string.parent and string.parent.name not in ("script", "style", "noscript", "template")
    )
    return "".join("".join(pieces).split())


def _challenge(soup: BeautifulSoup, text: str, url: str) -> ReadError | None:
    shown = visible_text(soup)
    if len(shown) >= 4 * _LITTLE or not soup.find("script"):
        return None
    if _CHALLENGE.search(text) or (
        len(text) < _SMALL and len(shown) < _LITTLE and not _mount(soup)
    ):
        reason = "the answer is a small page of scripts only: the site checks for browsers"
        return ReadError(
            "challenge", f"{reason}; visit it more rarely, or ask its operator", url=url
        )
    return None


def _mount(soup: BeautifulSoup) -> bool:
    """Whether the page is an empty frame that a script fills (<div id="app">)."""
    return soup.find(id=re.compile(r"^(?:app|root|main|__next|__nuxt)$")) is not None


def _login(soup: BeautifulSoup, url: str) -> ReadError | None:
    password = soup.find("input", attrs={"type": "password"})
    title = soup.title.get_text() if isinstance(soup.title, Tag) else ""
    short = len(visible_text(soup)) < _LOGIN_TEXT
    if short and (password or _LOGIN.search(title)):
        return ReadError(
            "login", "the answer is a login page: the list is not public (any more)", url=url
        )
    return None


def _no_list(soup: BeautifulSoup, url: str) -> ReadError:
    links = len(soup.find_all("a", href=True))
    if links < 5 and soup.find("script"):
        reason = "the page is drawn by scripts: find the data file it loads"
        return ReadError("not-a-list", f'{reason} and use kind = "data"', url=url)
    mend = "name the rows yourself with list.item (a CSS selector), or give the address of a column"
    return ReadError(
        "not-a-list", f"no list of articles was recognised among {links} links: {mend}", url=url
    )
