"""An article out of the demo's truth in, the HTML of one of its pages out, in its CMS's shape."""

from __future__ import annotations

from functools import cache
from html import escape
from importlib.resources import files
from string import Template

from aggregator.demo.article import Article, part_path, parts
from aggregator.demo.sites import BY_KEY
from aggregator.demo.world import World

COLUMN = "党建要闻"


@cache
def _template(family: str) -> Template:
    return Template((files("aggregator.demo") / "templates" / f"{family}.html").read_text("utf-8"))


def article_page(world: World, article: Article, number: int, t: float) -> str:
    """Page *number* (from 1) of *article* as it stands, served at *t*."""
    values = {
        **_plain(world, article),
        **_times(article),
        **_furniture(world, article),
        **_bylines(article),
        "body": body_html(article, number),
        "lines": _lines(article),
        "subtitle": f'<h2 class="subtitle">{escape(article.subtitle)}</h2>'
        if article.subtitle
        else "",
        "pages": str(article.pages),
        "page0": str(number - 1),
        "pager": _pager(article),
        "attachment": _attachment(article),
        "quotes": "\n".join(f"<p>●{escape(quote)}</p>" for quote in article.quotes),
        "picture": _picture(article),
        "nonce": _nonce(t) if article.noisy else "",
        "noise": _noise(world, article, t) if article.noisy else "",
    }
    return _template(article.family).substitute(values)


def feed_html(world: World, article: Article) -> str:
    """The whole text as a feed's content, with absolute addresses."""
    html = body_html(article, 1)
    return html.replace('src="/', f'src="{world.origins[article.site]}/')


def body_html(article: Article, number: int) -> str:
    """The paragraphs of page *number*, with the picture on the first."""
    if article.fault is not None and article.fault.kind == "empty":
        return ""
    texts = [f"<p>　　{escape(text)}</p>" for text in parts(article)[number - 1]]
    if article.image and number == 1 and article.family != "seed":
        texts.insert(1, _picture(article))
    return "\n".join(texts)


def image_path(article: Article) -> str:
    """The address of the article's picture on its site."""
    return f"/images/{article.key}.png"


def attachment_path(article: Article) -> str:
    """The address of the article's attachment on its site."""
    return f"/files/P{article.published:%Y%m%d}{article.key[-3:].encode().hex()}.pdf"


def _lines(article: Article) -> str:
    """The text as templates set it that know no paragraphs: blanks and line breaks."""
    texts = [f"&nbsp;&nbsp;&nbsp;&nbsp;{escape(text)}" for text in article.paragraphs]
    if article.image:
        texts.insert(1, f'<img src="{image_path(article)}" alt="{escape(article.image)}">')
    return "<br><br>\n".join(texts)


def _plain(world: World, article: Article) -> dict[str, str]:
    site = BY_KEY[article.site]
    values = {
        "title": article.title,
        "overline": article.overline,
        "subtitle_text": article.subtitle,
        "inner_title": article.inner_title,
        "author_text": article.author,
        "source": article.source,
        "editor": article.editor,
        "summary": article.summary,
        "site": site.name,
        "area": site.area,
        "column": COLUMN,
        "charset": article.declared or site.charset,
        "url": world.url(article),
        "host": world.origins[article.site].removeprefix("http://"),
        "stem": article.path.rsplit("/", 1)[-1].removesuffix(".html"),
        "number": article.path.rsplit("-", 1)[-1].removesuffix(".html"),
        "hits": str(100 + sum(map(ord, article.key)) * 7 % 900),
    }
    return {name: escape(value) for name, value in values.items()}


def _times(article: Article) -> dict[str, str]:
    when = article.published
    return {
        "day": f"{when:%Y-%m-%d}",
        "minute": f"{when:%Y-%m-%d %H:%M}",
        "second": f"{when:%Y-%m-%d %H:%M:%S}",
        "chinese": f"{when:%Y}年{when:%m}月{when:%d}日{when:%H:%M}",
        "year": f"{when:%Y}",
        "month": f"{when:%m}",
        "dom": f"{when:%d}",
        "clock": f"{when:%H:%M:%S}",
    }


def _bylines(article: Article) -> dict[str, str]:
    if not article.author:
        return {"author": "", "author_wide": ""}
    author = escape(article.author)
    return {"author": f" <span>作者：{author}</span>", "author_wide": f"作者：{author}　"}


def _furniture(world: World, article: Article) -> dict[str, str]:
    site = BY_KEY[article.site]
    return {"head": site_head(site.name), "foot": site_foot(site.name, site.area)}


def site_head(name: str) -> str:
    """The masthead and navigation of a site."""
    return (
        f'<div class="header"><a class="logo" href="/">{name}</a>'
        '<ul class="nav"><li><a href="/">首页</a></li><li><a href="/about.html">本站介绍</a></li>'
        '<li><a href="/contact.html">联系我们</a></li></ul></div>'
    )


def site_foot(name: str, area: str) -> str:
    """The foot of a site's pages."""
    return (
        f'<div class="footer"><p>主办单位：中共{area}委组织部（演示站点）　版权所有：{name}</p>'
        "<p>本站文字均为虚构，仅供演示</p></div>"
    )


def _picture(article: Article) -> str:
    if not article.image:
        return ""
    caption = escape(article.image)
    return (
        f'<p style="text-align:center"><img src="{image_path(article)}" alt="{caption}" '
        f'width="320" height="200"></p>\n<p style="text-align:center" class="caption">{caption}</p>'
    )


def _pager(article: Article) -> str:
    if article.pages == 1:
        return ""
    return " ".join(
        f'<a href="{part_path(article, n)}">【{n}】</a>' for n in range(1, article.pages + 1)
    )


def _attachment(article: Article) -> str:
    if not article.attachment:
        return ""
    return (
        f'<div class="attachment">附件：<a href="{attachment_path(article)}">'
        f"{escape(article.attachment)}.pdf</a></div>"
    )


def _nonce(t: float) -> str:
    return f'<meta name="csrf-token" content="{int(t * 1000):016x}">'


def _noise(world: World, article: Article, t: float) -> str:
    """What changes at every visit though nobody has touched the article."""
    others = world.listed(article.site, t)
    turn = int(t) % len(others)
    rows = "".join(
        f'<li><a href="{other.path}">{escape(other.title)}</a></li>'
        for other in (others + others)[turn : turn + 3]
        if other.key != article.key
    )
    return (
        f'<div class="views">浏览次数：{1000 + int(t * 10)}</div>'
        f'<div class="related"><h3>相关阅读</h3><ul>{rows}</ul></div>'
        f"<!-- page built in {int(t * 1000) % 97} ms -->"
    )
