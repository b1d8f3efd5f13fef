"""Addresses: normal form, identity and joining. All numbers are invented."""

import string
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import url

HEX_A = "0123456789abcdef0123456789abcdef"
HEX_B = "fedcba9876543210fedcba9876543210"

SAME = {
    "people: channel, column, language, scheme, tracking": [
        "http://cpc.people.com.cn/n1/2031/0102/c64094-90000001.html",
        "https://theory.people.com.cn/n1/2031/0102/c40531-90000001.html",
        "https://theory.people.com.cn/BIG5/n1/2031/0102/c40531-90000001.html?utm_source=x",
        "http://cpc.people.com.cn/xuexi/n1/2031/0102/c385474-90000001-2.html",
        "http://dangshi.people.cn/n1/2031/0102/c436975-90000001.html#top",
    ],
    "people: hosted sites share the number space": [
        "http://www.qizhiwang.org.cn/n1/2031/0102/c422351-90000002.html",
        "https://www.dswxyjy.org.cn/n1/2031/0102/c423718-90000002.html",
        "http://www.zgdsw.org.cn/n1/2031/0102/c422509-90000002.html",
    ],
    "xinhua: channel, old domain, province, doubled slash": [
        f"https://www.news.cn/20310102/{HEX_A}/c.html",
        f"http://www.xinhuanet.com/politics/20310102/{HEX_A}/c.html#top",
        f"http://bj.news.cn//politics//20310102/{HEX_A}/c.html",
        f"http://big5.news.cn/gate/big5/www.news.cn/20310102/{HEX_A}/c.html",
    ],
    "xinhua before 2022": [
        "http://www.xinhuanet.com/renshi/2018-12/26/c_1900000011.htm",
        "http://www.xinhuanet.com//2018-12/26/c_1900000011.htm",
        "https://www.news.cn/politics/2018-12/26/c_1900000011.htm",
    ],
    "qstheory": [
        f"https://www.qstheory.cn/20310615/{HEX_A}/c.html",
        f"http://qstheory.cn/cpc/20310615/{HEX_A}/c.html",
    ],
    "cntv: sub-host and sharing marks": [
        "http://news.12371.cn/2031/03/22/ARTI1900000000000001.shtml",
        "https://www.12371.cn/2031/03/22/ARTI1900000000000001.shtml?from=singlemessage&isappinstalled=0",
    ],
    "gov.cn: traditional-character gate": [
        "http://big5.www.gov.cn/gate/big5/www.gov.cn/xinwen/2031-01/13/content_9900001.htm",
        "https://www.gov.cn/xinwen/2031-01/13/content_9900001.htm",
        "https://www.gov.cn/zhengce/content/203101/content_9900001.htm",
    ],
    "npc: /npc": [
        "http://www.npc.gov.cn/npc/c2/c30834/203108/t20310828_900001.html",
        "https://www.npc.gov.cn/c2/c30834/203108/t20310828_900001.html",
    ],
    "npc: /npc in a list page": [
        "http://www.npc.gov.cn/npc/c2/c12435/",
        "http://www.npc.gov.cn/c2/c12435/index.html",
    ],
    "gmw": [
        "http://politics.gmw.cn/2031-01/20/content_39900001.htm",
        "https://dangjian.gmw.cn/2031-01/20/content_39900001_2.htm",
    ],
    "mi4: four hosts of one site": [
        "http://www.dangjian.cn/xccs/2031/09/30/detail_203109300000001.html",
        "http://dangjian.com/gddj/2031/09/30/detail_203109300000001.html",
    ],
    "trs: parts of one article, column": [
        "http://www.example.gov.cn/zwdt/203105/t20310517_777.shtml",
        "https://example.gov.cn/zwdt/203105/t20310517_777_1.shtml",
        "http://m.example.gov.cn/ywtt/203105/t20310517_777.html",
    ],
    "banyuetan: parts": [
        f"http://www.banyuetan.org/jy/detail/20311022/{'12' * 17}_1.html",
        f"http://www.banyuetan.org/jy/detail/20311022/{'12' * 17}_2.html",
    ],
    "xuexi: noise beside the id": [
        "https://www.xuexi.cn/lgpage/detail/index.html?id=19007199254740993001",
        "https://www.xuexi.cn/lgpage/detail/index.html?_st=5&id=19007199254740993001&js_v=2&item_id=3",
        "http://www.xuexi.cn/lgpage/detail/?id=19007199254740993001",
    ],
    "unknown site: index file, bare folder, scheme, port, user": [
        "http://news.example.org/dj/",
        "https://news.example.org:443/dj/index.shtml",
        "http://reader:secret@NEWS.example.org.:80/dj",
        "http://m.news.example.org/dj/index.html?share_token=1&t=1900000000000",
    ],
    "unknown site: order of keys, session id, escaped ampersand": [
        "http://example.org/list?Id=236&page=2",
        "http://example.org/list;jsessionid=0AB?page=2&Id=236&spm=1.2",
        "http://example.org/list?Id=236&amp;page=2",
    ],
    "percent-encoding": [
        "http://example.org/%e5%85%9a/%7Ea%2Fb",
        "http://example.org/党/~a%2fb",
    ],
    "international names": ["http://例子.测试/a", "http://xn--fsqu00a.xn--0zwm56d/a"],
    "alias": ["https://www.jszzb.gov.cn/gbrm/x", "https://www.jsxf.gov.cn/gbrm/x"],
}

