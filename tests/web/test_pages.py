"""What people see; every page, in both languages."""

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from aggregator.errors import Failure


def page(answer: Any) -> html.HtmlElement:
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return html.document_fromstring(answer.content.decode())


def text_of(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


# ------------------------------------------------------------------ all pages


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_link_of_every_page_leads_somewhere(filled: Any, language: str) -> None:
    """A walk over all our own links: each answers, none loads or runs anything from elsewhere."""
    seen: set[str] = set()
    waiting = ["/", "/search", "/search?q=%E5%9B%BE%E4%B9%A6"]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = filled.ask(path, accept_language=language)
        assert answer.status_code == 200, path
        if "html" not in answer.headers["content-type"]:
            continue
        tree = page(answer)
        _is_decent(tree, path, pictures="pictures=true" in path)
        for href in tree.xpath("//a/@href | //link/@href"):
            url = urlsplit(urljoin(f"http://127.0.0.1:8000{path}", href))
            if url.netloc == "127.0.0.1:8000" and "lang=" not in url.query:
                waiting.append(f"{url.path}?{url.query}" if url.query else url.path)
    assert len(seen) > 55


def _is_decent(tree: html.HtmlElement, path: str, *, pictures: bool) -> None:
    assert tree.xpath("//script | //style | //@style | //iframe | //object") == []
    assert [a for a in tree.xpath("//@*") if a.attrname.startswith("on")] == []
    assert bool(tree.xpath("//img")) == pictures, path
    assert len(tree.xpath("//h1")) == 1
    assert len(tree.xpath("//main")) == 1
    assert tree.get("lang") in ("zh-CN", "en")
    assert text_of(tree.find(".//title"))
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    for box in tree.xpath("//input[@type='search']"):
        assert tree.xpath(f"//label[@for='{box.get('id')}']")
    levels = [int(e.tag[1]) for e in tree.xpath("//*[self::h1 or self::h2 or self::h3]")]
    assert all(b - a <= 1 for a, b in pairwise(levels)), path
    for link in tree.xpath("//a[@target] | //a[starts-with(@href, 'javascript')]"):
        raise AssertionError(html.tostring(link))


# ------------------------------------------------------------------ lists


def test_paging_shows_every_article_once_newest_first(filled: Any) -> None:
    shown: list[str] = []
    path: str | None = "/"
    while path:
        tree = page(filled.ask(path))
        shown += tree.xpath("//ol[@class='articles']//h2/a/@href")
        path = next(iter(tree.xpath("//a[@rel='next']/@href")), None)
    assert sorted(shown) == sorted(f"/articles/{number}" for number in filled.ids.values())
    rain = [f"/articles/{filled.ids[f'rain{n}']}" for n in range(40)]
    assert [href for href in shown if href in rain] == rain


def test_an_empty_archive_says_so(build: Callable[..., Any], client: Any) -> None:
    ask = client(build().app)
    assert "存档里还没有文章" in ask("/").text
    assert "There are no articles" in ask("/", accept_language="en").text
    assert ask("/sources").status_code == 200


def test_the_articles_of_one_source(filled: Any) -> None:
    tree = page(filled.ask("/?source=b"))
    assert text_of(tree.find(".//h1")) == "来源“河口网”的文章"
    assert len(tree.xpath("//ol[@class='articles']/li")) == 2


def test_search_marks_what_was_found(filled: Any) -> None:
    tree = page(filled.ask("/search?q=借书证"))
    assert {text_of(mark) for mark in tree.xpath("//mark")} == {"借书证"}
    assert len(tree.xpath("//ol[@class='articles']/li")) == 2
    assert tree.xpath("//input[@name='q']/@value") == ["借书证"]
    assert "找到 2 篇" in text_of(tree)


def test_search_pages_follow_each_other(filled: Any) -> None:
    first = page(filled.ask("/search?q=雨量"))
    (following,) = first.xpath("//a[@rel='next']/@href")
    second = page(filled.ask(following))
    links = [tree.xpath("//ol[@class='articles']//h2/a/@href") for tree in (first, second)]
    assert not set(links[0]) & set(links[1])
    assert len(links[0]) + len(links[1]) == 40


def test_a_search_without_a_result_says_what_to_try(filled: Any) -> None:
    assert "没有找到符合条件的文章" in filled.ask("/search?q=不曾写过的词").text


@pytest.mark.parametrize(
    ("query", "said"),
    [('党建 "没有合上', "引号没有成对"), ("字" * 201, "最多 200 字"), ("，。！", "没有可找的内容"),
     (" ".join("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午"), "最多 16 个词")],
)  # fmt: skip
def test_a_search_that_cannot_be_read_shows_the_place(filled: Any, query: str, said: str) -> None:
    answer = filled.ask(f"/search?q={query}")
    assert answer.status_code == 400
    tree = page(answer)
    assert said in text_of(tree)
    assert tree.xpath("//pre//mark")
    assert "cannot be read" in filled.ask(f"/search?q={query}", accept_language="en").text


@pytest.mark.parametrize(
    "path",
    [
        "/?after=x",
        f"/?after={2**63}",
        f"/?after={-(2**63) - 1}",
        "/search?q=图书&after=x",
        "/search?q=图书&after=x&order=relevance",
    ],
)
def test_a_cursor_that_nobody_gave_out(filled: Any, path: str) -> None:
    answer = filled.ask(path)
    assert answer.status_code == 400
    assert "no cursor" in answer.text


@settings(max_examples=60, deadline=None)
@given(
    query=st.text(max_size=60),
    after=st.text(max_size=12)
    | st.integers().map(str)
    | st.sampled_from([str(sign * (2**63 + n)) for sign in (1, -1) for n in (-1, 0, 1)])
    | st.lists(st.integers(), min_size=4, max_size=4).map(lambda n: ".".join(map(str, n))),
)
def test_no_address_makes_it_fail(filled: Any, query: str, after: str) -> None:
    asked = urlencode({"q": query, "after": after}, errors="replace")
    for path in (
        f"/search?{asked}",
        f"/?{asked}",
        f"/api/v1/articles?{asked}",
        f"/api/v1/search?{asked}",
        f"/search?{asked}&order=relevance",
    ):
        assert filled.ask(path).status_code in (200, 400), path


# ------------------------------------------------------------------ articles


def test_an_article_shows_its_fields_and_why(filled: Any) -> None:
    tree = page(filled.ask(f"/articles/{filled.ids['first']}"))
    facts = {
        text_of(d.find("dt")): text_of(d.find("dd")) for d in tree.xpath("//dl[@class='facts']/div")
    }
    assert facts["来源"] == "青禾先锋"
    assert facts["作者"] == "石桥、林下（记者）"
    assert facts["编辑"] == "田野（责任编辑）"
    assert facts["发布时间"] == "2026年11月3日 11:00"
    why = text_of(tree.xpath("//details[@class='why']")[0])
    for said in ("label:来源", "来源：青禾先锋", "div.show h1", "90%", "gb18030 (declared gb2312)"):
        assert said in why


def test_a_paragraph_is_indented_once(filled: Any) -> None:
    body = page(filled.ask(f"/articles/{filled.ids['first']}")).xpath("//div[@class='body']/p")
    assert len(body) == 6
    assert all(not p.text.startswith(("\u3000", " ")) for p in body)


def test_other_appearances_with_relation_and_delay(filled: Any) -> None:
    for name in ("first", "copy"):
        tree = page(filled.ask(f"/articles/{filled.ids[name]}"))
        rows = [
            text_of(row)
            for row in tree.xpath("//section[@aria-labelledby='appearances']//tbody/tr")
        ]
        assert len(rows) == 2
        assert "最早收录" in rows[0]
        assert "三千册图书完成清点" in rows[1]
        assert "晚 2 小时" in rows[1]
        assert (
            len(
                tree.xpath(
                    "//section[@aria-labelledby='appearances']//tbody//h2 | //tr[@class='this']"
                )
            )
            == 1
        )


def test_hostile_text_is_text(filled: Any) -> None:
    for path in ("/", f"/articles/{filled.ids['hostile']}", "/search?q=另一篇"):
        answer = filled.ask(path)
        assert "<script" not in answer.text
        assert "\u202e" not in answer.text
        assert '甲<script>alert(1)</script>乙 & "丙"' in text_of(page(answer))


def test_reading_asks_nothing_of_the_origin_until_told_to(filled: Any) -> None:
    path = f"/articles/{filled.ids['rich']}"
    quiet = filled.ask(path)
    tree = page(quiet)
    assert "pic.example" not in quiet.headers["content-security-policy"]
    assert "http:" not in quiet.headers["content-security-policy"]
    assert tree.xpath("//img | //video | //audio | //source") == []
    links = tree.xpath("//a[@class='picture']")
    assert [urlsplit(a.get("href")).netloc for a in links] == ["pic.example", "pic.example"]
    assert text_of(links[0]) == '图片 清点 "现场"'
    assert tree.xpath("//a//a") == []
    (more,) = tree.xpath("//p[@class='privacy']/a/@href")
    loud = filled.ask(more)
    assert "img-src 'self' http: https:" in loud.headers["content-security-policy"]
    assert len(page(loud).xpath("//img")) == 3
    assert loud.headers["referrer-policy"] == "no-referrer"


def test_tables_attachments_and_missing_pages(filled: Any) -> None:
    tree = page(filled.ask(f"/articles/{filled.ids['rich']}"))
    assert [text_of(td) for td in tree.xpath("//div[@class='body']//td")] == ["河口", "812"]
    assert tree.xpath("//section[@aria-labelledby='attachments']//a/@href") == [
        "http://a.example/%E9%99%84%E4%BB%B6.xls"
    ]
    assert "http://a.example/3_2.html" in text_of(tree)
    assert [text_of(p) for p in tree.xpath("//p[@class='overline' or @class='subtitle']")] == [
        "农家书屋", "——六个村的数字",
    ]  # fmt: skip


def test_a_withdrawn_article_keeps_our_copy_and_says_so(filled: Any) -> None:
    tree = page(filled.ask(f"/articles/{filled.ids['gone']}"))
    assert "原网页已撤下" in text_of(tree.xpath("//p[@role='note']")[0])
    assert "沿渠栽树四百棵" in text_of(tree)
    badges = page(filled.ask("/")).xpath("//span[contains(@class, 'badge')]")
    assert [text_of(b) for b in badges] == ["原网页已撤下"]


def test_a_revision_shows_the_changed_figures(filled: Any) -> None:
    tree = page(filled.ask(f"/articles/{filled.ids['first']}/revisions/2"))
    body = tree.xpath("//div[contains(@class, 'diff')]")[0]
    clean = [re.sub(r"\[.*?\] ", "", text_of(e)) for e in body.xpath(".//del | .//ins")]
    assert clean == ["3000", "3200", "41", "52"]
    assert len(body.xpath("./p[@class='changed']")) == 2
    first = page(filled.ask(f"/articles/{filled.ids['first']}/revisions/1"))
    assert "共登记3000册" in text_of(first)


def test_a_changed_field_is_shown(build: Callable[..., Any], client: Any, article: Any) -> None:
    world = build()
    text = "只有一段的短文，写清点的事，共三百二十字。"
    number = world.put("a.example/1", article(text, "清点三千册"))
    world.put("a.example/1", article(text, "清点三千二百册"))
    tree = page(client(world.app)(f"/articles/{number}/revisions/2"))
    changes = {text_of(d.find("dt")): d for d in tree.xpath("//dl[@class='changes']/div")}
    assert list(changes) == ["标题"]
    assert text_of(changes["标题"].xpath(".//ins")[0]) == "[加入] 二百"
    assert "正文文字没有改动" in text_of(tree)


# ------------------------------------------------------------------ sources, errors, language


def test_sources_tell_how_they_do_in_words(filled: Any) -> None:
    rows = [text_of(row) for row in page(filled.ask("/sources")).xpath("//tbody/tr")]
    assert len(rows) == 4
    assert "正常" in rows[0]
    assert "失败 1 次 服务器没有及时回答 the server did not answer within 30 s" in rows[2]
    assert "未启用" in rows[3]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-CN", ["2 篇没有取到", "没有取到的文章", "服务器回答 404", "不再重试", "这一页没有正文"]),
        ("en", ["2 articles not fetched", "Articles that could not be fetched",
                "the server answered 404", "given up", "the page holds no text"]),
    ],
)  # fmt: skip
def test_articles_that_could_not_be_fetched_are_told(
    filled: Any, language: str, words: list[str]
) -> None:
    listed = page(filled.ask("/sources", accept_language=language))
    (link,) = listed.xpath("//a[contains(@href, '#troubles')]")
    assert (text_of(link), link.get("href")) == (words[0], "/sources/b#troubles")
    tree = page(filled.ask("/sources/b", accept_language=language))
    (head,) = tree.xpath("//h2[@id='troubles']")
    assert text_of(head) == words[1]
    later, lost = tree.xpath("//table")[0].xpath("./tbody/tr")
    assert lost.xpath(".//a/@href") == ["http://b.example/lost"]
    assert "<script>alert(1)</script>" in text_of(lost)
    assert all(word in text_of(lost) for word in words[2:4])
    assert words[4] in text_of(later)
    assert "<b>no text</b>" in text_of(later)
    assert words[3] not in text_of(later)
    assert later.xpath(".//td[last()]//time/@datetime") == ["2026-11-03T09:00:00+00:00"]
    assert not page(filled.ask("/sources/a")).xpath("//h2[@id='troubles']")


