"""A corpus of invented feeds for benchmarks: RSS and Atom, full text, the same for the same seed."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path

ITEMS = 35
_PLACES = [
    a + b
    for a in "青石北澜云东松白"
    for b in ("禾市", "桥镇", "坡县", "溪村", "川区", "岭乡", "湾社区")
]
_WHO = [
    "党员志愿者",
    "村党支部",
    "机关干部",
    "社区网格员",
    "驻村工作队",
    "退休教师",
    "青年党员",
    "离退休干部",
]
_DOES = [
    "走访",
    "登记",
    "整理",
    "修缮",
    "公开",
    "培训",
    "清点",
    "讨论",
    "评议",
    "慰问",
    "巡查",
    "接待",
    "核对",
]
_WHAT = [
    "夜校课程安排", "农家书屋藏书", "便民热线记录", "院落议事清单", "沟渠清淤进度", "老年食堂账目", "果树嫁接技术",
    "村级财务收支", "档案数字化目录", "道路照明故障", "防汛沙袋库存", "学童接送时刻", "文艺排练场地", "集市摊位编号",
]  # fmt: skip
_HOW = [
    "逐户",
    "按月",
    "分组",
    "当面",
    "集中",
    "轮流",
    "就近",
    "对照清单",
    "利用周末",
    "借助微信群",
]


def sentence(draw: random.Random) -> str:
    """One invented sentence of about fifty letters; few clauses stand in two articles."""
    return (
        f"{draw.choice(_PLACES)}{draw.choice(_WHO)}{draw.choice(_HOW)}{draw.choice(_DOES)}"
        f"{draw.choice(_WHAT)}{draw.randrange(2, 9999)}项，{draw.choice(_WHO)}{draw.choice(_HOW)}"
        f"{draw.choice(_DOES)}{draw.choice(_WHAT)}{draw.randrange(2, 9999)}次并公布其中{draw.randrange(2, 9999)}项结果。"
    )


def article(seed: int, paragraphs: int = 9) -> tuple[str, list[str]]:
    """Title and paragraphs of one invented article, about 1,500 letters."""
    draw = random.Random(seed)
    title = f"{draw.choice(_PLACES)}{draw.choice(_HOW)}{draw.choice(_DOES)}{draw.choice(_WHAT)}（{seed}）"
    return title, ["".join(sentence(draw) for _ in range(4)) for _ in range(paragraphs)]


def _html(paragraphs: list[str]) -> str:
    """The body as these sites write it: styled paragraphs, a picture with a caption, bold leads."""
    style = "text-indent: 2em; text-align: justify; font-size: 16px;"
    rows = [
        f'<p style="{style}"><span style="font-family: 宋体;"><strong>{p[:8]}</strong>{p[8:]}</span></p>\n'
        for p in paragraphs
    ]
    picture = (
        '<p style="text-align: center;"><img src="/pic/1.jpg" width="600" alt="活动现场"/></p>\n'
    )
    return "".join([rows[0], picture, *rows[1:]])


def _rss(feed: int, host: str, start: datetime, items: int) -> str:
    rows = []
    for n in range(items):
        title, body = article(feed * 1000 + n)
        link = f"http://{host}/a/{feed}/{n}.html"
        date = format_datetime(start - timedelta(minutes=37 * n))
        rows.append(
            f"<item><title>{escape(title)}</title><link>{link}</link><guid>{link}</guid>"
            f"<pubDate>{date}</pubDate><content:encoded><![CDATA[{_html(body)}]]></content:encoded></item>"
        )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>测试源{feed}</title><link>http://{host}/</link><description>d</description>"
        + "\n".join(rows)
        + "</channel></rss>"
    )


def _atom(feed: int, host: str, start: datetime, items: int) -> str:
    rows = []
    for n in range(items):
        title, body = article(feed * 1000 + n)
        link = f"http://{host}/a/{feed}/{n}.html"
        date = (start - timedelta(minutes=37 * n)).isoformat()
        rows.append(
            f"<entry><title>{escape(title)}</title><id>{link}</id><link href='{link}'/>"
            f"<updated>{date}</updated><published>{date}</published>"
            f"<content type='html'>{escape(_html(body))}</content></entry>"
        )
    return (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        f"<title>测试源{feed}</title><id>http://{host}/f/{feed}.xml</id><updated>{start.isoformat()}</updated>"
        "<author><name>编辑部</name></author>" + "\n".join(rows) + "</feed>"
    )


def write_feeds(folder: Path, feeds: int, ports: list[int], items: int = ITEMS) -> list[str]:
    """Write *feeds* feeds to *folder*/f and return their addresses, spread over *ports*."""
    (folder / "f").mkdir(parents=True, exist_ok=True)
    start = datetime(2026, 11, 1, 8, tzinfo=UTC)
    urls = []
    for feed in range(feeds):
        host = f"127.0.0.1:{ports[feed % len(ports)]}"
        text = (_atom if feed % 4 == 3 else _rss)(feed, host, start, items)
        (folder / "f" / f"{feed}.xml").write_text(text, encoding="utf-8")
        urls.append(f"http://{host}/f/{feed}.xml")
    return urls
