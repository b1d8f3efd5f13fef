"""One HTML list page -> Listing, by the source's CSS selectors or, without any, by recognition."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bs4 import BeautifulSoup, Tag

from aggregator import charset
from aggregator.config import ListRule, SourceOptions
from aggregator.errors import ReadError
from aggregator.model import Listing, Moment, Page, Sighting
from aggregator.read.anchors import MAX_TITLE, Link, link_of, squash, text_of
from aggregator.read.autolist import find_rows
from aggregator.read.items import http_charset, keep_items
from aggregator.read.paging import next_page
from aggregator.read.refusal import not_html, refuse
from aggregator.read.rowdate import row_date
from aggregator.read.rows import Row, Seen, looks_like_article, rows_of
from aggregator.url import identity, join

_INNER_ENDS = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)


def read_list(page: Page, options: SourceOptions) -> Listing:
    """The items of a list page in page order, each article once, dated as the page says.

    Raises ReadError: "empty-list" (the selectors or filters leave nothing), "not-a-list",
    "moved" (a page that only forwards), "challenge", "login".
    """
    text, how = charset.decode(page.body, http_charset(page), options.charset)
    wrong = not_html(text, page.final_url)
    if wrong:
        raise wrong
    soup = tree(text)
    base = options.base or _base(soup, page.final_url)
    seen = Seen(page.fetched_at, options.timezone)
    found = list(_read_rows(soup, base, page.final_url, seen, options.list))
    if not found:
        raise _nothing(soup, text, base, page.final_url, options.list)
    sightings, warnings = keep_items(found, options)
    return Listing(
        format="html",
        sightings=sightings,
        title=squash(soup.title.get_text()) if isinstance(soup.title, Tag) else "",
        home_url=page.final_url,
        next_page=next_page(soup, base, page.final_url, options.list.next),
        language=_language(soup),
        encoding=how,
        warnings=warnings,
    )


def tree(text: str) -> BeautifulSoup:
    """The tree of a page. What follows an early </html> or </body> is kept: libxml2 drops it."""
    return BeautifulSoup(_INNER_ENDS.sub("", text), "lxml")


def read_records(records: Iterable[str], base: str, seen: Seen) -> list[Sighting]:
    """The items of records that are pieces of HTML, one row each."""
    html = "".join(f"<div class=record>{record}</div>" for record in records)
    return list(_read_rows(tree(html), base, "", seen, ListRule(item="div.record")))


def _base(soup: BeautifulSoup, url: str) -> str:
    element = soup.find("base", href=True)
    href = element.get("href") if isinstance(element, Tag) else None
    return (join(url, href) if isinstance(href, str) else "") or url


def _language(soup: BeautifulSoup) -> str:
    root = soup.find("html")
    return str(root.get("lang") or "") if isinstance(root, Tag) else ""


def _read_rows(
    soup: BeautifulSoup, base: str, url: str, seen: Seen, rule: ListRule
) -> Iterator[Sighting]:
    if not rule.item:
        for row in find_rows(soup, base, identity(url), seen):
            yield _sighting(row, None, rule, seen)
        return
    elements = soup.select(rule.item)
    for element in elements:
        for selector in rule.drop:
            for unwanted in element.select(selector):
                unwanted.decompose()
    pairs = [(link, e) for e in elements if (link := _link(e, base, rule))]
    rows = rows_of([link for link, _ in pairs], seen)
    for row, (_, element) in zip(rows, pairs, strict=True):
        yield _sighting(row, element, rule, seen)


def _link(row: Tag, base: str, rule: ListRule) -> Link | None:
    """The link of a row: itself, the one that is selected, or the first that names an article."""
    inner = rule.link or "a[href]"
    tags = [row] if row.name == "a" and not rule.link else list(row.select(inner))
    links = [link for tag in tags if (link := link_of(tag, base, ""))]
    named = [link for link in links if link.title] or links
    articles = [link for link in named if looks_like_article(link.url)]
    return next(iter(articles or named), None)


def _sighting(row: Row, element: Tag | None, rule: ListRule, seen: Seen) -> Sighting:
    title = _selected(element, rule.title) or row.link.title
    return Sighting(
        url=row.link.url,
        title=title[:MAX_TITLE],
        published=_selected_date(row, element, rule, seen) or row.date,
        summary=_selected(element, rule.summary),
    )


def _selected(element: Tag | None, selector: str) -> str:
    tag = element.select_one(selector) if element and selector else None
    return text_of(tag) if tag else ""


def _selected_date(row: Row, element: Tag | None, rule: ListRule, seen: Seen) -> Moment | None:
    text = _selected(element, rule.date)
    return row_date(text, row.link.url, seen.at, seen.timezone) if text else None


def _nothing(soup: BeautifulSoup, text: str, base: str, url: str, rule: ListRule) -> ReadError:
    other = refuse(soup, text, base, url)
    if other.code != "not-a-list" or not rule.item:
        return other
    rows = len(soup.select(rule.item))
    what = f"{rows} rows, but no link in them" if rows else "nothing"
    return ReadError(
        "empty-list",
        f"list.item = {rule.item!r} finds {what}: the page's layout has probably changed; "
        "mend the selector, or leave it out to have the list found automatically",
        url=url,
    )
