"""A page or an address -> the leads to the lists of its site: what to look at next, and how soon."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag

from aggregator.config import SourceOptions
from aggregator.read.anchors import exceeds, link_of, squash, title_weight
from aggregator.read.listpage import tree
from aggregator.read.looks import feeds_of
from aggregator.read.rows import looks_like_article
from aggregator.url import canonical, host, identity, join

FEED_PATHS = ("/rss.xml", "/feed", "/atom.xml", "/index.xml", "/feed.json")

_FEED_REF = re.compile(r"(?:^|[/_.=-])(?:rss|atom|feeds?|rdf)(?:[/_.-]|\d*$)", re.I)
_FEED_QUERY = re.compile(r"(?:^|&)(?:mod|type|format|feed)=(?:rss|atom|rdf)", re.I)
_DATASOURCE = re.compile(r"datasource:([0-9a-f]{32})")
_DATA_REF = re.compile(r"""["'(]([^"'\s()<>{}+]{1,300}?(?:\.jsonp?|pageArticles\.js)(?:\?[^"'\s()<>]{0,300})?)["')]""")  # fmt: skip
_SCRIPT_REF = re.compile(r"<script\b[^>]{0,300}?\bsrc\s*=\s*[\"']?([^\"'\s>]{1,300})", re.I)
_LIST_SCRIPT = re.compile(r"(?:list|data|item|article|news)[\w-]{0,30}\.js(?:$|\?)", re.I)
_MI4 = {
    name: re.compile(rf"(?<![?&;\w]){name}[\"']?\s*[=:]\s*[\"']?(\d{{1,12}})")
    for name in ("wbId", "subjectId")
}
_SITEMAP = re.compile(r"^\s*sitemap\s*:\s*(\S{1,500})", re.I | re.M)
_CRUMBS = re.compile(r"(?:^|[-_])(?:crumbs?|breadcrumbs?|position|location|route|navpath|path|dqwz|wz|weizhi|mbx|site-?path|rwb_navpath)(?:$|[-_\d])", re.I)  # fmt: skip
_HERE = re.compile(r"(?:当前|所在|现在|您的?)的?位置|当前栏目")
_NO_COLUMN = re.compile(r"首页|登[录陆]|注册|联系|关于|简介|介绍|版权|地图|帮助|english|投稿|邮箱|声明|[上下]一?[页篇]|返回|客户端|微博|微信|繁体|无障碍|搜索|检索|留言|打印|关闭|设为|收藏|app$", re.I)  # fmt: skip
_COLUMN = re.compile(r"党|组织|干部|人才|基层|机关|纪检|纪委|教育|理论|要闻|新闻|动态|时政|头条|资讯|通知|公告|公示|任免|评论|观点|报道|发布|政策|解读|滚动|先锋|廉|文件|最新")  # fmt: skip
_MORE = re.compile(r"(?:查看)?更多\S{0,4}|more.{0,3}|[>》»]{1,3}", re.I)
_FILE = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|zip|rar|jpe?g|png|gif|mp[34]|apk|exe|css|swf)$", re.I
)
_COLUMNS = 10  # columns of one page that are worth a look
_NAMED = 5  # data files or feeds of one page
_LONGEST_NAME = 12  # Chinese characters of a column's name


@dataclass(frozen=True, slots=True)
class Lead:
    """An address worth a look: why, what it is called, and how soon (``weight``, 100 first).

    ``options`` are those of the catalogue, where it knows the list.
    """

    url: str
    why: str
    weight: int
    name: str = ""
    accept: Literal["page", "feed", "data"] = "page"
    options: SourceOptions | None = None


def page_leads(text: str, url: str) -> tuple[Lead, ...]:
    """The leads of an HTML page, each address once, best first."""
    soup = tree(text)
    element = soup.find("base", href=True)
    base = (join(url, str(element.get("href"))) if isinstance(element, Tag) else "") or url
    found = [
        *_feeds(text, soup, base),
        *_data_files(text, base),
        *_crumbs(soup, base, url),
        *_columns(soup, base, url),
        *_frames(soup, base, url),
    ]
    return _once(found)


def _once(leads: Iterable[Lead]) -> tuple[Lead, ...]:
    best: dict[str, Lead] = {}
    for lead in sorted(leads, key=lambda lead: -lead.weight):
        best.setdefault(identity(lead.url), lead)
    best.pop("", None)
    return tuple(best.values())


# ---------------------------------------------------------------- feeds and data files


def _feeds(text: str, soup: BeautifulSoup, base: str) -> Iterator[Lead]:
    for url in feeds_of(text, base)[:_NAMED]:
        yield Lead(url, "the page's link element names the feed", 100, accept="feed")
    linked = [link_of(tag, base, "") for tag in soup.find_all("a", href=_FEED_REF)]
    for link in [one for one in linked if one and _is_feed_ref(one.url)][:_NAMED]:
        yield Lead(link.url, "a link of the page looks like a feed", 75, link.title, "feed")


def _is_feed_ref(url: str) -> bool:
    parts = urlsplit(url)
    named = _FEED_REF.search(parts.path) or _FEED_QUERY.search(parts.query)
    return bool(named) and not looks_like_article(url)