def test_more_troubles_than_are_listed_are_counted(build: Callable[..., Any], client: Any) -> None:
    world = build()
    for number in range(51):
        failure = Failure("timeout", "no answer")
        world.lose_page(f"b.example/{number}", f"第{number}篇", failure)
    tree = page(client(world.app)("/sources/b"))
    assert len(tree.xpath("//table")[0].xpath("./tbody/tr")) == 50
    assert "共 51 篇，列出最近的 50 篇。" in text_of(tree)


def test_a_source_shows_its_visits(filled: Any) -> None:
    tree = page(filled.ask("/sources/c"))
    assert text_of(tree.find(".//h1")) == "远山网"
    assert "每隔 1 小时 访问一次" in text_of(tree)
    assert "服务器没有及时回答" in text_of(tree.xpath("//p[@role='note']")[0])
    assert len(tree.xpath("//tbody/tr")) == 1
    assert len(page(filled.ask("/sources/a")).xpath("//tbody/tr")) == 44


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/articles/0", "/articles/999999", "/articles/abc", "/articles/-1",
     "/articles/99999999999999999999999", "/articles/1/revisions/9", "/articles/1/revisions/0",
     "/articles/1/revisions/99999999999999999999999", "/static/none.css", "/sources/none"],
)  # fmt: skip
def test_what_is_not_there_is_told_in_words(filled: Any, path: str) -> None:
    answer = filled.ask(path)
    assert answer.status_code == 404
    assert "没有这一页" in answer.text
    assert "There is no such page" in filled.ask(path, accept_language="en").text


