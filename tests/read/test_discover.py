"""What a page offers: the sources it is itself, and the leads to others. All texts are invented."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import DataRule, SourceOptions, source_spec
from aggregator.config.edit import options_table
from aggregator.model import Page
from aggregator.read.datashape import data_rules
from aggregator.read.discover import Look, look, paging_pattern, ranked, suggest_key
from aggregator.read.leads import Lead, address_leads, page_leads, robots_leads

ROOT = "http://www.pioneer.example.cn"
URL = f"{ROOT}/djyw/index.html"
NOW = datetime(2031, 6, 20, 4, tzinfo=UTC)
TITLES = [f"石桥镇第{n}党支部开展主题党日活动" for n in "一二三四五六七八九"]


def looked(body: str | bytes, url: str = URL, lead: Lead | None = None) -> Look:
    data = body if isinstance(body, bytes) else body.encode()
    return look(Page(url, url, 200, (), data, NOW), lead or Lead(url, "as asked", 100))


def html(body: str, title: str = "党建要闻_石桥先锋网", head: str = "") -> str:
    return f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>"


def rows(folder: str = "./202106/", dates: bool = True) -> str:
    return "<ul>" + "".join(
        f'<li><a href="{folder}t20310618_{100 + n}.html">{title}</a>'
        + (f"<span>2031-06-{18 - n:02}</span>" if dates else "")
        + "</li>"
        for n, title in enumerate(TITLES)
    ) + "</ul>"  # fmt: skip


# ---------------------------------------------------------------- what a page is itself


def test_a_column_page_is_a_list_with_name_column_and_paging() -> None:
    (found,) = looked(
        html(rows() + '<script>createPageHTML(5, 0, "index", "html");</script>')
    ).candidates
    assert (found.options.kind, found.items, found.dated) == ("list", 9, 1.0)
    assert (found.options.name, found.options.column) == ("石桥先锋网·党建要闻", "党建要闻")
    assert found.options.paging.pattern == "index_{n-1}.html"
    assert found.newest is not None
    assert found.newest.date().isoformat() == "2031-06-18"
    assert found.samples[0] == TITLES[0]


def test_feed_sitemap_and_rubbish_are_told_apart() -> None:
    item = f"<item><title>{TITLES[0]}</title><link>{ROOT}/a/1.html</link></item>"
    feed = looked(
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>先锋</title>{item}</channel></rss>'
    )
    assert [c.options.kind for c in feed.candidates] == ["feed"]
    entry = f"<url><loc>{ROOT}/a/20310618/1001.html</loc><lastmod>2031-06-18</lastmod></url>"
    sitemap = looked(f"<urlset>{entry}{entry.replace('1001', '1002')}</urlset>")
    assert [c.options.kind for c in sitemap.candidates] == ["sitemap"]
    index = looked(f"<sitemapindex><sitemap><loc>{ROOT}/s1.xml</loc></sitemap></sitemapindex>")
    assert [lead.url for lead in index.leads] == [f"{ROOT}/s1.xml"]
    for body in ("", "\0\1\2", "hello", "{", "<html></html>", b"\x1f\x8bxx"):
        assert not looked(body).candidates
        assert looked(body).refused


def test_robots_names_sitemaps() -> None:
    text = (
        "User-agent: *\nSitemap: /map.xml\nSITEMAP: http://other.example/x.xml\nSitemap: ftp://x/\n"
    )
    assert [lead.url for lead in robots_leads(text, f"{ROOT}/robots.txt")] == [
        f"{ROOT}/map.xml",
        "http://other.example/x.xml",
    ]
    assert len(looked(text, f"{ROOT}/robots.txt").leads) == 2


# ---------------------------------------------------------------- data


def data_row(n: int, **keys: object) -> dict[str, object]:
    return {"headline": TITLES[n], "addr": f"/c/2031/0618/{1000 + n}.html", **keys}


def test_the_rule_for_unknown_keys_is_found_by_their_values() -> None:
    table = [
        data_row(n, id=str(1_700_000_000 + n), shown="2031-06-18 09:00", pic="/i/20310618.png",
                 brief="一句话" * 30 + "2031年6月1日")
        for n in range(5)
    ]  # fmt: skip
    text = json.dumps({"code": 0, "result": {"rows": table, "tags": [{"t": "x"}]}})
    (rule,) = data_rules(text, URL)
    assert rule == DataRule(
        items="result.rows", url=("addr",), title=("headline",), date=("shown",)
    )
    (found,) = looked(text, f"{ROOT}/list_1.json").candidates
    assert (found.items, found.dated, found.samples[0]) == (5, 1.0, TITLES[0])
    assert found.options.paging.pattern == "list_{n}.json"


@pytest.mark.parametrize(
    ("text", "variable"),
    [
        ("var LIST=[{rows}];", "LIST"),
        ("cb({{'data': [{rows}]}})", ""),
        (
            "<html><body><div id=x></div><script>var a = 1; item=[{rows}];</script></body></html>",
            "item",
        ),
    ],
)
def test_data_in_scripts_and_pages_is_found(text: str, variable: str) -> None:
    listed = ",".join(
        f"{{'title':'{t}','link_add':'/2031/06/18/ARTI190000000000000{n}.shtml','brief':'2031-06-18 09:0{n}:00'}}"
        for n, t in enumerate(TITLES)
    )
    (found,) = looked(text.format(rows=listed), f"{ROOT}/zxfb/").candidates
    assert found.options.data.variable == variable
    assert found.options.data.date == ("brief",)
    assert (found.options.kind, found.items, found.dated) == ("data", 9, 1.0)


def test_rows_that_lead_nowhere_are_no_list() -> None:
    assert not data_rules(json.dumps([{"title": t, "n": 1} for t in TITLES]), URL)
    assert not data_rules(
        json.dumps([{"url": f"/a/{n}00000.html", "w": "x"} for n in range(5)]), URL
    )
    assert not data_rules("var x = [1, 2, 3]; var y = {};", URL)


@given(st.text(max_size=300) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda x: st.lists(x, max_size=4) | st.dictionaries(st.text(max_size=8), x, max_size=4),
    max_leaves=20,
).map(json.dumps))  # fmt: skip
def test_no_text_breaks_looking(text: str) -> None:
    seen = looked(text.encode("utf-8", "replace"))
    assert bool(seen.candidates) != bool(seen.refused)
    for one in seen.candidates:
        assert source_spec("k", options_table(one.options), "test").options == one.options


# ---------------------------------------------------------------- leads


def leads(body: str, url: str = URL) -> dict[str, Lead]:
    return {lead.url.removeprefix(ROOT): lead for lead in page_leads(body, url)}


def test_feeds_are_named_by_elements_and_links() -> None:
    head = '<link rel="alternate" type="application/atom+xml" href="/f?id=1&amp;x=2">'
    found = leads(html('<a href="/rss/dj.xml">RSS 订阅</a><a href="/s?q=feed">x</a>', head=head))
    assert found["/f?id=1&x=2"].weight == 100
    assert found["/rss/dj.xml"].accept == "feed"
    assert "/s?q=feed" not in found


def test_data_files_are_named_by_attributes_and_scripts() -> None:
    hexed = "0123456789abcdef" * 2
    found = leads(
        html(
            f'<ul data="datasource:{hexed}"></ul><script src="/js/jquery.js"></script>'
            "<script>var wbId = 7, subjectId='30021'; load('data/list_1.jsonp?v=2');"
            'x = "\\/lgdata\\/abc.json"; y = "/a/" + n + ".json";</script>'
            '<script src="./newslist.js"></script>'
        )
    )
    assert [url for url, lead in found.items() if lead.accept == "data"] == [
        f"/djyw/ds_{hexed}.json",
        "/mi4-rest-api/pageArticles.js?wbId=7&subjectId=30021&page=1&limit=25",
        "/djyw/data/list_1.jsonp?v=2",
        "/lgdata/abc.json",
        "/djyw/newslist.js",
    ]


@pytest.mark.parametrize(
    "crumbs",
    [
        '<div class="crumb"><a href="/">首页</a> &gt; <a href="/zzgz/">组织工作</a> &gt; <a href="./">干部</a></div>',
        '<td>您的位置：<a href="/">首页</a>-<a href="/zzgz/">组织工作</a>-<a href="./">干部</a></td>',
        '<div class="path"></div><p>当前位置 <a href="/">网站首页</a><a href="/zzgz/">组织工作</a><a href="./">干部</a></p>',
    ],
)
def test_an_article_leads_up_its_breadcrumb(crumbs: str) -> None:
    url = f"{ROOT}/zzgz/gb/t20310618_101.html"
    found = leads(html(f"<table>{crumbs}</table>" if "<td" in crumbs else crumbs), url)
    assert [(u, lead.name) for u, lead in found.items()][:2] == [
        ("/zzgz/gb/", "干部"),
        ("/zzgz/", "组织工作"),
    ]


def test_columns_come_with_their_names_and_the_rest_stays_out() -> None:
    body = (
        '<a href="/">首页</a><a href="/about.html">关于我们</a><a href="/login">登录</a>'
        '<a href="/djyw/">党建要闻</a><a href="/wh/">文化</a><a href="/t/202106/t20310618_1.html">党建动态</a>'
        '<a href="http://other.example/dj/">党建</a><a href="/a.pdf">党员名册</a>'
        '<h3><a href="/gs/">公示公告</a></h3><a href="/rs/">更多&gt;&gt;</a><a href="javascript:">新闻</a>'
    )
    found = leads(html(body), ROOT + "/")
    columns = [(u, lead.name) for u, lead in found.items() if lead.why == "a column of the site"]
    assert columns == [("/gs/", "公示公告"), ("/djyw/", "党建要闻"), ("/rs/", ""), ("/wh/", "文化")]


def test_an_address_alone_leads_up() -> None:
    found = [
        lead.url.removeprefix(ROOT)
        for lead in address_leads(f"{ROOT}/dj/yw/202106/t20310618_1.html")
    ]
    assert found[:3] == ["/", "/dj/yw/", "/dj/"]
    assert {"/robots.txt", "/sitemap.xml", "/rss.xml"} < set(found)


# ---------------------------------------------------------------- ranking and keys


def test_the_list_that_holds_the_article_comes_first() -> None:
    column = looked(html(rows())).candidates
    other = looked(html(rows().replace("_10", "_90")), f"{ROOT}/other/").candidates
    article = f"{ROOT}/djyw/202106/t20310618_103.html"
    assert ranked([*other, *column], [article])[0].options.url == URL
    assert ranked([*column, *other], [f"{ROOT}/other/"])[0].options.url == f"{ROOT}/other/"


def test_old_undated_and_front_page_lists_stand_behind() -> None:
    good = looked(html(rows())).candidates[0].score
    undated = rows(dates=False).replace("t20310618_", "detail_8800")
    assert looked(html(undated), f"{ROOT}/x/").candidates[0].score < good
    assert looked(html(rows("/djyw/202106/")), ROOT + "/").candidates[0].score < good
    assert looked(html(rows().replace("2031-", "2026-"))).candidates[0].score < good / 2


def test_one_list_at_two_addresses_is_shown_once() -> None:
    here = looked(html(rows("/djyw/202106/"))).candidates
    there = looked(html(rows("/djyw/202106/")), f"{ROOT}/index/djyw.html").candidates
    assert len(ranked([*here, *there], [])) == 1


@pytest.mark.parametrize(
    ("url", "second", "pattern"),
    [
        (URL, f"{ROOT}/djyw/index_1.html", "index_{n-1}.html"),
        (f"{ROOT}/djyw/", f"{ROOT}/djyw/index2.html", "index{n}.html"),
        (f"{ROOT}/l.aspx?id=7", f"{ROOT}/l.aspx?id=7&page=2", "?id=7&page={n}"),
        (f"{ROOT}/l.aspx?id=7", f"{ROOT}/l.aspx?id=7&page=12", ""),
        (URL, f"{ROOT}/djyw/node_11936_2.htm", "node_11936_{n}.htm"),
        (URL, f"{ROOT}/other/2.html", ""),
        (URL, "http://other.example/djyw/index_1.html", ""),
        (URL, f"{ROOT}/djyw/next.html", ""),
    ],
)
def test_the_second_page_tells_how_pages_are_counted(url: str, second: str, pattern: str) -> None:
    assert paging_pattern(url, second) == pattern


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://www.ccdi.gov.cn/yaowenn/", "ccdi_yaowenn"),
        ("http://dangjian.people.com.cn/GB/394443/index.html", "people_dangjian_gb"),
        ("https://www.example.org/rss.xml", "example"),
        ("http://127.0.0.1:8001/djyw/index.html", "site_djyw"),
        ("http://测试.example/党建/", "example"),
    ],
)
def test_keys_are_made_of_host_and_path(url: str, key: str) -> None:
    assert suggest_key(SourceOptions(url=url), ()) == key
    assert suggest_key(SourceOptions(url=url), (key, f"{key}_2")) == f"{key}_3"


@given(st.text(max_size=40))
def test_every_suggested_key_is_valid(path: str) -> None:
    key = suggest_key(SourceOptions(url=f"http://a.example/{path}"), ())
    assert source_spec(key, {"url": "http://a.example/"}, "test").key == key
