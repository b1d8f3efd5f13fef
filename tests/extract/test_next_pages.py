"""Articles of several pages: which addresses follow, in every way that the templates say it."""

from __future__ import annotations

import pytest

from aggregator.extract import extract
from aggregator.model import Draft

BODY = "".join(
    f"<p>{text}</p>"
    for text in (
        "老街改造分三步走，第一步是听居民说，第二步是请居民看，第三步是让居民评。",
        "“门口的台阶改成了坡道，推婴儿车方便多了。”住在老街二十年的何小田说。",
    )
)
BASE = "https://www.example.cn/n1/2024/0305"


def following(url: str, pager: str) -> list[str]:
    html = f"<title>老街改造三步走</title><h1>老街改造三步走</h1><div>2024-03-05 08:00</div><div class=con>{BODY}{pager}</div>"
    found = extract(html.encode(), url, rules="none")
    assert isinstance(found, Draft), found
    assert "上一页" not in found.text
    assert "【2】" not in found.text
    return list(found.next_pages)


LINKED = [
    (f"{BASE}/c1-2.html", "<div>【1】<a href='c1-2-2.html'>【2】</a><a href='c1-2-3.html'>【3】</a></div>", ["c1-2-2.html", "c1-2-3.html"]),
    (f"{BASE}/t20240305_7.html", "<p><a href='t20240305_7_1.html'>2</a> <a href='t20240305_7_2.html'>3</a> <a href='t20240305_7_1.html'>下一页</a></p>", ["t20240305_7_1.html", "t20240305_7_2.html"]),
    (f"{BASE}/c1-2.html", "<p><a href='c1-2_2.html'>下一页</a></p>", ["c1-2_2.html"]),
    (f"{BASE}/c1-2_2.html", "<p><a href='c1-2.html'>上一页</a> <a href='c1-2_3.html'>下一页</a></p>", ["c1-2_3.html"]),
]  # fmt: skip


@pytest.mark.parametrize(("url", "pager", "expected"), LINKED)
def test_linked_pages(url: str, pager: str, expected: list[str]) -> None:
    assert following(url, pager) == [f"{BASE}/{name}" for name in expected]


CALLED = [
    (f"{BASE}/t20240305_7.shtml", "<script>createPageHTML(3, 0, 't20240305_7', 'shtml');</script>", ["t20240305_7_1.shtml", "t20240305_7_2.shtml"]),
    (f"{BASE}/t20240305_7.htm", '<script>createPageHTML(2,0,"t20240305_7","htm",0)</script>', ["t20240305_7_1.htm"]),
    (f"{BASE}/t20240305_7.htm", "<script>var countPage = 3; var currentPage = 0;</script>", ["t20240305_7_1.htm", "t20240305_7_2.htm"]),
    (f"{BASE}/content_7.htm", "<script>function manuscriptPage_2(){} function manuscriptPage_3(){}</script>", ["content_7_2.htm", "content_7_3.htm"]),
]  # fmt: skip


@pytest.mark.parametrize(("url", "script", "expected"), CALLED)
def test_pages_named_by_a_script(url: str, script: str, expected: list[str]) -> None:
    assert following(url, script) == [f"{BASE}/{name}" for name in expected]


NONE = [
    (f"{BASE}/t20240305_7.html", "<script>createPageHTML(20, 0, 'index', 'html');</script>"),
    (f"{BASE}/t20240305_7.html", "<script>createPageHTML(1, 0, 't20240305_7', 'html');</script>"),
    (
        f"{BASE}/t20240305_7.html",
        "<p><a href='t20240304_5.html'>下一页</a> <a href='/2.html'>2</a></p>",
    ),
    (f"{BASE}/t20240305_7.html", "<script>var countPage = 1</script>"),
    (f"{BASE}/", "<p><a href='2.html'>2</a></p>"),
    ("", "<p><a href='c1-2-2.html'>2</a></p>"),
]


@pytest.mark.parametrize(("url", "pager"), NONE)
def test_no_page_is_made_up(url: str, pager: str) -> None:
    assert following(url, pager) == []


def test_the_number_of_pages_is_bounded() -> None:
    script = "<script>createPageHTML(900, 0, 't20240305_7', 'html')</script>"
    assert len(following(f"{BASE}/t20240305_7.html", script)) == 49
