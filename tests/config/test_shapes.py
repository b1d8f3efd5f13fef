"""Shipped sources read pages in the shape of their sites. All texts and numbers are invented."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator import config
from aggregator.config import SourceOptions
from aggregator.model import Listing, Page
from aggregator.read import read
from aggregator.read.paging import page_urls
from aggregator.url import host

TITLES = [
    "县直机关党组织书记述职评议会召开",
    "一座老厂区里的“红色课堂”",
    "把支部建在网格上 把服务送到家门口",
    "年轻干部夜校开讲",
    "关于某某同志拟任职的公示",
]
HEX = [f"{n:x}" * 32 for n in range(1, 6)]
CHROME = """<html><head><title>栏目--示例</title></head><body><div class="nav"><a href="/">首页</a>
<a href="/GB/1/index.html">要闻栏目总览</a><a href="/zt/index.htm">专题专栏大全</a></div>{}
<div class="page"><a href="index2.html">下一页</a></div><div class="footer"><a href="/about/1.html">网站声明与说明</a></div></body></html>"""


def rows(template: str, wrap: str = "<ul>{}</ul>") -> str:
    """A page of five rows; in *template* {t} is the title, {n} a digit, {d} the day, {h} a hash."""
    made = (
        template.replace("{t}", t)
        .replace("{n}", str(n))
        .replace("{d}", f"1{n}")
        .replace("{h}", HEX[n])
        for n, t in enumerate(TITLES)
    )
    return CHROME.replace("{}", wrap.replace("{}", "".join(made)))


def xinhua() -> str:
    data = [
        {"showTitle": t, "publishUrl": f"/politics/2031061{n}/{HEX[n]}/c.html", "publishTime": f"2031-06-1{n} 08:00:00"}
        for n, t in enumerate(TITLES)
    ]  # fmt: skip
    return json.dumps({"datasource": data}, ensure_ascii=False)


def cctv() -> str:
    data = [
        {"title": t, "url": f"https://news.cctv.com/2031/06/1{n}/ARTIabcdefghijklmnopqr{n}31061{n}.shtml", "focus_date": f"2031-06-1{n} 08:00:00"}
        for n, t in enumerate(TITLES)
    ]  # fmt: skip
    return f"china({json.dumps({'data': {'total': 5, 'list': data}})})"


def mi4() -> str:
    data = [
        {"title": t, "url": f"/llqd/2031/06/1{n}/detail_2031061{n}000000{n}.html", "external_link": "", "pub_date": f"2031-06-1{n} 08:00", "miOrigin": "某报"}
        for n, t in enumerate(TITLES)
    ]  # fmt: skip
    return f"var _totalCnt=5;var MI4_PAGE_ARTICLE={json.dumps(data)};"


def cntv_inline() -> str:
    data = ",".join(
        f"{{'title':'{t}','brief':'2031-06-1{n} 08:00:00','link_add':'https://www.12371.cn/2031/06/1{n}/ARTI190000000000000{n}.shtml'}}"
        for n, t in enumerate(TITLES)
    )
    return CHROME.format(f'<ul id="l"></ul><script language="javascript">item=[{data}];</script>')


def feed() -> str:
    items = "".join(
        f"<item><title>{t}</title><link>https://www.chinanews.com.cn/gn/2031/06-1{n}/90000{n}.shtml</link><pubDate>2031-06-1{n} 08:00:00</pubDate></item>"
        for n, t in enumerate(TITLES)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>国内</title>{items}</channel></rss>'


PEOPLE = rows('<li><a href="/n1/2031/061{n}/c64387-9000000{n}.html">{t}</a><i>2031年06月{d}日</i></li>', '<div class="p2j_con02"><div class="fl"><ul>{}</ul></div></div>')  # fmt: skip
TRS = rows('<li><a href="./203106/t203106{d}_90000{n}.html">{t}</a><span>2031-06-{d}</span></li>')

SHAPES: dict[str, str | Callable[[], str]] = {
    "people_cpc_gundong": PEOPLE,
    "people_renshi_gongshi": rows('<li><a href="/n1/2031/061{n}/c139617-9000000{n}.html">{t}</a> [2031年06月{d}日]</li>'),
    "qizhiwang_gongdu": PEOPLE,
    "dswxyjy_dangshi": PEOPLE,
    "g12371_zxfb": cntv_inline,
    "dangjian_llqd": mi4,
    "qstheory_cpc": rows('<li><a href="2031061{n}/{h}/c.html">{t}</a><span>2031-06-{d}</span></li>', '<div class="list-style1"><ul>{}</ul></div>'),
    "xinhua_shizheng": xinhua,
    "cctv_china": cctv,
    "gmw_yaowen": rows('<li><span class="channel-newsTitle"><a href="2031-06/{d}/content_3990000{n}.htm">{t}</a></span><span class="channel-newsTime">2031-06-{d}</span></li><li class="line"></li>', '<ul class="channel-newsGroup">{}</ul>'),
    "govcn_yaowen": rows('<li><h4><a href="./203106/content_790000{n}.htm">{t}</a><span class="date"> 2031-06-{d} </span></h4></li><li class="line"></li>', '<div class="news_box"><div class="list"><ul>{}</ul></div></div>'),
    "chinanews_gundong": rows('<li><div class="dd_lm">[<a href="/china.shtml">国内</a>]</div> <div class="dd_bt"><a href="/gn/2031/06-{d}/90000{n}.shtml">{t}</a></div><div class="dd_time">6-{d} 10:2{n}</div></li>', '<div class="content_list"><ul>{}</ul></div>'),
    "chinanews_rss": feed,
    "rmlt_idea": rows('<li><div class="tit"><a href="http://www.rmlt.com.cn/2031/061{n}/90000{n}.shtml">{t}</a></div><p class="sm">摘要一句话，讲到二〇三〇年的做法和体会。</p><span>2031-06-{d}</span></li>', '<ul class="txt-list">{}</ul>'),
    "banyuetan_jinritan": rows('<li><img src="/a.jpg"><h3><a href="http://www.banyuetan.org/jrt/detail/203106{d}/100020003313604190000000000000000{n}_1.html" title="{t}">{t}</a></h3><p>摘要。</p><span class="tag3">2031-06-{d}</span></li>', '<div class="bty_tbtj_list"><ul class="clearFix">{}</ul></div>'),
    "npc_renmian": rows('<li><a href="../../c30834/203106/t203106{d}_90000{n}.html">{t}</a><span>2031-06-{d}</span></li>', '<div class="clist"><ul>{}</ul></div>'),
    "cppcc_yw": rows('<li><a href="http://www.cppcc.gov.cn/zxww/2031/06/{d}/ARTI190000000000000{n}.shtml">{t}</a><span class="time">2031-06-{d}</span></li>', '<div id="txtBox"><ul>{}</ul></div>'),
    "ahxf_gongshi": rows('<li><a href="/Home/Content/990000{n}?ClassId=236">{t}</a><span>2031-06-{d}</span></li>'),
    "zgjssw_renmian": TRS.replace(".html", ".shtml"),
    "people_paper_ban01": rows('<li><a href="../../../content/203106/1{n}/content_{n}.html">{t}</a></li>', '<ul class="news-list">{}</ul>'),
}  # fmt: skip


@pytest.fixture(scope="module")
def shipped(root: Path) -> dict[str, SourceOptions]:
    return {spec.key: spec.options for spec in config.load(root / "config.toml").sources}


def listing_of(key: str, options: SourceOptions) -> Listing:
    shape = SHAPES[key]
    body = (shape if isinstance(shape, str) else shape()).encode()
    now = datetime(2031, 6, 20, 4, tzinfo=UTC)
    return read(Page(options.url, options.url, 200, (), body, now), options)


@pytest.mark.parametrize("key", SHAPES)
def test_a_shipped_source_reads_its_site(key: str, shipped: dict[str, SourceOptions]) -> None:
    listing = listing_of(key, shipped[key])
    assert [s.title for s in listing.sightings] == TITLES
    days = [
        s.published.instant.date().isoformat() if s.published else "" for s in listing.sightings
    ]
    expected = [f"2031-06-1{n}" for n in range(5)]
    # The paper's address is dated; its list shows no date, and needs none.
    assert days == expected
    own = host(shipped[key].url).removeprefix("www.")
    assert all(host(s.url).removeprefix("www.") == own for s in listing.sightings)


def test_each_site_has_a_shape(shipped: dict[str, SourceOptions]) -> None:
    families = {key.partition("_")[0] for key in SHAPES}
    assert {key.partition("_")[0] for key in shipped} == families


def test_qstheory_links_start_at_the_root(shipped: dict[str, SourceOptions]) -> None:
    first = listing_of("qstheory_cpc", shipped["qstheory_cpc"]).sightings[0]
    assert first.url == f"http://www.qstheory.cn/20310610/{HEX[0]}/c.html"


@pytest.mark.parametrize(
    ("key", "second"),
    [
        ("people_cpc_gundong", "http://cpc.people.com.cn/GB/64093/64387/index2.html"),
        ("zgjssw_renmian", "https://www.zgjssw.gov.cn/fabuting/renmian/index_1.shtml"),
        ("gmw_yaowen", "https://dangjian.gmw.cn/node_11941_2.htm"),
        ("ahxf_gongshi", "https://www.ahxf.gov.cn/Home/List/?Id=236&page=2"),
        ("chinanews_gundong", "https://www.chinanews.com.cn/scroll-news/news2.html"),
        ("cctv_china", "https://news.cctv.com/2019/07/gaiban/cmsdatainterface/page/china_2.jsonp"),
    ],
)
def test_older_pages_are_where_the_sites_keep_them(
    key: str, second: str, shipped: dict[str, SourceOptions]
) -> None:
    assert page_urls(shipped[key].url, shipped[key].paging, 2) == second


def test_the_script_interface_is_paged_by_its_query(shipped: dict[str, SourceOptions]) -> None:
    options = shipped["dangjian_llqd"]
    second = page_urls(options.url, options.paging, 2)
    assert "page=2" in second
    assert "page=1" not in second
    assert "subjectId=50754" in second