DIFFER = {
    "people: n1 and n2 are not proven to be one space": [
        "http://bj.people.com.cn/n2/2031/0911/c82838-91693712.html",
        "http://cpc.people.com.cn/n1/2031/0911/c64094-91693712.html",
    ],
    "xinhua and qstheory": [
        f"http://www.news.cn/20310615/{HEX_A}/c.html",
        f"http://www.qstheory.cn/20310615/{HEX_A}/c.html",
        f"http://www.qstheory.cn/20310615/{HEX_B}/c.html",
    ],
    "papers number their articles from 1 each day": [
        "https://paper.people.com.cn/rmrb/pc/content/203104/28/content_1.html",
        "https://paper.people.com.cn/rmrb/pc/content/203104/29/content_1.html",
        "https://epaper.gmw.cn/gmrb/html/content/203104/29/content_1.htm",
    ],
    "the key that chooses the article": [
        "https://www.ahxf.gov.cn/Home/List/?Id=236",
        "https://www.ahxf.gov.cn/Home/List/?Id=237",
        "https://www.ahxf.gov.cn/Home/List/",
    ],
    "other folders": ["http://example.org/a/index.html", "http://example.org/b/index.html"],
    "ports": ["http://example.org:8080/a", "http://example.org/a"],
    "numbers of two sites": [
        "http://bj.example.org/203105/t20310517_777.shtml",
        "http://sh.example.org/203105/t20310517_777.shtml",
    ],
    "ministries below gov.cn are no parts of www.gov.cn": [
        "http://www.gov.cn/a/content_7000001.htm",
        "http://www.moe.gov.cn/a/content_7000001.htm",
    ],
    "numbers as values of noisy keys may choose content": [
        "http://example.org/view?source=1",
        "http://example.org/view?source=2",
        "http://example.org/view?t=3",
    ],
    "routes of script pages": ["http://example.org/#/detail/1", "http://example.org/#/detail/2"],
    "case of the path": ["http://example.org/A", "http://example.org/a"],
    "escaped slash": ["http://example.org/a%2Fb", "http://example.org/a/b"],
}


@pytest.mark.parametrize("name", SAME)
def test_spellings_of_one_article_meet(name: str) -> None:
    keys = {url.identity(u) for u in SAME[name]}
    assert len(keys) == 1, keys
    assert keys != {""}


@pytest.mark.parametrize("name", DIFFER)
def test_different_articles_never_meet(name: str) -> None:
    keys = [url.identity(u) for u in DIFFER[name]]
    assert len(set(keys)) == len(keys), keys


def test_no_two_groups_share_a_key() -> None:
    keys = [url.identity(group[0]) for group in SAME.values()]
    assert len(set(keys)) == len(keys)


def test_keys_are_readable() -> None:
    assert (
        url.identity(SAME["people: hosted sites share the number space"][0]) == "people:n1:90000002"
    )
    assert url.identity("https://www.example.org/a/?b=1") == "example.org/a?b=1"


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("HTTP://Example.ORG", "http://example.org/"),
        (" \nhttp://example.org/a b\r\n", "http://example.org/a%20b"),
        ("http://example.org/a/./b/../c", "http://example.org/a/c"),
        ("http://example.org/a/..", "http://example.org/"),
        ("http://example.org/a/b/..", "http://example.org/a/"),
        ("http://example.org/a%2e%2e/%41%3a?q=%b5%b3", "http://example.org/a../A%3A?q=%B5%B3"),
        ("http://example.org/%zz%", "http://example.org/%25zz%25"),
        ("http:\\\\example.org\\a\\b?c=\\d", "http://example.org/a/b?c=%5Cd"),
        ("http://user:pw@example.org:80/#part", "http://example.org/"),
        ("https://example.org:8443/#/route", "https://example.org:8443/#/route"),
        ("http://example.org/?utm_source=a&id=1&spm=2", "http://example.org/?id=1"),
        ("http://example.org/a;jsessionid=1/b;v=2", "http://example.org/a/b;v=2"),
        ("http://[::1]:80/x", "http://[::1]/x"),
        ("http://web.example.org/20200101/http://a.example.org//b", "http://web.example.org/20200101/http://a.example.org/b"),
    ],
)  # fmt: skip
def test_normal_form(raw: str, normal: str) -> None:
    assert url.canonical(raw) == normal


