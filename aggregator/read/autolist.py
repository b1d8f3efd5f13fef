"""An HTML tree -> the rows of its list of articles, found without any selector.

Links of one structure (the same tags and classes above them) form a group. A group is a list of
articles when its titles are long enough to be headlines and its addresses carry numbers or dates,
or dates stand in its rows. Menus, footers, pagers and link lists have neither. Where the best
group shows dates, groups without dates (hot words, recommendations) are not part of the list.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median

from bs4 import BeautifulSoup, Tag

from aggregator.read.anchors import HEADINGS, Link, exceeds, link_of, title_weight
from aggregator.read.rows import (
    Holders,
    Row,
    Seen,
    ancestors,
    completed,
    elements_of,
    holders,
    is_strong,
    looks_like_article,
    with_dates,
)

_LEVELS = 6  # ancestors that make the structure of a link
_STATE = re.compile(r"^(?:first|last|end|on|off|cur|current|active|odd|even|hover|selected|none|item\d*|li\d*)$|\d", re.IGNORECASE)  # fmt: skip

_NO_TITLE = re.compile(r"(?:更多|首页|[上下][一]?页|末页|尾页|详细|详情|查看|阅读|评论|跟贴|分享|返回|登录|注册|收藏|打印|关闭|下载|点击)\S{0,4}|more.?", re.IGNORECASE)  # fmt: skip
_FOOT = re.compile(r"(?:^|[-_])(?:foot(?:er)?|copyright|friend\w*|flink\w*|yqlj|crumbs?|breadcrumbs?|pager?|pages|paging|pagination|login|search|beian)(?:$|[-_\d])", re.IGNORECASE)  # fmt: skip
_MENU = re.compile(r"(?:^|[-_])(?:nav|menu|header|topbar|top|subnav|navbar|tabs?|channel)(?:$|[-_\d])", re.IGNORECASE)  # fmt: skip
_ASIDE = re.compile(r"(?:^|[-_])(?:hot\w*|rank\w*|phb|paihang|recommend\w*|tuijian|tj|relat\w*|xgyd)(?:$|[-_\d])", re.IGNORECASE)  # fmt: skip
_SIDE = re.compile(r"(?:^|[-_])(?:side\w*|aside|right|rightside)(?:$|[-_\d])", re.IGNORECASE)
_ASIDE_HEAD = re.compile(r"热门|排行|热点|热文|推荐|相关|猜你|点击榜|关注榜|专题")
_TAG_ZONES = {"nav": "menu", "header": "menu", "footer": "foot", "aside": "side"}
_ZONE_WEIGHT = {"": 1.0, "side": 0.6, "menu": 0.4, "aside": 0.3, "foot": 0.1}


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """Links of one structure, with what speaks for and against their being articles."""

    rows: tuple[Row, ...]
    zone: str  # "", side (a side column), aside (recommendations), menu, foot
    dated: float  # share of rows that show a date
    numbered: float  # share of addresses that look like an article's
    length: float  # median weight of the titles

    @property
    def weight(self) -> float:
        size = len(self.rows) * min(self.length, 30) * (1 + 2 * self.dated)
        return size * _ZONE_WEIGHT[self.zone]


def find_rows(soup: BeautifulSoup, base: str, page_key: str, seen: Seen) -> list[Row]:
    """The rows of the page's list of articles in page order; empty when there is none."""
    links = _candidates(soup, base, page_key)
    strong = holders(link for link in links if is_strong(link))
    groups = [_group(members, strong, seen) for members in _by_structure(links).values()]
    chosen = _choose([group for group in groups if _is_list(group)])
    rows = [row for group in chosen for row in _articles(group)]
    rows += _siblings(rows, groups, chosen)
    order = {id(link.tag): place for place, link in enumerate(links)}
    return sorted(completed(_once(rows), seen), key=lambda row: order[id(row.link.tag)])


# ---------------------------------------------------------------- candidates and groups


def _candidates(soup: BeautifulSoup, base: str, page_key: str) -> list[Link]:
    """The links that may lead to articles, in page order."""
    links = (link_of(tag, base, page_key) for tag in soup.find_all("a", href=True))
    return [
        link
        for link in links
        if link and title_weight(link.title) >= 3 and not _NO_TITLE.fullmatch(link.title)
    ]


def _by_structure(links: Iterable[Link]) -> dict[tuple[str, ...], list[Link]]:
    groups: dict[tuple[str, ...], list[Link]] = defaultdict(list)
    for link in links:
        groups[_structure(link.tag)].append(link)
    return groups


def _structure(tag: Tag) -> tuple[str, ...]:
    """The tags and lasting classes of a link and of what it stands in."""
    return tuple(_shape(t) for t in (tag, *ancestors(tag, _LEVELS)))


def _shape(tag: Tag) -> str:
    classes = [c for c in _classes(tag) if not _STATE.search(c)]
    return ".".join([tag.name, *sorted(classes)])


def _classes(tag: Tag) -> list[str]:
    found = tag.get("class")
    return list(found) if isinstance(found, list) else str(found or "").split()


