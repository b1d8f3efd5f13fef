"""A page of an article in; the addresses of the article's further pages, in order, out.

Known ways: links such as ``c1-123-2.html`` or ``t1_2.html`` with the text 2, 【2】 or 下一页; the calls
createPageHTML(count, current, "name", "ext") and countPage of TRS; manuscriptPage_N of gov.cn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from aggregator.extract.reading import Reading
from aggregator.url import join

MAX_PAGES = 50
_FILE = re.compile(r"(?P<name>[^?#]*?/[^/?#]*?)(?P<ext>\.[a-zA-Z]{3,5})$")
_OWN_NUMBER = re.compile(r"[_-](\d{1,2})$")
_NUMBER = re.compile(r"^[\[【(（第\s]{0,3}(\d{1,2})[\]】)）页\s]{0,3}$")
_NEXT = re.compile(r"^[\[【>\s]{0,2}(?:下一?页|后页|继续阅读)")
_CALL = re.compile(
    r"createPageHTML\(\s*[\"']?(\d{1,3})[\"']?\s*,\s*[\"']?(\d{1,3})[\"']?\s*,\s*[\"']([^\"'<>\s]{1,120})[\"']\s*,\s*[\"'](\w{2,6})[\"']"
)
_COUNT = re.compile(r"(?:var\s+)?countPage\s*=\s*[\"']?(\d{1,3})")
_MANUSCRIPT = re.compile(r"manuscriptPage_(\d{1,2})\b")


@dataclass(frozen=True, slots=True)
class _Own:
    """The page's own address: all before its extension, the extension, and both page numbers."""

    name: str
    ext: str
    first: str  # name of the article's first page, if the own number is a page's
    page: int

    @classmethod
    def of(cls, url: str) -> _Own | None:
        found = _FILE.match(url)
        if found is None:
            return None
        name, number = found["name"], _OWN_NUMBER.search(found["name"])
        first = name[: number.start()] if number else ""
        return cls(name, found["ext"], first, int(number[1]) if number else 0)


def find_next_pages(reading: Reading) -> tuple[str, ...]:
    """Addresses of the pages after this one, by the links and calls anywhere on the page."""
    own = _Own.of(reading.url)
    if own is None:
        return ()
    links = list(_links(reading, (own.first or own.name).rpartition("/")[2]))
    found = _numbered_by(own.name, own.ext, links)
    if not found and own.first:
        later = _numbered_by(own.first, own.ext, links)
        found = {n: url for n, url in later.items() if n > own.page}
    found = found or dict(_called(reading, own))
    return tuple(found[n] for n in sorted(found))[:MAX_PAGES]


def _links(reading: Reading, stem: str) -> Iterator[str]:
    """Addresses with *stem* in them, of links such as 2, 【2】 and 下一页."""
    for link in reading.tree.iter("a"):
        href = link.get("href") or ""
        text = "".join(link.itertext()).strip() if stem in href else ""
        if 0 < len(text) <= 12 and (_NUMBER.match(text) or _NEXT.match(text)):
            yield join(reading.url, href)


def _numbered_by(name: str, ext: str, links: list[str]) -> dict[int, str]:
    """Those *links* that are *name* with a page number behind it, by number."""
    pattern = re.compile(re.escape(name) + r"[_-](\d{1,2})" + re.escape(ext))
    hits = ((pattern.fullmatch(url), url) for url in links)
    return {int(hit[1]): url for hit, url in hits if hit and int(hit[1]) > 0}


def _called(reading: Reading, own: _Own) -> Iterator[tuple[int, str]]:
    text = reading.prepared.text
    call = _CALL.search(text) if "createPageHTML(" in text else None
    name = own.name.rpartition("/")[2]
    if call:
        if call[3] == name and int(call[2]) == 0:
            yield from _numbered(own, range(1, min(int(call[1]), MAX_PAGES)))
        return
    count = _COUNT.search(text) if "countPage" in text else None
    if count and int(count[1]) > 1 and re.fullmatch(r"t\d{8}_\d+", name):
        yield from _numbered(own, range(1, min(int(count[1]), MAX_PAGES)))
        return
    pages = [int(n) for n in _MANUSCRIPT.findall(text)] if "manuscriptPage_" in text else []
    if pages:
        yield from _numbered(own, range(2, min(max(pages), MAX_PAGES) + 1))


def _numbered(own: _Own, numbers: range) -> Iterator[tuple[int, str]]:
    for n in numbers:
        yield n, f"{own.name}_{n}{own.ext}"
