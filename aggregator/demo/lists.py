"""A site of the demo and an instant in, the text of its list out: HTML, RSS, Atom, JSON, script."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape
from urllib.parse import parse_qs

from aggregator.demo.article import Article, Site, changed_at
from aggregator.demo.pages import COLUMN, feed_html, site_foot, site_head
from aggregator.demo.world import World

TRS_PAGE = 12
PEOPLE_PAGE = 15
FEED_ITEMS = 20
LONG_LIST = 40

ListPage = Callable[[World, Site, float], str]


def home(world: World, site: Site, t: float) -> str:
    """The front page: links to the lists, the feeds and the newest articles."""
    rows = "\n".join(
        f'<li><a href="{article.path}">{escape(article.title)}</a></li>'
        for article in world.listed(site.key, t)[:8]
    )
    body = f'<h2><a href="{escape(_column_path(site))}">{COLUMN}</a></h2>\n<ul class="news">\n{rows}\n</ul>'
    return _html(site, site.name, body, _alternate(site))


def empty_page(world: World, site: Site, t: float) -> str:
    """A page of the site that is no article and no list."""
    return _html(site, f"{site.name}简介", f"<p>{site.name}是随程序附带的演示站点。</p>")


def trs_list(page: int) -> ListPage:
    """Page *page* (from 1) of a TRS list: index.html, index_1.html …"""

    def text(world: World, site: Site, t: float) -> str:
        articles = world.listed(site.key, t)
        pages = -(-len(articles) // TRS_PAGE)
        rows = "\n".join(
            f'<li><a href="{_trs_ref(article)}" title="{escape(article.title)}">'
            f"{escape(article.title)}</a><span>{article.published:%Y-%m-%d}</span></li>"
            for article in articles[(page - 1) * TRS_PAGE : page * TRS_PAGE]
        )
        body = (
            f'<div class="position">当前位置：<a href="/">首页</a> &gt; {COLUMN}</div>\n'
            f'<ul class="list">\n{rows}\n</ul>\n'
            f'<div class="pages"><script>createPageHTML({pages}, {page - 1}, "index", "html");</script></div>'
        )
        return _html(site, f"{COLUMN}_{site.name}", body)

    return text


def _trs_ref(article: Article) -> str:
    """TRS lists address articles relative to their own folder."""
    if article.path.startswith("/djyw/"):
        return "./" + article.path.removeprefix("/djyw/")
    return ".." + article.path


def people_list(page: int) -> ListPage:
    """Page *page* (from 1) of a people-style list: index.html, index2.html …"""

    def text(world: World, site: Site, t: float) -> str:
        shown = world.listed(site.key, t)[(page - 1) * PEOPLE_PAGE : page * PEOPLE_PAGE]
        rows = "\n".join(
            f'<li><a href="{article.path}" target="_blank">{escape(article.title)}</a>'
            f"<em>{article.published:%Y-%m-%d}</em></li>"
            for article in shown
        )
        body = (
            f'<div class="ej_list_box clear"><ul class="list_ej2">\n{rows}\n</ul></div>\n'
            '<div class="page_n clearfix"><a href="index2.html">下一页</a></div>'
        )
        return _html(site, f"{COLUMN}--{site.name}", body)

    return text


def script_list(world: World, site: Site, t: float) -> str:
    """A 12371-style page: the rows are a JavaScript literal with single quotes."""
    rows = ",\n".join(
        "{"
        f"'title':'{_js(article.title)}','brief':'{article.published:%Y-%m-%d %H:%M:%S}',"
        f"'link_add':'{world.url(article)}','image':''"
        "}"
        for article in world.listed(site.key, t)[:LONG_LIST]
    )
    body = (
        f'<h2>最新发布</h2>\n<ul id="list"></ul>\n<script language="javascript">\nvar item=[{rows}];\n'
        "for(var i=0;i<item.length;i++){show(item[i]);}\n</script>"
    )
    return _html(site, f"最新发布_{site.name}", body)


def _js(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'").replace("</", "<\\/")


def json_list(world: World, site: Site, t: float) -> str:
    """A Xinhua-style data file: datasource[] with title, publishUrl and publishTime."""
    rows = [
        {
            "contentId": "".join(article.path.split("/")[2:4]),
            "contentType": "MultiMedia",
            "title": article.title,
            "showTitle": article.title,
            "publishUrl": article.path,
            "publishTime": f"{article.published:%Y-%m-%d %H:%M:%S}",
            "summary": article.summary,
            "titleImages": [],
        }
        for article in world.listed(site.key, t)[:LONG_LIST]
    ]
    return json.dumps({"datasource": rows}, ensure_ascii=False)


def json_column(world: World, site: Site, t: float) -> str:
    """The page that names the data file and is filled by script."""
    name = site.list_path.rsplit("/", 1)[-1].removeprefix("ds_").removesuffix(".json")
    return _html(
        site, f"{COLUMN}-{site.name}", f'<ul class="wz-list" data="datasource:{name}"></ul>'
    )


def mi4_list(query: str) -> ListPage:
    """A MI4-style script: var MI4_PAGE_ARTICLE = [...]."""

    def text(world: World, site: Site, t: float) -> str:
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        page, limit = _number(asked, "page", 1), _number(asked, "limit", 25)
        articles = world.listed(site.key, t)
        rows = [_mi4_row(article) for article in articles[(page - 1) * limit : page * limit]]
        pages = -(-len(articles) // limit)
        return (
            f"var _totalCnt={len(articles)};\nvar _totalPage={pages};\nvar _currPage={page};\n"
            f"var _pageSize={limit};\nvar MI4_PAGE_ARTICLE={json.dumps(rows, ensure_ascii=False)};\n"
        )

    return text


def _number(asked: Mapping[str, str], name: str, default: int) -> int:
    value = asked.get(name, "")
    return max(1, int(value)) if value.isascii() and value.isdigit() else default


def _mi4_row(article: Article) -> dict[str, str]:
    return {
        "title": article.title,
        "shortTitle": article.title[:12],
        "subtitle": "",
        "url": article.path,
        "external_link": "",
        "pub_date": f"{article.published:%Y-%m-%d %H:%M}",
        "subNm": COLUMN,
        "miOrigin": article.source,
        "miAuthor": article.author,
        "miRespAuthor": article.editor,
        "miSummary": article.summary,
    }


# ---------------------------------------------------------------- feeds


def rss(world: World, site: Site, t: float) -> str:
    """RSS 2.0 with summaries; an article that is marked ``in_full`` has its text."""
    shown = world.listed(site.key, t)[:FEED_ITEMS]
    items = "\n".join(_rss_item(world, article) for article in shown)
    origin = world.origins[site.key]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">\n'
        f"<channel>\n<title>{site.name}</title>\n<link>{origin}/</link>\n"
        f"<description>{site.name}最新文章</description>\n<language>zh-cn</language>\n"
        f'<atom:link href="{origin}{site.list_path}" rel="self" type="application/rss+xml"/>\n'
        f"{items}\n</channel>\n</rss>\n"
    )


def _rss_item(world: World, article: Article) -> str:
    url = world.url(article)
    creator = f"<dc:creator>{escape(article.author)}</dc:creator>" if article.author else ""
    full = (
        f"<content:encoded><![CDATA[{feed_html(world, article)}]]></content:encoded>"
        if article.in_full
        else ""
    )
    return (
        f"<item><title>{escape(article.title)}</title><link>{url}</link>"
        f'<guid isPermaLink="true">{url}</guid><pubDate>{format_datetime(article.published)}</pubDate>'
        f"{creator}<description>{escape(article.summary)}……</description>{full}</item>"
    )


def atom(world: World, site: Site, t: float) -> str:
    """Atom 1.0 with the full text of every entry."""
    shown = world.listed(site.key, t)[:FEED_ITEMS]
    origin = world.origins[site.key]
    entries = "\n".join(_atom_entry(world, article, t) for article in shown)
    updated = max((_updated(world, article, t) for article in shown), default=world.start)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-CN">\n'
        f"<id>tag:demo.invalid,2026:{site.key}</id>\n<title>{site.name}</title>\n"
        f'<link rel="alternate" type="text/html" href="{origin}/"/>\n'
        f'<link rel="self" type="application/atom+xml" href="{origin}{site.list_path}"/>\n'
        f"<updated>{updated.isoformat()}</updated>\n<author><name>{site.name}</name></author>\n"
        f"{entries}\n</feed>\n"
    )


def _atom_entry(world: World, article: Article, t: float) -> str:
    name = f"<author><name>{escape(article.author)}</name></author>" if article.author else ""
    return (
        f"<entry><id>tag:demo.invalid,2026:{article.site}/{article.key}</id>"
        f"<title>{escape(article.title)}</title>"
        f'<link rel="alternate" type="text/html" href="{world.url(article)}"/>'
        f"<published>{article.published.isoformat()}</published>"
        f"<updated>{_updated(world, article, t).isoformat()}</updated>{name}"
        f"<summary>{escape(article.summary)}</summary>"
        f'<content type="html">{escape(feed_html(world, article))}</content></entry>'
    )


def _updated(world: World, article: Article, t: float) -> datetime:
    """The publication, or the last correction that has come by *t*."""
    if not any(change.at <= t for change in article.changes):
        return article.published
    changed = world.start + timedelta(seconds=changed_at(article, t))
    return changed.astimezone(article.published.tzinfo).replace(microsecond=0)


def sitemap(world: World, site: Site, t: float) -> str:
    """The addresses of all articles of the site (sitemaps.org 0.9, with the news extension)."""
    rows = "\n".join(_sitemap_row(world, site, article) for article in world.listed(site.key, t))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">\n'
        f"{rows}\n</urlset>\n"
    )


def _sitemap_row(world: World, site: Site, article: Article) -> str:
    when = article.published.isoformat()
    return (
        f"<url><loc>{escape(world.url(article))}</loc><lastmod>{when}</lastmod><news:news>"
        f"<news:publication><news:name>{site.name}</news:name><news:language>zh-cn</news:language>"
        f"</news:publication><news:publication_date>{when}</news:publication_date>"
        f"<news:title>{escape(article.title)}</news:title></news:news></url>"
    )


# ---------------------------------------------------------------- shared


def _html(site: Site, title: str, body: str, extra: Sequence[str] = ()) -> str:
    links = "".join(extra)
    return (
        f'<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="{site.charset}">\n'
        f'<title>{escape(title)}</title>{links}\n<link rel="stylesheet" href="/style.css">\n</head>\n'
        f"<body>\n{site_head(site.name)}\n{body}\n{site_foot(site.name, site.area)}\n</body>\n</html>\n"
    )


def _alternate(site: Site) -> tuple[str, ...]:
    kind = {"own": "application/rss+xml", "hanweb": "application/atom+xml"}.get(site.family)
    if kind is None:
        return ()
    return (f'<link rel="alternate" type="{kind}" title="{site.name}" href="{site.list_path}">',)


def _column_path(site: Site) -> str:
    """The page that a reader of the site would open for its list."""
    return "/dj/index.html" if site.family == "xinhua" else site.list_path