def _group(links: list[Link], strong: Holders, seen: Seen) -> _Group:
    rows = with_dates(links, elements_of(links, strong), seen)
    return _Group(
        rows=rows,
        zone=_zone(links[0].tag),
        dated=_share({row.link.key: row.date is not None for row in rows}),
        numbered=_share({link.key: looks_like_article(link.url) for link in links}),
        length=median(title_weight(link.title) for link in links),
    )


def _share(flags: dict[str, bool]) -> float:
    return sum(flags.values()) / len(flags)


def _zone(tag: Tag) -> str:
    """What part of the page *tag* stands in, by tag names, classes and ids above it."""
    found = ""
    for parent in ancestors(tag, 64):
        zone = _zone_of(parent)
        if zone in ("foot", "aside"):
            return zone
        found = found or zone
    return found


def _zone_of(tag: Tag) -> str:
    names = [*_classes(tag), str(tag.get("id") or "")]
    if tag.name in _TAG_ZONES:
        return _TAG_ZONES[tag.name]
    if _headed_aside(tag):
        return "aside"
    zones = (("foot", _FOOT), ("aside", _ASIDE), ("side", _SIDE), ("menu", _MENU))
    return next((zone for zone, words in zones if any(words.search(n) for n in names)), "")


def _headed_aside(tag: Tag) -> bool:
    """Whether a block begins with a heading such as 热门推荐."""
    first = next((child for child in tag.children if isinstance(child, Tag)), None)
    if first is None or tag.name in ("li", "tr", "td", "p"):
        return False
    return not exceeds(first, 8) and bool(_ASIDE_HEAD.search(first.get_text(strip=True)))


# ---------------------------------------------------------------- choosing


def _is_list(group: _Group) -> bool:
    """Whether a group can be a list of articles at all."""
    names = {row.link.title for row in group.rows}
    if len(names) * 3 < len({row.link.key for row in group.rows}):
        return False  # icons and buttons that are all called the same
    if group.zone == "foot":
        return group.dated >= 0.5 and group.numbered >= 0.6 and len(group.rows) >= 5
    if group.zone == "menu" and group.dated < 0.5:
        return group.numbered >= 0.8 and group.length >= 10
    if group.dated >= 0.5:
        return group.length >= 5 and (group.numbered >= 0.3 or len(group.rows) >= 3)
    least = 6.5 if len(group.rows) >= 3 else 8
    return group.numbered >= 0.6 and group.length >= least


def _choose(groups: list[_Group]) -> list[_Group]:
    """The groups that make the list: all of a front page, the dated or main ones of a column."""
    if not groups:
        return []
    best = max(groups, key=lambda group: group.weight)
    if best.dated >= 0.5 and len(best.rows) >= 3 and not _is_front(groups):
        return [g for g in groups if g is best or _is_like(g, best)]
    total = sum(len(g.rows) for g in groups)
    if len(best.rows) >= 10 and len(best.rows) >= 0.6 * total:
        return [g for g in groups if g is best or g.zone in ("", best.zone)]
    return [g for g in groups if g.zone != "aside" or best.zone == "aside"]


def _is_like(group: _Group, best: _Group) -> bool:
    """Whether a further group of a column page is of the list's kind (advertisements are not)."""
    numbered = best.numbered < 0.8 or group.numbered >= 0.3
    return group.dated >= 0.5 and numbered and group.zone in ("", best.zone)


def _is_front(groups: list[_Group]) -> bool:
    """Whether most articles of the page stand in blocks without dates, as on a front page."""
    undated = [len(g.rows) for g in groups if g.dated < 0.5 and g.zone != "aside"]
    dated = sum(len(g.rows) for g in groups if g.dated >= 0.5)
    return len(undated) >= 4 and sum(undated) > dated


def _articles(group: _Group) -> list[Row]:
    """The rows of a group without the column links that stand among numbered addresses."""
    if group.numbered < 0.6:
        return list(group.rows)
    return [row for row in group.rows if row.date or looks_like_article(row.link.url)]


def _siblings(rows: list[Row], groups: list[_Group], chosen: list[_Group]) -> list[Row]:
    """Rows of other classes in the same parent as chosen ones (a highlighted first row)."""
    parents = Counter(id(row.element.parent) for row in rows)
    taken = {row.link.key for row in rows}
    found: list[Row] = []
    for group in groups:
        if any(group is one for one in chosen):
            continue
        for row in group.rows:
            fits = parents[id(row.element.parent)] >= 2 and looks_like_article(row.link.url)
            if fits and row.link.key not in taken and title_weight(row.link.title) >= 5:
                found.append(row)
    return found


def _once(rows: Iterable[Row]) -> Iterator[Row]:
    """One row for each article: headings before other links, then dated before undated."""
    by_key: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_key[row.link.key].append(row)
    for same in by_key.values():
        yield max(same, key=lambda row: (*_naming(row.link.tag), row.date is not None))


def _naming(tag: Tag) -> tuple[bool, bool]:
    """How well a link names its article: as a heading, by text of its own."""
    heading = any(parent.name in HEADINGS for parent in ancestors(tag, 3))
    return heading, title_weight(tag.get_text(strip=True)) >= 3
