"""The hosts of the demo web and the addresses that their content management systems give."""

from __future__ import annotations

import hashlib
from datetime import datetime

from aggregator.demo.article import BEIJING, Family, Site

_ALL = frozenset({"author", "source", "editor"})

SITES: tuple[Site, ...] = (
    Site("qinghe", "青禾市先锋网", "青禾市", "trs", "/djyw/index.html", "utf-8", _ALL, 18),
    Site("yunchuan", "云川党建", "云川区", "own", "/rss.xml", "utf-8", _ALL, 10),
    Site(
        "beipo", "北坡县机关党建网", "北坡县", "hanweb", "/atom.xml", "utf-8",
        frozenset({"author", "source"}), 8,
    ),
    Site(
        "lanxi", "澜溪学习在线", "澜溪县", "cntv", "/zxfb/", "utf-8", frozenset({"source"}), 10,
    ),
    Site(
        "shiqiao", "石桥党建网", "石桥市", "people", "/GB/12345/index.html", "gbk", _ALL, 12,
    ),
    Site(
        "wanghe", "望禾新闻网", "望禾区", "xinhua",
        "/dj/ds_5c1e7a90b3d24f6c8a17e2d49b60f38c.json", "utf-8",
        frozenset({"source", "editor"}), 10,
    ),
    Site(
        "lanping", "岚屏先锋", "岚屏县", "mi4",
        "/mi4-rest-api/pageArticles.js?wbId=7&subjectId=30021&page=1&limit=30", "utf-8", _ALL, 8,
    ),
    Site("baichuan", "柏川机关党建", "柏川县", "plain", "/sitemap.xml", "utf-8", _ALL, 6),
)  # fmt: skip

BY_KEY: dict[str, Site] = {site.key: site for site in SITES}


def article_path(family: Family, number: int, published: datetime) -> str:
    """The address that a site of *family* gives to its article *number*."""
    local = published.astimezone(BEIJING)
    day = f"{local:%Y%m%d}"
    match family:
        case "trs":
            return f"/djyw/{local:%Y%m}/t{day}_{1000 + number}.html"
        case "own":
            return f"/news/{local:%Y}/{1000 + number}.html"
        case "hanweb":
            return f"/art/{local.year}/{local.month}/{local.day}/art_101_{number}.html"
        case "cntv":
            # The digits are the instant in microseconds, so they must differ per article.
            return f"/{local:%Y/%m/%d}/ARTI{int(local.timestamp()) * 1_000_000 + number}.shtml"
        case "people":
            return f"/n1/{local:%Y/%m%d}/c12345-{40_010_000 + number}.html"
        case "xinhua":
            name = hashlib.blake2s(f"{day}/{number}".encode(), digest_size=16).hexdigest()
            return f"/dj/{day}/{name}/c.html"
        case "mi4":
            return f"/djyw/{local:%Y/%m/%d}/detail_{day}{number:07d}.html"
        case "plain":
            return f"/show.aspx?id={7000 + number}"
        case "seed":
            return f"/content/show/{local:%Y%m%d%H%M%S}.html"
