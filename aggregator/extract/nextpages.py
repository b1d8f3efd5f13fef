"""A page of an article in; the addresses of the article's further pages, in order, out.

Known ways: links such as ``c1-123-2.html`` or ``t1_2.html`` with the text 2, 【2】 or 下一页; the calls
createPageHTML(count, current, "name", "ext") and countPage of TRS; manuscriptPage_N of gov.cn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from aggregator.extract.lines import Element
from aggregator.extract.reading import Reading
from aggregator.url import join

MAX_PAGES = 50
_FILE = re.compile(
    r"^(?P<stem>[^?#]*?/[^/?#]*?)(?P<page>[_-](?P<n>\d{1,2}))?(?P<ext>\.[a-z]{3,5})$", re.IGNORECASE
)
_NUMBER = re.compile(r"^[\[【(（第\s]{0,3}(\d{1,2})[\]】)）页\s]{0,3}$")
_NEXT = re.compile(r"^[\[【>\s]{0,2}(?:下一?页|后页|继续阅读)")
_CALL = re.compile(
    r"createPageHTML\(\s*[\"']?(\d{1,3})[\"']?\s*,\s*[\"']?(\d{1,3})[\"']?\s*,\s*[\"']([^\"'<>\s]{1,120})[\"']\s*,\s*[\"'](\w{2,6})[\"']"
)
_COUNT = re.compile(r"(?:var\s+)?countPage\s*=\s*[\"']?(\d{1,3})")
_MANUSCRIPT = re.compile(r"manuscriptPage_(\d{1,2})\b")


def find_next_pages(reading: Reading, area: Element) -> tuple[str, ...]:
    """Addresses of the pages after this one; *area* is where links are believed."""
    own = _FILE.match(reading.url)
    if own is None:
        return ()
    found = dict(_linked(reading, area, own)) or dict(_called(reading, own))
    current = int(own["n"]) if own["n"] and found else 0
    later = [(n, url) for n, url in sorted(found.items()) if n > current and url != reading.url]
    return tuple(url for _, url in later[:MAX_PAGES])


def _linked(reading: Reading, area: Element, own: re.Match[str]) -> Iterator[tuple[int, str]]:
    for link in area.iter("a"):
        text = "".join(link.itertext()).strip()
        if len(text) > 12 or not (_NUMBER.match(text) or _NEXT.match(text)):
            continue
        url = join(reading.url, link.get("href") or "")
        number = _page_number(own, url)
        if number is not None and number > 0:
            yield number, url


def _page_number(own: re.Match[str], url: str) -> int | None:
    """Which page of the article of *own* the address is; None when it is of another article."""
    whole = own["stem"] + (own["page"] or "")
    for stem in (whole, own["stem"]):
        found = re.fullmatch(re.escape(stem) + r"[_-](\d{1,2})" + re.escape(own["ext"]), url)
        if found:
            return int(found[1])
    return None


def _called(reading: Reading, own: re.Match[str]) -> Iterator[tuple[int, str]]:
    text = reading.prepared.text
    call = _CALL.search(text) if "createPageHTML(" in text else None
    name = own["stem"].rpartition("/")[2]
    if call:
        if call[3] == name and int(call[2]) == 0:
            yield from _numbered(own, range(1, min(int(call[1]), MAX_PAGES)))
        return
    count = _COUNT.search(text) if "countPage" in text else None
    if count and int(count[1]) > 1 and re.match(r"t\d{8}_\d+", name + (own["page"] or "")):
        yield from _numbered(own, range(1, min(int(count[1]), MAX_PAGES)))
        return
    pages = [int(n) for n in _MANUSCRIPT.findall(text)] if "manuscriptPage_" in text else []
    if pages:
        yield from _numbered(own, range(2, min(max(pages), MAX_PAGES) + 1))


def _numbered(own: re.Match[str], numbers: range) -> Iterator[tuple[int, str]]:
    for n in numbers:
        yield n, f"{own['stem']}{own['page'] or ''}_{n}{own['ext']}"
