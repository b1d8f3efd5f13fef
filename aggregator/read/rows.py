"""Links of a page -> rows: what belongs to each link, and the date that stands in or beside it.

A row is the largest element around a link that holds no other article. Its date is the nearest
label inside it; else one between the rows (behind each, or as a heading above several); else the
one in the link's address. A date inside a sentence is not the row's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bs4 import Tag

from aggregator.model import Moment
from aggregator.read.anchors import Link, is_label, labels, squash, text_of, title_weight
from aggregator.read.rowdate import row_date, url_date

_ROW_LEVELS = 8  # ancestors that may be its row
_ROW_TEXT = 900  # characters; a longer row is a section
_NUMBERED = re.compile(r"\d{4,}|[0-9a-f]{16,}|[A-Z]+\d{4,}|\d{2,}[-_]\d{2,}")
_DATED_PATH = re.compile(
    r"/(?:19|20)\d\d[-/_]?(?:0?[1-9]|1[0-2])(?:[-/_]?[0-3]?\d)?[/_t-]|/\d\d/(?:0[1-9]|1[0-2])[0-3]\d/"
)
_LIST_PAGE = re.compile(r"(?:index|[a-z]*list|node|default|home|channel|column|more|search|login|register|tag|category|rank)(?:[-_]?\d+)*(?:\.\w+)?", re.IGNORECASE)  # fmt: skip
_NO_PAGE = re.compile(r"\.(?:jpe?g|png|gif|css|js|apk|exe|zip|rar|ico|svg)$", re.IGNORECASE)
_ID_QUERY = re.compile(r"(?:^|&)\w*(?:id|ID|Id)=(?:\d{2,}|[0-9a-fA-F-]{16,})(?:&|$)")
_SERVICE = re.compile(
    r"(?:^|\.)(?:beian\.\w+\.gov\.cn|service\.weibo\.com|bszs\.conac\.cn|cnzz\.com)$"
)

Holders = dict[int, set[str]]


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One row of a list: its link, and the date that stands in it (or in the link's address)."""

    link: Link
    element: Tag
    date: Moment | None


@dataclass(frozen=True, slots=True)
class Seen:
    """When and where the page was seen: what dates without a year are measured by."""

    at: datetime
    timezone: str


def rows_of(links: list[Link], seen: Seen) -> list[Row]:
    """The rows of links that somebody has chosen: what belongs to each, and its date."""
    if not links:
        return []
    elements = elements_of(links, holders(link for link in links if is_strong(link)))
    return list(completed(with_dates(links, elements, seen), seen))


def looks_like_article(url: str) -> bool:
    """Whether an address has the number or date that articles carry."""
    rest = url.partition("://")[2]
    host, _, path = rest.partition("/")
    path, _, query = path.partition("?")
    last = path.rstrip("/").rpartition("/")[2]
    if _NO_PAGE.search(path) or _SERVICE.search(host):
        return False
    dated = bool(_DATED_PATH.search("/" + path))
    if _ID_QUERY.search(query):
        return not re.search(r"^list|list(?:\.\w+)?$", last, re.IGNORECASE)
    if _LIST_PAGE.fullmatch(last):
        return dated and not last.lower().startswith(("list", "node"))
    return dated or bool(_NUMBERED.search(last))


# ---------------------------------------------------------------- what belongs to a link


def is_strong(link: Link) -> bool:
    return looks_like_article(link.url) and title_weight(link.title) >= 6


def ancestors(tag: Tag, levels: int) -> Iterator[Tag]:
    for count, parent in enumerate(tag.parents):
        if count == levels or parent.name in ("body", "html", "[document]"):
            return
        yield parent


def holders(links: Iterable[Link]) -> Holders:
    """For each element (by id) the articles that links inside it lead to."""
    held: Holders = defaultdict(set)
    for link in links:
        for parent in ancestors(link.tag, 64):
            held[id(parent)].add(link.key)
    return held