@pytest.mark.parametrize(
    "bad",
    ["", "   ", "a/b.html", "javascript:void(0)", "mailto:a@example.org", "ftp://example.org/a",
     "http://", "http:///a", "http://[::1/a", "http://a:b/", "http://exa mple.org/", "http://a..b/",
     "http://" + "a" * 9000, "http://" + "党" * 300 + "/", "//example.org/a", "http://%65xample.org/"],
)  # fmt: skip
def test_bad_addresses_give_nothing(bad: str) -> None:
    assert url.canonical(bad) == url.identity(bad) == url.host(bad) == ""


def test_host_names_the_server_to_be_polite_to() -> None:
    assert url.host("http://News.Example.org:80/a") == "news.example.org"
    assert url.host("https://example.org:8443/a") == "example.org:8443"


@pytest.mark.parametrize(
    ("base", "ref", "expected"),
    [
        ("http://example.org/a/b.html", "c.html", "http://example.org/a/c.html"),
        ("http://example.org/a/b.html", "/c.html", "http://example.org/c.html"),
        ("http://example.org/a/b.html", "../../../c.html", "http://example.org/c.html"),
        ("https://example.org/a/", "//other.example.org/x", "https://other.example.org/x"),
        ("http://example.org/a/", "?page=2", "http://example.org/a/?page=2"),
        ("http://example.org/a", "#note", "http://example.org/a#note"),
        ("http://example.org/a/", "www.example.com/x.html", "http://www.example.com/x.html"),
        ("http://example.org/a/", " \n b\tc.html ", "http://example.org/a/bc.html"),
        ("http://example.org/a/", "javascript:;", ""),
        ("http://example.org/a/", "tel:12380", ""),
        ("http://example.org/a/", "http://[bad", ""),
        ("", "c.html", ""),
    ],
)
def test_join(base: str, ref: str, expected: str) -> None:
    assert url.join(base, ref) == expected


hosts = st.sampled_from(
    ["www.news.cn", "cpc.people.com.cn", "www.gov.cn", "big5.www.gov.cn", "m.example.org", "例子.cn",
     "www.12371.cn", "www.npc.gov.cn", "[::1]", "a_b.example.org:8080"]
)  # fmt: skip
tails = st.text(
    alphabet=string.ascii_letters + string.digits + "/:?#%&=;.-_~!@+\\ 党\u3000\ud800{}",
    max_size=60,
)
addresses = st.one_of(
    st.text(max_size=80),
    st.builds("{}://{}/{}".format, st.sampled_from(["http", "https", "HTTP"]), hosts, tails),
    st.builds(
        "http://{}{}?{}".format, hosts,
        st.sampled_from(["/gate/big5/www.gov.cn/a", "/npc/c2/", "/t20310101_1.html", "/index.html", "//a//../b/."]),
        st.sampled_from(["", "id=1&from=app", "t=1900000000000", "&&a", "utm_a=1;b"]),
    ),
)  # fmt: skip


@given(addresses)
def test_doing_it_twice_changes_nothing(address: str) -> None:
    once = url.canonical(address)
    assert url.canonical(once) == once
    assert url.identity(once) == url.identity(address)
    assert bool(once) == bool(url.identity(address))


@given(addresses)
def test_normal_form_is_plain_ascii_http(address: str) -> None:
    once = url.canonical(address)
    if once:
        assert once.isascii()
        assert " " not in once
        parts = urlsplit(once)
        assert parts.scheme in ("http", "https")
        assert parts.netloc == url.host(once) == url.host(address)
        assert parts.path.startswith("/")
        assert "@" not in parts.netloc


@given(addresses)
def test_scheme_never_matters_for_identity(address: str) -> None:
    once = url.canonical(address)
    if once.startswith("http:"):
        assert url.identity("https:" + once.removeprefix("http:")) == url.identity(once)


@given(st.text(max_size=80), st.text(max_size=80))
def test_join_never_raises_and_gives_http_or_nothing(base: str, ref: str) -> None:
    joined = url.join(base, ref)
    assert joined == "" or joined.startswith(("http://", "https://"))
    assert url.join("http://example.org/", joined) == (joined or "http://example.org/")


@given(st.integers(10_000_000, 10**9), st.integers(10_000_000, 10**9), st.integers(1, 10**6))
def test_people_numbers_decide_alone(one: int, two: int, column: int) -> None:
    a = f"http://cpc.people.com.cn/n1/2031/0102/c{column}-{one}.html"
    b = f"https://politics.people.com.cn/BIG5/n1/2031/0102/c1-{two}.html"
    assert (url.identity(a) == url.identity(b)) == (one == two)
