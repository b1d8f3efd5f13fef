"""Lists are found without selectors, whatever the page is built of. All pages are invented."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.read.autolist import find_rows
from aggregator.read.listpage import tree
from aggregator.read.rows import Row, Seen, looks_like_article
from aggregator.url import identity

BASE = "http://www.example.gov.cn/djyw/index.html"
SEEN = Seen(datetime(2031, 6, 20, 4, tzinfo=UTC), "Asia/Shanghai")
TITLES = [
    "县委召开基层党建工作推进会部署下半年任务",
    "青山镇：“三个一”做实党员教育培训",
    "让主题党日“活”起来",
    "机关党支部标准化规范化建设现场会在河口召开",
    "2030年度优秀党务工作者拟表彰对象公示公告",
    "一名社区书记的二十四小时",
    "坚持以制度建设推动党的建设高质量发展",
    "老党员讲身边事 年轻干部上沉浸式党课",
]
DAYS = ["2031-06-18", "2031-06-17", "2031-06-17", "2031-06-15", "2031-05-30", "2031-05-29", "2031-05-02", "2031-04-30"]  # fmt: skip
Item = tuple[str, str, str]  # address, title, day
ITEMS: list[Item] = [
    (f"http://www.example.gov.cn/djyw/{day[:4]}{day[5:7]}/t{day.replace('-', '')}_{70001 + n}.html", title, day)
    for n, (title, day) in enumerate(zip(TITLES, DAYS, strict=True))
]  # fmt: skip
UNDATED = [
    (f"http://www.example.gov.cn/view.html?id={9001 + n}", title, "")
    for n, title in enumerate(TITLES)
]

NAV = "".join(f'<li><a href="/{w}/index.html">{t}</a></li>' for w, t in (("djyw", "党建要闻"), ("gbgz", "干部工作"), ("rcgz", "人才工作"), ("zcfg", "政策法规文件"), ("gsgg", "公示公告栏目")))  # fmt: skip
HOT = "".join(f'<li><a href="/djyw/202101/t20210101_{60001 + n}.html">往年热门文章标题之{c}</a></li>' for n, c in enumerate("甲乙丙丁戊己"))  # fmt: skip
FRIENDS = "".join(
    f'<a href="http://www.party{n}.example.cn/">某某地区党建网站{n}</a> ' for n in range(8)
)
PAGER = '<div class="page"><a href="index_1.html">2</a><a href="index_2.html">3</a><a href="index_1.html">下一页</a></div>'


def page(main: str, hot: bool = True) -> str:
    """A column page around *main*: menu, place line, hot articles, pager, links, footer."""
    side = f'<div class="col-r"><div class="hd"><h3>热门文章</h3></div><ul class="hotlist">{HOT}</ul></div>'
    return f"""<!DOCTYPE html><html><head><title>党建要闻</title></head><body>
    <div class="header"><a href="/"><img alt="某某党建网首页标志图片" src="/l.png"></a><ul class="nav">{NAV}</ul></div>
    <div class="weizhi">当前位置：<a href="/">首页</a> &gt; <a href="/djyw/">党建要闻</a> 2031年6月20日 星期五</div>
    <div class="main"><div class="lmenu"><ul>{NAV}</ul></div><div class="con">{main}{PAGER}</div>{side if hot else ""}</div>
    <div class="links"><p>友情链接</p>{FRIENDS}</div>
    <div class="footer"><p>主办单位 <a href="http://beian.miit.gov.cn/">某ICP备12345678号-1</a>
    <a href="/about/202001/t20200101_1.html">关于我们和网站声明</a> 2031-01-01</p></div></body></html>"""


def rel(url: str) -> str:
    return url.replace("http://www.example.gov.cn/djyw/", "./").replace(
        "http://www.example.gov.cn", ""
    )


def span_list(items: list[Item]) -> str:
    rows = (
        f'<li><a href="{rel(u)}" target="_blank">{t}</a><span>{d}</span></li>' for u, t, d in items
    )
    return f"<ul>{''.join(rows)}</ul>"


def date_first(items: list[Item]) -> str:
    rows = (f'<li><span class="date">[{d}]</span>·<a href="{u}">{t}</a></li>' for u, t, d in items)
    return f'<ul class="newslist">{"".join(rows)}</ul>'


def chinese_date(items: list[Item]) -> str:
    def day(d: str) -> str:
        return f"{d[:4]}年{d[5:7]}月{d[8:]}日"

    rows = (f'<li><a href="{u}">{t}</a><i class="gray">[{day(d)}]</i></li>' for u, t, d in items)
    return f'<div class="p2j_con02"><div class="fl"><ul>{"".join(rows)}</ul></div></div>'


def broken_lists(items: list[Item]) -> str:
    """Lists of five, as many systems print them, with a line between."""
    parts = [items[i : i + 3] for i in range(0, len(items), 3)]
    return "<hr>".join(span_list(part) for part in parts)


def old_table(items: list[Item]) -> str:
    rows = (
        f'<tr><td width="20"><img src="/d.gif"></td><td><a href="{u}" class="black14">{t}</a></td>'
        f'<td align="right">({d[5:].replace("-", "/")})</td></tr>'
        for u, t, d in items
    )
    return f'<table width="100%"><tbody>{"".join(rows)}</tbody></table>'


def one_table_each(items: list[Item]) -> str:
    rows = (
        f'<table width="98%"><tr><td>·<a href="{u}">{t}</a></td><td class="rq">{d}</td></tr></table>'
        for u, t, d in items
    )
    return "".join(rows)


def definition_list(items: list[Item]) -> str:
    return (
        "<dl>"
        + "".join(f'<dt><a href="{u}">{t}</a></dt><dd>{d} 10:30</dd>' for u, t, d in items)
        + "</dl>"
    )


def line_breaks(items: list[Item]) -> str:
    return (
        '<div class="txt">'
        + "<br/>".join(f'<a href="{u}">{t}</a>&nbsp;({d})' for u, t, d in items)
        + "</div>"
    )


def day_boxes(items: list[Item]) -> str:
    rows = (
        f'<li class="clearfix"><div class="time"><b>{d[8:]}</b><em>{d[:7]}</em></div>'
        f'<div class="txt"><h4><a href="{u}">{t}</a></h4><p>这是一段摘要，讲到2019年3月5日以来的做法和成效。</p></div></li>'
        for u, t, d in items
    )
    return f"<ul>{''.join(rows)}</ul>"


def cards(items: list[Item]) -> str:
    """Picture, heading, summary and a more-link, all to the article."""
    rows = (
        f'<div class="item"><div class="pic"><a href="{u}"><img src="/p.jpg" alt=""></a></div><div class="r"><h3><a href="{u}">{t}</a></h3>'
        f'<p class="desc"><a href="{u}">摘要摘要，2018年1月1日起各支部认真学习有关文件精神，结合实际抓好贯彻落实。</a></p>'
        f'<div class="info"><span>来源：某某日报</span><span>{d}</span><a href="{u}">[详细]</a></div></div></div>'
        for u, t, d in items
    )
    return "".join(rows)


def whole_link(items: list[Item]) -> str:
    """The link is the whole row, its date inside."""
    rows = (
        f'<li><a href="{u}"><span>{t}</span><span class="t">{d}</span></a></li>'
        for u, t, d in items
    )
    return f"<ul>{''.join(rows)}</ul>"


def link_around_row(items: list[Item]) -> str:
    rows = (f'<a href="{u}"><li><i></i>{t}<span>{d}</span></li></a>' for u, t, d in items)
    return f"<ul>{''.join(rows)}</ul>"


def paragraphs_in_link(items: list[Item]) -> str:
    rows = (
        f'<div class="it"><a href="{u}"><div class="rq"><p>{d[8:]}</p><p>{d[:7]}</p></div>'
        f"<div><p>{t}</p><p>摘要摘要，各支部认真学习有关文件精神，结合实际抓好贯彻落实。</p></div></a></div>"
        for u, t, d in items
    )
    return "".join(rows)


def two_columns(items: list[Item]) -> str:
    cells = [f'<td>·<a href="{u}">{t}</a></td><td>{d}</td>' for u, t, d in items]
    return (
        "<table>"
        + "".join(f"<tr>{a}{b}</tr>" for a, b in zip(cells[::2], cells[1::2], strict=True))
        + "</table>"
    )


def pictures_with_alt(items: list[Item]) -> str:
    rows = (
        f'<li><a href="{u}"><img src="/p.jpg" alt="{t}"></a><p>{d}</p></li>' for u, t, d in items
    )
    return f"<ul>{''.join(rows)}</ul>"


def cut_titles(items: list[Item]) -> str:
    rows = (f'<li><a href="{u}" title="{t}">{t[:6]}...</a><em>{d}</em></li>' for u, t, d in items)
    return f"<ul>{''.join(rows)}</ul>"


def days_as_headings(items: list[Item]) -> str:
    days: dict[str, list[Item]] = {}
    for item in items:
        days.setdefault(item[2], []).append(item)
    blocks = (
        f"<h4>{day}</h4>" + "".join(f'<p><a href="{u}">{t}</a></p>' for u, t, _ in same)
        for day, same in days.items()
    )
    return f"<div>{''.join(blocks)}</div>"


def nested_lists(items: list[Item]) -> str:
    rows = (
        f'<ul class="row"><li class="bt"><a href="{u}">{t}</a></li><li class="sj">{d}</li></ul>'
        for u, t, d in items
    )
    return f'<div class="list">{"".join(rows)}</div>'


def with_columns(items: list[Item]) -> str:
    rows = (
        f'<li>[<a href="/gdjx/">各地建设动态</a>] <a href="{u}">{t}</a> <span>{d}</span></li>'
        for u, t, d in items
    )
    return f"<ul>{''.join(rows)}</ul>"


def first_row_is_big(items: list[Item]) -> str:
    (u, t, d), rest = items[0], items[1:]
    big = f'<li class="top-one"><strong><a href="{u}">{t}</a></strong><span>{d}</span></li>'
    rows = (f'<li><a href="{u}">{t}</a><span>{d}</span></li>' for u, t, d in rest)
    return f"<ul>{big}{''.join(rows)}</ul>"


def right_column(items: list[Item]) -> str:
    return f'<div class="right"><div class="right_list">{span_list(items)}</div></div>'


SHAPES: list[Callable[[list[Item]], str]] = [
    span_list, date_first, chinese_date, broken_lists, old_table, one_table_each, definition_list, line_breaks,
    day_boxes, cards, whole_link, link_around_row, paragraphs_in_link, two_columns, pictures_with_alt, cut_titles, days_as_headings, nested_lists, with_columns, first_row_is_big, right_column,
]  # fmt: skip


def rows_of(html: str) -> list[Row]:
    return find_rows(tree(html), BASE, identity(BASE), SEEN)


def as_items(rows: list[Row]) -> list[Item]:
    return [
        (r.link.url, r.link.title, r.date.instant.date().isoformat() if r.date else "")
        for r in rows
    ]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_its_items_and_nothing_else(shape: Callable[[list[Item]], str]) -> None:
    assert as_items(rows_of(page(shape(ITEMS)))) == ITEMS


@pytest.mark.parametrize("shape", SHAPES)
def test_dates_need_not_stand_in_the_address(shape: Callable[[list[Item]], str]) -> None:
    items = [(u, t, d) for (u, t, _), d in zip(UNDATED, DAYS, strict=True)]
    assert as_items(rows_of(page(shape(items)))) == items


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("shape", [span_list, old_table, day_boxes, cards, whole_link])
def test_short_lists(shape: Callable[[list[Item]], str], count: int) -> None:
    assert as_items(rows_of(page(shape(ITEMS[:count])))) == ITEMS[:count]


def test_dates_only_in_the_address() -> None:
    plain = "".join(f'<li><a href="{u}">{t}</a></li>' for u, t, _ in ITEMS)
    assert as_items(rows_of(page(f'<ul class="list">{plain}</ul>'))) == ITEMS


def test_without_any_date_titles_and_numbers_decide() -> None:
    plain = "".join(f'<li><a href="{u}">{t}</a></li>' for u, t, _ in UNDATED)
    assert as_items(rows_of(page(f'<ul class="list">{plain}</ul>', hot=False))) == UNDATED


def test_a_front_page_gives_all_its_blocks() -> None:
    blocks = [
        "".join(f'<li><a href="/b{b}/2031/0618/{b}{n}777.html">第{b}个栏目里的第{n}条新闻标题</a></li>' for n in range(1, 7))
        for b in range(1, 6)
    ]  # fmt: skip
    html = "".join(
        f'<div class="box{c}"><h2><a href="/b/">栏目</a></h2><ul>{b}</ul></div>'
        for c, b in zip("abcde", blocks, strict=True)
    )
    dated = f'<div class="gg"><h2>公告</h2>{span_list(ITEMS[:4])}</div>'
    found = as_items(rows_of(page(dated + html)))
    assert len(found) == 34
    assert not any("热门" in title for _, title, _ in found)


@pytest.mark.parametrize(
    "body",
    [
        "<p>正文第一段，没有任何链接。</p>",
        f"<ul>{NAV}</ul>",
        FRIENDS,
        '<div id="app"></div>',
        "",
        "".join(f'<li><a href="/djyw/{n}00{n}.html">更多</a></li>' for n in range(1, 9)),
        "".join(f'<li><a href="http://v.example.cn/vote?id=100{n}">点击投票支持</a></li>' for n in range(9)),
    ],
)  # fmt: skip
def test_a_page_without_a_list_gives_none(body: str) -> None:
    assert rows_of(page(body, hot=False)) == []


def test_a_date_inside_a_title_is_not_the_date_of_the_row() -> None:
    rows = "".join(
        f'<li><a href="/view?id={7000 + n}" title="2031年1月{n}日工作会议通过的要点第{n}号">2031年1月{n}日工作...</a></li>'
        for n in range(1, 7)
    )
    found = rows_of(page(f"<ul>{rows}</ul>", hot=False))
    assert len(found) == 6
    assert {row.date for row in found} == {None}


def test_a_link_that_stands_twice_is_one_item() -> None:
    assert as_items(rows_of(page(cards(ITEMS[:4]) + span_list(ITEMS[:6])))) == ITEMS[:6]


@pytest.mark.parametrize(
    ("address", "article"),
    [
        ("http://a.cn/n1/2031/0517/c123-90000001.html", True),
        ("http://a.cn/20310806/0123456789abcdef0123456789abcdef/c.html", True),
        ("http://a.cn/2031/07/18/ARTI1900000000000001.shtml", True),
        ("http://a.cn/art/2031/6/19/art_1861_498.html", True),
        ("http://a.cn/Home/Content/1193004?ClassId=236", True),
        ("http://a.cn/lgpage/detail/index.html?id=19007199254740993001", True),
        ("http://a.cn/upload/203106/W020310601.pdf", True),
        ("http://a.cn/p/6854540762", True),
        ("http://a.cn/", False),
        ("http://a.cn/GB/64093/64387/index.html", False),
        ("http://a.cn/node_11941.htm", False),
        ("http://a.cn/llqd/list_50754_1.html", False),
        ("http://a.cn/djyw/", False),
        ("http://a.cn/img/20310101/t20310101_1.jpg", False),
        ("http://a.cn/about.html", False),
        ("http://www.beian.gov.cn/portal/registerSystemInfo?recordcode=11010202008000", False),
    ],
)
def test_addresses_of_articles(address: str, article: bool) -> None:
    assert looks_like_article(address) is article


@given(st.lists(st.sampled_from(["<li>", "</li>", "<a href='/2031/0618/1234.html'>", "</a>", "标题", "2031-06-18", "<ul>", "</ul>", "<table><tr><td>", "<h3>", "&nbsp;", "<script>", "<a href='http://[x'>", "<a>", "\x00"]), max_size=60))  # fmt: skip
def test_no_page_is_too_broken(pieces: list[str]) -> None:
    rows_of("".join(pieces))


def test_deep_and_wide_pages_are_read() -> None:
    item = '<div><a href="/2031/0618/{0}.html">很深的一层里的文章标题</a>'
    assert isinstance(rows_of("".join(item.format(10_000 + n) for n in range(2_000))), list)
    wide = "".join(
        f'<li><a href="/v?id={10_000 + n}">第{n}篇文章的完整标题</a></li>' for n in range(2_000)
    )
    assert len(rows_of(f"<ul>{wide}</ul>")) == 2_000