def elements_of(links: list[Link], strong: Holders) -> list[Tag]:
    """For each link the largest element around it with no other link of these, or to an article."""
    articles = [link for link in links if looks_like_article(link.url)]
    keys, all_keys = {link.key for link in articles}, {link.key for link in links}
    # Column links between the articles ("[要闻] …") divide no rows.
    own = holders(articles if len(keys) >= 0.6 * len(all_keys) else links)
    return [_row(link, own, strong) for link in links]


def _row(link: Link, own: Holders, strong: Holders) -> Tag:
    row = link.tag
    for parent in ancestors(link.tag, _ROW_LEVELS):
        others = (own.get(id(parent), set()) | strong.get(id(parent), set())) - {link.key}
        if others or len(parent.get_text(strip=True)) > _ROW_TEXT:
            break
        row = parent
    return row


def with_dates(links: list[Link], elements: list[Tag], seen: Seen) -> tuple[Row, ...]:
    rows = (
        Row(link, element, _shown_date(link, element, seen))
        for link, element in zip(links, elements, strict=True)
    )
    return _beside(tuple(rows), seen)


def _shown_date(link: Link, row: Tag, seen: Seen) -> Moment | None:
    """The date nearest to the link inside its row, the title itself left out."""
    inside = _date_in([_remainder(link)], link.url, seen)
    if inside or row is link.tag:
        return inside
    for parent in ancestors(link.tag, _ROW_LEVELS):
        found = _date_in(labels(parent, link.tag), link.url, seen)
        if found or parent is row:
            return found
    return None


def _date_in(pieces: Iterable[str], url: str, seen: Seen) -> Moment | None:
    """The date in short texts: a date in a sentence is not the row's."""
    text = " ".join(piece for piece in pieces if is_label(piece))[:_ROW_TEXT]
    return row_date(text, url, seen.at, seen.timezone) if text else None


def _remainder(link: Link) -> str:
    """What the link shows besides its title."""
    return text_of(link.tag).replace(link.title, " ", 1)


def _beside(rows: tuple[Row, ...], seen: Seen) -> tuple[Row, ...]:
    """*rows* with the dates that stand between them: behind each, or before one or more of them."""
    if sum(row.date is not None for row in rows) * 2 >= len(rows):
        return rows
    between = [(_until_next(row.element, rows), row) for row in rows]
    dates = [_date_in(pieces, row.link.url, seen) for pieces, row in between]
    head = _date_in(_before(rows[0].element), rows[0].link.url, seen)
    if head and not dates[-1]:
        dates = _carried(head, dates)
    return tuple(
        Row(row.link, row.element, row.date or date) for row, date in zip(rows, dates, strict=True)
    )


def _carried(head: Moment, dates: list[Moment | None]) -> list[Moment | None]:
    """Dates as headings: each holds until the next."""
    carried: list[Moment | None] = [head]
    for date in dates[:-1]:
        carried.append(date or carried[-1])
    return carried


def _until_next(element: Tag, rows: tuple[Row, ...]) -> list[str]:
    """The short texts between *element* and the next row in the same parent."""
    starts = {id(row.element) for row in rows}
    pieces: list[str] = []
    for sibling in element.next_siblings:
        if id(sibling) in starts or len(pieces) > 20:
            break
        pieces += labels(sibling) if isinstance(sibling, Tag) else [squash(str(sibling))]
    return pieces


def _before(element: Tag) -> list[str]:
    """The short texts of what stands just before *element* in the same parent."""
    for sibling in element.previous_siblings:
        pieces = labels(sibling) if isinstance(sibling, Tag) else [squash(str(sibling))]
        if any(pieces):
            return pieces
    return []


def completed(rows: Iterable[Row], seen: Seen) -> Iterator[Row]:
    """Rows without a shown date take the one in their address."""
    for row in rows:
        date = row.date or url_date(row.link.url, seen.at, seen.timezone)
        yield Row(row.link, row.element, date)
