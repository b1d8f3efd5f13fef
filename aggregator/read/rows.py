"""Links of a page -> rows: what belongs to each link, and the date that stands in or beside it.

A row is the largest element around a link that holds no other article. Its date is the nearest
label inside it; else one between the rows (behind each, or as a heading above several); else the
one in the link's address. A date inside a sentence is not the row's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from bs4 import Tag
from bs4.element import PageElement

from aggregator.model import Moment
from aggregator.read.anchors import Link, exceeds, is_label, labels, squash, title_weight
from aggregator.read.rowdate import row_date, url_date

_ROW_LEVELS = 8  # ancestors that may be its row
_BETWEEN = 40  # nodes between two rows that are looked at
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

Holders = dict[int, str]
SEVERAL = ""


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
    """For each element (by id) the article that links inside it lead to, or SEVERAL."""
    held: Holders = {}
    for link in links:
        for parent in ancestors(link.tag, 64):
            if held.setdefault(id(parent), link.key) != link.key:
                held[id(parent)] = SEVERAL
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
        mine = (own.get(id(parent), link.key), strong.get(id(parent), link.key))
        if mine != (link.key, link.key) or exceeds(parent, _ROW_TEXT):
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
    inside = _date_in(_remainder(link), link.url, seen)
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


def _remainder(link: Link) -> list[str]:
    """The labels that the link shows besides its title."""
    if link.tag.find(True) is None:
        return []
    return [label.replace(link.title, " ", 1) for label in labels(link.tag)]


def _beside(rows: tuple[Row, ...], seen: Seen) -> tuple[Row, ...]:
    """*rows* with the dates that stand between them: behind each, or before one or more of them."""
    if sum(row.date is not None for row in rows) * 2 >= len(rows):
        return rows
    starts = {id(row.element) for row in rows}
    between = [(_until_next(row.element, starts), row) for row in rows]
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


def _until_next(element: Tag, starts: set[int]) -> list[str]:
    """The labels between *element* and the next row (by id in *starts*) in the same parent."""
    pieces: list[str] = []
    for count, sibling in enumerate(element.next_siblings):
        if id(sibling) in starts or count > _BETWEEN:
            break
        pieces += _labels_of(sibling)
    return pieces


def _before(element: Tag) -> list[str]:
    """The labels of what stands just before *element* in the same parent."""
    for sibling in islice(element.previous_siblings, _BETWEEN):
        pieces = _labels_of(sibling)
        if any(pieces):
            return pieces
    return []


def _labels_of(node: PageElement) -> list[str]:
    if isinstance(node, Tag):
        return [] if exceeds(node, _ROW_TEXT) else labels(node)
    return [squash(str(node))]


def completed(rows: Iterable[Row], seen: Seen) -> Iterator[Row]:
    """Rows without a shown date take the one in their address."""
    for row in rows:
        date = row.date or url_date(row.link.url, seen.at, seen.timezone)
        yield Row(row.link, row.element, date)