def _data_files(text: str, base: str) -> Iterator[Lead]:
    for name in list(dict.fromkeys(_DATASOURCE.findall(text)))[:_NAMED]:
        url = join(base, f"ds_{name}.json")
        yield Lead(url, "the page names this data file", 95, accept="data")
    yield from _mi4(text, base)
    named = [html.unescape(ref) for ref in _DATA_REF.findall(text)]
    scripts = [html.unescape(ref) for ref in _SCRIPT_REF.findall(text)]
    named += [ref for ref in scripts if _LIST_SCRIPT.search(ref)]
    for ref in list(dict.fromkeys(named))[:_NAMED]:
        # Scripts write the addresses of JSON as JSON does.
        url = canonical(join(base, ref.replace("\\/", "/")))
        if url:
            yield Lead(url, "a script of the page names this file", 65, accept="data")


def _mi4(text: str, base: str) -> Iterator[Lead]:
    """The interface of MI4 with the numbers of site and column that the page's scripts set."""
    numbers = {name: found[1] for name, known in _MI4.items() if (found := known.search(text))}
    if len(numbers) == len(_MI4):
        query = f"wbId={numbers['wbId']}&subjectId={numbers['subjectId']}&page=1&limit=25"
        url = join(base, f"/mi4-rest-api/pageArticles.js?{query}")
        yield Lead(url, "the page's scripts load it (MI4)", 90, accept="data")


# ---------------------------------------------------------------- columns


def _crumbs(soup: BeautifulSoup, base: str, page_url: str) -> Iterator[Lead]:
    """The links of 当前位置, the innermost column first."""
    for box in _crumb_boxes(soup):
        links = [
            link
            for tag in box.find_all("a", href=True)
            if (link := link_of(tag, base, identity(page_url))) and host(link.url) == host(page_url)
        ]
        for depth, link in enumerate(reversed(links[-4:])):
            name = "" if "首页" in link.title else link.title
            if not looks_like_article(link.url):
                yield Lead(link.url, "the page stands in this column", 85 - 5 * depth, name)
        if links:
            return


def _crumb_boxes(soup: BeautifulSoup) -> Iterator[Tag]:
    for tag in soup.find_all(("div", "p", "td", "span", "ul", "ol", "nav", "h2", "h3", "li")):
        classes = tag.get("class")
        names = [*(classes if isinstance(classes, list) else []), str(tag.get("id") or "")]
        named = any(_CRUMBS.search(name) for name in names)
        if not exceeds(tag, 120) and (named or _HERE.search(squash(tag.get_text()))):
            yield tag


def _columns(soup: BeautifulSoup, base: str, page_url: str) -> list[Lead]:
    """The likely columns of the site among the page's links, those with telling names first."""
    found = []
    for tag in soup.find_all("a", href=True):
        link = link_of(tag, base, identity(page_url))
        if link is None or host(link.url) != host(page_url) or not _is_place(link.url):
            continue
        name, weight = _column_name(tag, link.title)
        if weight:
            found.append(Lead(link.url, "a column of the site", weight, name))
    return list(_once(found))[:_COLUMNS]


def _is_place(url: str) -> bool:
    path = urlsplit(url).path
    return path not in ("", "/") and not _FILE.search(path) and not looks_like_article(url)


def _column_name(tag: Tag, title: str) -> tuple[str, int]:
    """(name, weight) of the column that a link leads to; weight 0 for a link that is none."""
    if _MORE.fullmatch(title):
        return "", 42
    if _NO_COLUMN.search(title) or not 2 <= title_weight(title) <= _LONGEST_NAME:
        return "", 0
    heading = tag.find_parent(("h1", "h2", "h3", "h4")) is not None
    return title, (44 if _COLUMN.search(title) else 30) + heading


def _frames(soup: BeautifulSoup, base: str, page_url: str) -> Iterator[Lead]:
    for tag in soup.find_all(("frame", "iframe"), src=True)[:_NAMED]:
        url = canonical(join(base, str(tag.get("src"))))
        if url and host(url) == host(page_url):
            yield Lead(url, "a frame of the page", 40)


# ---------------------------------------------------------------- from the address alone


def robots_leads(text: str, url: str) -> tuple[Lead, ...]:
    """The sitemaps that a robots.txt names (RFC 9309 leaves them to sitemaps.org)."""
    found = (canonical(join(url, ref)) for ref in _SITEMAP.findall(text))
    leads = [Lead(one, "robots.txt names this sitemap", 47, accept="data") for one in found if one]
    return _once(leads[:3])


def address_leads(url: str) -> tuple[Lead, ...]:
    """The folders above an address, the home page, robots.txt, sitemap and common feed paths."""
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}"
    folders = parts.path.split("/")[1:-1]
    above = [root + "/" + "".join(f"{name}/" for name in folders[:n]) for n in range(len(folders), 0, -1)]  # fmt: skip
    # A folder of one month holds no list that lasts.
    lasting = [one for one in above if not looks_like_article(one + "x")][:2]
    return _once(
        [
            *(Lead(one, "a folder above the address", 55) for one in lasting),
            Lead(root + "/", "the home page", 60),
            Lead(root + "/robots.txt", "robots.txt", 50, accept="data"),
            Lead(root + "/sitemap.xml", "the usual place of a sitemap", 36, accept="data"),
            *(
                Lead(root + path, "a usual place of a feed", 20, accept="feed")
                for path in FEED_PATHS
            ),
        ]
    )
