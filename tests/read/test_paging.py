"""Where page N of a list is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import Paging, SourceOptions
from aggregator.read.paging import page_body, page_urls


@pytest.mark.parametrize(
    ("url", "pattern", "second", "third"),
    [
        ("http://a.cn/GB/1/index.html", "index{n}.html", "http://a.cn/GB/1/index2.html", "http://a.cn/GB/1/index3.html"),
        ("http://a.cn/yw/", "index_{n-1}.shtml", "http://a.cn/yw/index_1.shtml", "http://a.cn/yw/index_2.shtml"),
        ("http://a.cn/node_11.htm", "node_11_{n}.htm", "http://a.cn/node_11_2.htm", "http://a.cn/node_11_3.htm"),
        ("http://a.cn/List/?Id=236", "?page={n}", "http://a.cn/List/?Id=236&page=2", "http://a.cn/List/?Id=236&page=3"),
        ("http://a.cn/List/?Id=236", "&page={n}", "http://a.cn/List/?Id=236&page=2", "http://a.cn/List/?Id=236&page=3"),
        ("http://a.cn/x.js?wbId=9&page=1&limit=25", "?page={n}", "http://a.cn/x.js?wbId=9&limit=25&page=2", "http://a.cn/x.js?wbId=9&limit=25&page=3"),
        ("http://a.cn/x?start=0", "?start={n-1}0", "http://a.cn/x?start=10", "http://a.cn/x?start=20"),
        ("http://a.cn/list?a=1", "list_{n}.html", "http://a.cn/list_2.html", "http://a.cn/list_3.html"),
        ("http://a.cn/a/", "/b/{n}/", "http://a.cn/b/2/", "http://a.cn/b/3/"),
        ("http://a.cn/a/", "https://b.cn/{n}.json", "https://b.cn/2.json", "https://b.cn/3.json"),
    ],
)  # fmt: skip
def test_patterns(url: str, pattern: str, second: str, third: str) -> None:
    paging = Paging(pattern)
    assert [page_urls(url, paging, n) for n in (1, 2, 3)] == [url, second, third]


def test_without_a_pattern_there_is_one_page() -> None:
    assert page_urls("http://a.cn/x", Paging(), 5) == "http://a.cn/x"


def test_the_page_number_in_a_body() -> None:
    options = SourceOptions(url="http://a.cn/s", method="POST", body='{"page":{n},"limit":10}')
    assert page_body(options, 3) == b'{"page":3,"limit":10}'
    assert page_body(options, 1) == b'{"page":1,"limit":10}'


@given(st.integers(2, 10_000), st.integers(2, 10_000), st.sampled_from(["index{n}.html", "?p={n}", "l_{n-1}.htm"]))  # fmt: skip
def test_different_pages_have_different_addresses(one: int, two: int, pattern: str) -> None:
    urls = {page_urls("http://a.cn/x/index.html?k=1", Paging(pattern), n) for n in (one, two)}
    assert len(urls) == len({one, two})