def test_the_language_switch_is_kept_in_a_cookie(filled: Any) -> None:
    answer = filled.ask("/sources?lang=en", accept_language="zh-CN")
    assert answer.headers["content-language"] == "en"
    assert "Accept-Language" in answer.headers["vary"]
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("lang=en;")
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    kept = filled.ask("/sources", accept_language="zh-CN", cookie="lang=en")
    assert "set-cookie" not in kept.headers
    assert text_of(page(kept).find(".//h1")) == "Sources"
    (switch,) = page(kept).xpath("//a[@hreflang='zh-CN']/@href")
    assert page(filled.ask(switch, cookie="lang=en")).get("lang") == "zh-CN"


def test_health(filled: Any) -> None:
    answer = filled.ask("/healthz")
    assert answer.json()["status"] == "ok"
    assert answer.headers["cache-control"] == "no-store"


# ------------------------------------------------------------------ looks


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1])
def test_colours_hold_wcag_aa(filled: Any, scheme: int) -> None:
    style = filled.ask("/static/style.css").text
    blocks = re.findall(r":root \{([^}]*)\}", style)
    colours: dict[str, str] = {}
    for block in blocks[: scheme + 1]:
        colours |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
    pairs = [(ink, back) for ink in ("ink", "soft", "link", "warn") for back in ("paper", "panel")]
    pairs += [
        ("visited", "paper"),
        ("del-ink", "del"),
        ("ins-ink", "ins"),
        ("ink", "mark"),
        ("accent-ink", "accent"),
    ]
    for ink, back in pairs:
        light, dark = sorted((_luminance(colours[ink]), _luminance(colours[back])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, back)
