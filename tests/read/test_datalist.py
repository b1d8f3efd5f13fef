"""Lists held as data, in the shapes of the known systems. All texts and numbers are invented."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import DataRule, SourceOptions
from aggregator.errors import ReadError
from aggregator.model import Listing, Page
from aggregator.read import read

URL = "http://www.example.cn/col/data/list.js"
OPTIONS = SourceOptions(url=URL, kind="data")
HEX = "0123456789abcdef0123456789abcdef"


def listed(
    body: str | bytes, rule: DataRule | None = None, url: str = URL, **more: object
) -> Listing:
    data = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
    page = Page(url, url, 200, (), data, datetime(2031, 6, 20, 4, tzinfo=UTC))
    options = replace(OPTIONS, data=rule or DataRule(), **more)  # type: ignore[arg-type]  # keywords of the test
    return read(page, options)


def failure(body: str | bytes, rule: DataRule | None = None, **more: object) -> ReadError:
    with pytest.raises(ReadError) as caught:
        listed(body, rule, **more)
    return caught.value


def dates(listing: Listing) -> list[str]:
    return [s.published.instant.isoformat() if s.published else "" for s in listing.sightings]


# The inline array of the CNTV family, in a page; quotes of both kinds.
INLINE = """<!DOCTYPE html><html><head><title>最新发布</title></head><body><div id="list"></div>
<script language="javascript">
var itemcount=2; // page 1
item=[{'title':'把“两个\\'清单\\'”做成"一张网"','brief':'2031-06-18 09:30:00','link_add':'https://www.example.cn/2031/06/18/ARTI1940000000000001.shtml'},
{'title':'山村里的流动党校','brief':'2031-06-17 08:00:00','link_add':'/2031/06/17/ARTI1940000000000002.shtml',},];
</script></body></html>"""


@pytest.mark.parametrize("variable", ["item", ""])
def test_an_array_inside_a_page(variable: str) -> None:
    listing = listed(INLINE, DataRule(variable=variable, date=("brief",)))
    assert listing.format == "js"
    assert [s.title for s in listing.sightings] == [
        "把“两个'清单'”做成\"一张网\"",
        "山村里的流动党校",
    ]
    assert listing.sightings[1].url == "http://www.example.cn/2031/06/17/ARTI1940000000000002.shtml"
    assert dates(listing)[0] == "2031-06-18T09:30:00+08:00"


# The script interface of the MI4 family.
MI4 = """var _totalCnt = 41, _totalPage=2;var _currPage=1;
var MI4_PAGE_ARTICLE=[{"miArticleId":19007199254740993001,"title":"乡镇党校的新课表","url":"/gddj/2031/06/18/detail_203106180000001.html",
"external_link":"","pub_date":"2031-06-18 10:12","miOrigin":"某某日报","miAuthor":"张某","miRespAuthor":"李某","miSummary":"摘要。","subtitle":"来自三个县的调查","subNm":"各地党建"},
{"title":"转载：一次座谈会","url":"/gddj/2031/06/17/detail_203106170000002.html","external_link":"http://other.example.org/n1/2031/0617/c1-90000009.html","pub_date":"2031-06-17"}];"""


def test_the_script_of_an_interface() -> None:
    rule = DataRule(
        variable="MI4_PAGE_ARTICLE",
        source=("miOrigin",),
        author=("miAuthor",),
        editor=("miRespAuthor",),
        summary=("miSummary",),
        subtitle=("subtitle",),
        category=("subNm",),
    )
    first, second = listed(MI4, rule).sightings
    assert first.url == "http://www.example.cn/gddj/2031/06/18/detail_203106180000001.html"
    assert (first.source, first.authors, first.editor) == ("某某日报", ("张某",), "李某")
    assert (first.subtitle, first.summary, first.categories) == (
        "来自三个县的调查",
        "摘要。",
        ("各地党建",),
    )
    assert second.url == "http://other.example.org/n1/2031/0617/c1-90000009.html"
    assert second.source == ""
    assert [s.url for s in listed(MI4).sightings] == [first.url, second.url]


# The ds_<id>.json of the Xinhua family: titles that are links, rows that hold several articles.
DATASOURCE = json.dumps(
    {
        "datasource": [
            {"contentId": f"20310618{HEX}", "showTitle": "夏收时节的党旗", "publishUrl": f"../20310618/{HEX}/c.html", "publishTime": "2031-06-18 07:01:02", "author": "王某", "titleImages": [{"imageUrl": "/p/1.jpg"}]},
            {"contentType": "Link", "showTitle": "<a href='https://www.example.cn/20310617/aaaa89abcdef0123456789abcdef0123/c.html'>一条&ldquo;带链接&rdquo;的标题</a>", "publishTime": "2031-06-17 07:00:00"},
            {"contentType": "Link", "title": "组合", "publishUrl": "/zt/", "publishTime": "2031-06-16 07:00:00", "linkUrls": [
                {"linkTitle": "专题 |", "linkUrl": "http://www.example.cn/zt/x/"},
                {"linkTitle": "第一篇组合文章", "linkUrl": "http://www.example.cn/20310616/bbbb89abcdef0123456789abcdef0123/c.html"},
                {"linkTitle": "第二篇组合文章", "linkUrl": "http://www.example.cn/20310616/cccc89abcdef0123456789abcdef0123/c.html"},
                {"linkTitle": "全文", "linkUrl": "http://www.example.cn/20310616/dddd89abcdef0123456789abcdef0123/c.html"}]},
        ]
    }
)  # fmt: skip
XINHUA = DataRule(items="datasource", links="linkUrls", author=("author",), image=("titleImages.0.imageUrl",))  # fmt: skip


def test_rows_of_a_datasource() -> None:
    listing = listed(DATASOURCE, XINHUA, url="http://www.example.cn/politics/ds_1.json")
    assert listing.format == "json"
    assert [s.title for s in listing.sightings] == ["夏收时节的党旗", "一条“带链接”的标题", "第一篇组合文章", "第二篇组合文章"]  # fmt: skip
    first = listing.sightings[0]
    assert first.url == f"http://www.example.cn/20310618/{HEX}/c.html"
    assert first.image == "http://www.example.cn/p/1.jpg"
    assert first.authors == ("王某",)
    assert dates(listing)[2] == "2031-06-16T07:00:00+08:00"


def test_a_page_names_its_data_file() -> None:
    rule = replace(XINHUA, file=r'data="datasource:([0-9a-f]{32})"', file_url="ds_{1}.json")
    page = f'<!DOCTYPE html><html><ul class="wz-list" data="datasource:{HEX}"></ul></html>'
    listing = listed(page, rule, url="http://www.example.cn/politics/index.html")
    assert listing.sightings == ()
    assert listing.next_page == f"http://www.example.cn/politics/ds_{HEX}.json"
    assert len(listed(DATASOURCE, rule, url=listing.next_page).sightings) == 4
    error = failure("<html><ul></ul></html>", rule)
    assert error.code == "not-a-list"
    assert "names no data file" in error.message


# A search interface that marks hits, counts in milliseconds and sends the whole text.
SEARCH = """{"code":"0","data":{"records":[{"id":1000090000001,"title":"<em>党建</em>引领基层治理&nbsp;&amp;创新","url":"http:\\/\\/cpc.example.cn\\/n1\\/2031\\/0618\\/c1-90000001.html",
"displayTime":1939500000000,"originName":"示例网","contentOriginal":"<p>正文第一段。</p>"}],"total":1}}"""


@pytest.mark.parametrize("items", ["data.records", ""])
def test_a_search_interface(items: str) -> None:
    rule = DataRule(
        items=items, date=("displayTime",), source=("originName",), content=("contentOriginal",)
    )
    (one,) = listed(SEARCH, rule).sightings
    assert one.title == "党建引领基层治理 &创新"
    assert one.content == "<p>正文第一段。</p>"
    assert one.published
    assert one.published.instant == datetime.fromtimestamp(1939500000, UTC)


def test_jsonp() -> None:
    body = '/**/china({"data":{"total":1,"list":[{"title":"一条新闻的标题","url":"https://news.example.com/2031/06/18/ARTIabcdefghijklmnopqrst310618.shtml","focus_date":"2031-06-18 11:05:09"}]}})'
    listing = listed(body, DataRule(items="data.list", date=("focus_date",)))
    assert listing.format == "jsonp"
    assert dates(listing) == ["2031-06-18T11:05:09+08:00"]


def test_an_address_built_from_the_row_keeps_every_digit() -> None:
    rule = DataRule(template="https://www.example.cn/lgpage/detail/index.html?id={itemId}")
    body = '[{"itemId":19007199254740993001,"title":"甲乙","publishTime":"2031-06-18"},{"title":"没有编号","x":"y"}]'
    assert [s.url for s in listed(body, rule).sightings] == ["https://www.example.cn/lgpage/detail/index.html?id=19007199254740993001"]  # fmt: skip


# The data island of 大汉 jpage.
ISLAND = """<div id="1861"><script type="text/xml"><datastore><nextgroup><![CDATA[<a href="/m/1.jsp"></a>]]></nextgroup><recordset>
<record><![CDATA[<li><a href="/art/2031/6/18/art_1861_900498.html" title="干部任前公示（第九号）" target="_blank">干部任前公示…</a><b>2031-06-18</b></li>]]></record>
<record><![CDATA[<tr><td><a href='http://www.example.cn/art/2031/6/17/art_1861_900497.html'>一则任职通知的标题</a></td><td>2031-06-17</td></tr>]]></record>
</recordset></datastore></script></div>"""


@pytest.mark.parametrize("escape", [False, True])
def test_the_records_of_a_data_island(escape: bool) -> None:
    body = ISLAND
    if escape:
        body = "<record>&lt;li&gt;&lt;a href='/art/2031/6/18/art_1861_900498.html'&gt;干部任前公示（第九号）&lt;/a&gt;2031-06-18&lt;/li&gt;</record>"
    listing = listed(body)
    assert listing.format == "records"
    assert listing.sightings[0].url == "http://www.example.cn/art/2031/6/18/art_1861_900498.html"
    assert listing.sightings[0].title == "干部任前公示（第九号）"
    assert dates(listing)[0] == "2031-06-18T00:00:00+08:00"
    assert escape or (listing.sightings[1].title, dates(listing)[1][:10]) == (
        "一则任职通知的标题",
        "2031-06-17",
    )


def test_gbk_data_and_single_quotes() -> None:
    body = "{'rows':[{'title':'县区动态一则','url':'1.html','date':'2031年6月8日'}],}".encode("gbk")
    listing = listed(body)
    assert listing.sightings[0].title == "县区动态一则"
    assert dates(listing) == ["2031-06-08T00:00:00+08:00"]


@pytest.mark.parametrize(
    ("body", "rule", "code", "said"),
    [
        ("", DataRule(), "malformed", "no list in any variable"),
        ('{"a": [1, }', DataRule(), "malformed", "at character"),
        ("[" * 5000, DataRule(), "malformed", "nested deeper"),
        ("var a = load();", DataRule(variable="rows"), "malformed", "there is no variable 'rows'"),
        ('{"data": []}', DataRule(), "empty-list", "empty list"),
        ('{"data": {"x": 1}}', DataRule(items="data.list"), "not-a-list", "at the top there is: data"),
        ('{"data": 1}', DataRule(), "not-a-list", "data.items"),
        ('[{"title":"甲","addr":"/1.html"}]', DataRule(), "empty-list", "a row has keys title, addr"),
        ("<html><script>var a=1;</script></html>", DataRule(), "challenge", "browsers"),
        ("<html><ul><li><a href='/2031/0618/1.html'>标题</a></li></ul>" + "文" * 99 + "</html>", DataRule(), "not-a-list", 'kind = "list"'),
        ("<html><title>登录</title><input type=password></html>", DataRule(), "login", "login"),
    ],
)  # fmt: skip
def test_what_is_no_data_list_is_named(body: str, rule: DataRule, code: str, said: str) -> None:
    error = failure(body, rule)
    assert error.code == code
    assert said in error.message
    assert error.url == URL


def test_filters_hold_for_data_too() -> None:
    assert len(listed(MI4, include=("detail_",)).sightings) == 1
    assert failure(MI4, include=("nothing",)).code == "empty-list"


@given(st.text(alphabet="[]{}\"':,<>a/ 党1\\u()=;record", max_size=80))
def test_no_text_raises_anything_but_its_error(text: str) -> None:
    try:
        listing = listed(text)
    except ReadError as error:
        listing = None
        code = error.code
    if listing is None:
        assert code in {"malformed", "not-a-list", "empty-list", "challenge", "login", "moved"}


@given(st.recursive(st.none() | st.integers() | st.text(max_size=8), lambda i: st.lists(i, max_size=4) | st.dictionaries(st.sampled_from(["url", "title", "date", "data", "list"]), i, max_size=4), max_leaves=20))  # fmt: skip
def test_any_json_is_a_list_or_an_error(value: object) -> None:
    try:
        sightings = listed(json.dumps(value)).sightings
    except ReadError:
        sightings = ()
    assert all(s.url.startswith("http") for s in sightings)
