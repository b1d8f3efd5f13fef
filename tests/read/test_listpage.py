"""List pages through the public reader: selectors, filters, bases, next pages, named errors."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.config import ListRule, SourceOptions
from aggregator.errors import ReadError
from aggregator.model import Listing, Page, Precision
from aggregator.read import read

URL = "http://dj.example.cn/GB/64093/index.html"
OPTIONS = SourceOptions(url=URL, kind="list")

# The shape of a channel page of the people family.
PEOPLE = """<html><head><title>综合报道--示例网</title><meta charset="gb2312"></head><body>
<div class="nav"><a href="/GB/1/index.html">首页</a><a href="/GB/2/index.html">高层动态栏目</a></div>
<div class="p2j_con02 clearfix"><div class="fl"><ul>
<li><a href="/n1/2031/0618/c64387-90000004.html">双<em>百</em>活动走进北村</a><i class="gray">2031年06月18日</i></li>
<li><a href='/n1/2031/0618/c64387-90000003.html' title="支部建在产业链上，党员聚在一线中">支部建在产业链上…</a><i class="gray">2031年06月18日</i></li>
<li><a href="http://other.example.cn/n1/2031/0617/c1-90000002.html">另一频道转来的一篇文章</a><i class="gray">2031年06月17日</i></li>
<li><a href="/BIG5/n1/2031/0618/c64387-90000004.html">雙百活動走進北村</a><i class="gray">2031年06月18日</i></li>
<li><a href="javascript:void(0)">没有地址的一行标题</a><i class="gray">2031年06月16日</i></li>
</ul></div></div><div class="page_n"><a href="index2.html">2</a><a href="index2.html">下一页</a></div></body></html>"""


def page(body: str | bytes, url: str = URL, content_type: str = "text/html") -> Page:
    data = body if isinstance(body, bytes) else body.encode()
    now = datetime(2031, 6, 20, 4, tzinfo=UTC)
    return Page(url, url, 200, (("content-type", content_type),), data, now)


def listed(body: str | bytes, options: SourceOptions = OPTIONS, **more: str) -> Listing:
    return read(page(body, **more), options)


def failure(body: str | bytes, options: SourceOptions = OPTIONS, **more: str) -> ReadError:
    with pytest.raises(ReadError) as caught:
        listed(body, options, **more)
    return caught.value


def people(rule: ListRule) -> SourceOptions:
    return replace(OPTIONS, list=rule)


@pytest.mark.parametrize(
    "rule",
    [
        ListRule(),
        ListRule(item=".p2j_con02 li"),
        ListRule(item=".p2j_con02 li a"),
        ListRule(item=".p2j_con02 li", link="a", title="a", date="i"),
    ],
)
def test_rows_links_or_nothing_may_be_selected(rule: ListRule) -> None:
    listing = listed(PEOPLE.encode("gb18030"), people(rule))
    first, second, third, fourth = listing.sightings
    assert listing.format == "html"
    assert listing.title == "综合报道--示例网"
    assert listing.next_page == "http://dj.example.cn/GB/64093/index2.html"
    assert listing.encoding.startswith("gb18030")
    assert first.url == "http://dj.example.cn/n1/2031/0618/c64387-90000004.html"
    assert first.title.replace(" ", "") == "双百活动走进北村"
    assert first.published
    assert first.published.text == "2031年06月18日"
    assert first.published.precision is Precision.DAY
    assert first.published.instant.isoformat() == "2031-06-18T00:00:00+08:00"
    assert third.url == "http://other.example.cn/n1/2031/0617/c1-90000002.html"
    assert [s.position for s in listing.sightings] == [0, 1, 2, 3]
    if not rule.title:
        assert second.title == "支部建在产业链上，党员聚在一线中"
    assert fourth.title == "雙百活動走進北村"


def test_mirrors_of_one_article_are_one_item() -> None:
    body = PEOPLE.replace("dj.example.cn", "cpc.people.com.cn")
    listing = listed(body, url="http://cpc.people.com.cn/GB/64093/index.html")
    assert [s.title for s in listing.sightings][-1] == "另一频道转来的一篇文章"


def test_parts_of_a_row_can_be_dropped() -> None:
    options = people(ListRule(item=".p2j_con02 li", drop=("em",)))
    assert listed(PEOPLE, options).sightings[0].title == "双活动走进北村"


def test_include_and_exclude_look_at_the_address() -> None:
    only = replace(OPTIONS, include=(r"^http://dj\.example\.cn/n1/",), exclude=(r"0003\.html$",))
    assert [s.url[-13:] for s in listed(PEOPLE, only).sightings] == ["90000004.html"]
    none = replace(OPTIONS, include=("/n9/",))
    error = failure(PEOPLE, none)
    assert error.code == "empty-list"
    assert "include and exclude" in error.message


def test_too_many_items_are_cut_and_said() -> None:
    listing = listed(PEOPLE, replace(OPTIONS, max_items=2))
    assert len(listing.sightings) == 2
    assert "max_items" in listing.warnings[0]


ROWS = "".join(
    f'<li><a href="20310618/{n:032x}/c.html">求索杂志刊发的第{n}篇理论文章</a></li>'
    for n in range(1, 6)
)


def test_links_meant_from_the_root_need_a_base() -> None:
    page_url = "http://qs.example.cn/cpc/index.htm"
    wrong = listed(f"<ul>{ROWS}</ul>", url=page_url).sightings[0].url
    assert wrong == f"http://qs.example.cn/cpc/20310618/{1:032x}/c.html"
    options = replace(OPTIONS, base="http://qs.example.cn/")
    right = listed(f"<ul>{ROWS}</ul>", options, url=page_url).sightings[0].url
    assert right == f"http://qs.example.cn/20310618/{1:032x}/c.html"


def test_the_base_element_counts() -> None:
    body = f'<html><head><base href="//static.example.cn/x/"></head><body><ul>{ROWS}</ul></body></html>'
    assert listed(body).sightings[0].url.startswith("http://static.example.cn/x/20310618/")


def test_text_behind_an_early_end_is_read() -> None:
    body = f"<html><body><p>头部</p></body></html><ul>{ROWS}</ul></html>"
    assert len(listed(body).sightings) == 5


@pytest.mark.parametrize(
    ("tail", "following"),
    [
        ('<a rel="next" href="?p=2">更早</a>', "http://dj.example.cn/GB/64093/index.html?p=2"),
        ('<a href="list_2.html">下页&gt;&gt;</a>', "http://dj.example.cn/GB/64093/list_2.html"),
        ('<a href="javascript:go(2)">下一页</a>', ""),
        ('<a href="index.html">下一页</a>', ""),
        ('<script>createPageHTML(21, 0, "index", "shtml");</script>', "http://dj.example.cn/GB/64093/index_1.shtml"),
        ('<script>createPageHTML(21, 20, "index", "html");</script>', ""),
    ],
)  # fmt: skip
def test_the_next_page(tail: str, following: str) -> None:
    assert listed(f"<ul>{ROWS}</ul>{tail}").next_page == following


def test_the_next_page_can_be_selected() -> None:
    options = people(ListRule(next=".older a"))
    body = f'<ul>{ROWS}</ul><p class="older"><a href="a9.html">更早的</a></p><a href="b.html">下一页</a>'
    assert listed(body, options).next_page == "http://dj.example.cn/GB/64093/a9.html"


SCRIPT = "<script>" + "var a=1;" * 60 + "</script>"


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ("", "not-a-list", "empty"),
        ('{"list": []}', "not-a-list", 'kind = "data"'),
        ("callback([1])", "not-a-list", 'kind = "data"'),
        ("<?xml version='1.0'?><rss version='2.0'><channel/></rss>", "not-a-list", 'kind = "feed"'),
        ("\0\1\2" * 99, "not-a-list", "no HTML"),
        ('<html><head><meta http-equiv="Refresh" content="0; URL=./64387/"></head></html>', "moved", "http://dj.example.cn/GB/64093/64387/"),
        ('<script>window.location.href="/new/index.html"</script>', "moved", "http://dj.example.cn/new/index.html"),
        (f"<html><head>{SCRIPT}</head><body></body></html>", "challenge", "checks for browsers"),
        ('<html><script>document.cookie="k=1";location.href="/";</script></html>', "challenge", "browsers"),
        (f"<html><body>请稍候，正在进行安全验证{SCRIPT * 40}</body></html>", "challenge", "browsers"),
        ('<html><title>统一登录</title><form><input type="password"></form></html>', "login", "not public"),
        ('<html><body><div id="app"></div><script src="/a.js"></script></body></html>', "not-a-list", "drawn by scripts"),
        ("<html><body><p>一篇文章的正文，没有列表。</p></body></html>", "not-a-list", "list.item"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_named(body: str, code: str, said: str) -> None:
    error = failure(body)
    assert error.code == code
    assert said in error.message
    assert error.url == URL


def test_a_page_that_only_reloads_itself_has_not_moved() -> None:
    head = '<meta http-equiv="refresh" content="300; url=index.html">'
    assert len(listed(f"<html><head>{head}</head><ul>{ROWS}</ul></html>").sightings) == 5


def test_a_selector_that_finds_nothing_is_said() -> None:
    error = failure(PEOPLE, people(ListRule(item=".newlist li")))
    assert error.code == "empty-list"
    assert "'.newlist li' finds nothing" in error.message
    error = failure(PEOPLE, people(ListRule(item=".p2j_con02 li i")))
    assert "no link in them" in error.message


@pytest.mark.shared
def test_saved_pages_give_their_lists(shared: Path) -> None:
    """Counts of true items per page, as counted by reading them; at most 5 % may be missing."""
    counts = {"L01": 10, "L02": 10, "L03": 20, "L04": 140, "L05": 461, "L07": 15, "L11": 42, "L12": 50, "L13": 78, "L15": 252, "L17": 6, "L18": 1}  # fmt: skip
    for name, count in counts.items():
        body = (shared / "eval" / "lists" / f"{name}.html").read_bytes()
        listing = listed(body, url="http://www.example.org/col/index.html")
        assert len(listing.sightings) >= 0.95 * count, name
