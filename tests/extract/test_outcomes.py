"""Pages that hold no article: each has a name for it; and nothing is ever raised or unbounded."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.extract import extract
from aggregator.model import Draft, NoArticle, NoArticleKind

TEXT = "村里的渠修好了，水流到了每一块田里，今年的收成有了指望。"
ARTICLE = f"<h1>村里的渠修好了</h1><div>2024-01-02</div><p>{TEXT * 4}</p>"


def kind(html: str | bytes) -> NoArticleKind | None:
    body = html if isinstance(html, bytes) else html.encode()
    found = extract(body, "https://www.example.cn/a.html", rules="none")
    return found.kind if isinstance(found, NoArticle) else None


ROWS = "".join(
    f"<li><a href='/{n}.html'>关于开展第{n}批主题党日活动的通知</a><span>2024-01-{n:02}</span></li>"
    for n in range(1, 25)
)
CASES = [
    (b"", NoArticleKind.EMPTY),
    (b"\0\0\0\0", NoArticleKind.EMPTY),
    ("<html><body></body></html>", NoArticleKind.EMPTY),
    ("<html><body><p>稍候</p></body></html>", NoArticleKind.EMPTY),
    ("<p>" + "【】（）" * 100 + "</p>", NoArticleKind.EMPTY),
    ("<html><script>var arg1='A';document.cookie='acw_sc__v2=1';location.reload()</script></html>", NoArticleKind.CHALLENGE),
    ("<html><body>请稍候<script>window.location.href='/x?wzwschallenge=1'</script></body></html>", NoArticleKind.CHALLENGE),
    ("<html><head><title>404</title></head><body><h1>您访问的页面不存在</h1><a href='/'>返回首页</a></body></html>", NoArticleKind.SOFT_NOT_FOUND),
    ("<html><head><title>某某网</title></head><body><div>对不起，该文章已被删除！</div></body></html>", NoArticleKind.SOFT_NOT_FOUND),
    (f"<html><head><title>通知公告-某某网</title></head><body><h2>通知公告</h2><ul>{ROWS}</ul></body></html>", NoArticleKind.NOT_ARTICLE),
    (b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj", NoArticleKind.NOT_ARTICLE),
    (f"<p>{TEXT * 3}</p>", NoArticleKind.NOT_ARTICLE),
]  # fmt: skip


@pytest.mark.parametrize(("html", "expected"), CASES)
def test_no_article_has_a_name(html: str | bytes, expected: NoArticleKind) -> None:
    assert kind(html) is expected


def test_an_article_about_a_missing_page_is_an_article() -> None:
    html = f"<title>页面不存在怎么办</title><h1>页面不存在怎么办</h1><div>2024-01-02</div><p>{TEXT * 12}</p>"
    assert kind(html) is None


def test_an_article_with_scripts_is_no_challenge() -> None:
    assert kind(f"<script>document.cookie='a=1'</script>{ARTICLE}") is None


DEEP = 100_000
HEAVY = {
    "div": "<div>" * DEEP + ARTICLE,
    "closed div": "<div>" * DEEP + ARTICLE + "</div>" * DEEP,
    "b": "<b>" * DEEP + ARTICLE,
    "font": "<font>" * DEEP + ARTICLE,
    "table": "<table><tr><td>" * DEEP + ARTICLE,
    "list": "<ul><li>" * DEEP + ARTICLE,
    "attribute": '<p title="' + "x" * 50_000_000 + f'"></p>{ARTICLE}',
    "attributes": "<p " + " ".join(f"a{n}=1" for n in range(300_000)) + f"></p>{ARTICLE}",
    "pictures": ARTICLE + "<img src=/a.jpg>" * 100_000,
    "rows": ARTICLE + "<table>" + "<tr><td>村</td><td>1</td></tr>" * 100_000,
    "breaks": ARTICLE + "<div>" + f"{TEXT}<br>" * 50_000,
    "references": f"{ARTICLE}<p>" + (TEXT + "&amp;" * 200) * 4_000,
    "marks": f"{ARTICLE}<p>" + "<span>" * 200 + "村<b>里</b>" * 100_000,
    "cells": f"{ARTICLE}<table><tr>"
    + "<td>村</td>" * 50_000
    + "</tr><tr><td>1</td><td>2</td></tr></table>",
    "titles": f"<title>{'渠' * 200_000}</title>" + "<h1>渠修好了</h1>" * 30_000 + ARTICLE,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HEAVY)
def test_heavy_pages_keep_their_article_in_bounded_time(name: str) -> None:
    start = time.process_time()
    found = extract(HEAVY[name].encode(), "https://www.example.cn/a.html", rules="none")
    assert time.process_time() - start < 8
    assert isinstance(found, Draft), found
    assert TEXT in found.text


@pytest.mark.slow
def test_a_million_links_are_no_article() -> None:
    html = "<title>某某网</title>" + "<a href='/1.html'>关于某事的通知</a><br>" * 1_000_000
    start = time.process_time()
    assert kind(html) is NoArticleKind.NOT_ARTICLE
    assert time.process_time() - start < 8


PIECES = st.sampled_from(
    ["<div>", "</div>", "<p>", "</p>", "<table>", "<tr>", "<td>", "</table>", "<ul>", "<li>", "<br>", "<a href='x'>", "</a>",
     "<img src='/a.jpg'>", "<h1>", "</h1>", "<span style='display:none'>", "</span>", "<script>", "</script>", "<!--", "-->",
     "<title>", "</title>", "</html>", "<video src=x>", "<figure>", "<blockquote>", "来源：", "作者：", "责任编辑：", "2024-01-02 03:04",
     "《某报》刊发陈满署名文章：", TEXT, "●", "【1】", "相关阅读", "&#0;", "\ufffe", "\x00", "原标题：", "<meta name=PubDate content='2024'>"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=60).map("".join))
def test_any_nesting_gives_a_draft_or_a_named_outcome(html: str) -> None:
    found = extract(html.encode("utf-8", "replace"), "https://www.example.cn/a.html")
    assert isinstance(found, Draft | NoArticle)
    if isinstance(found, Draft):
        assert found.text == "\n".join(block.text for block in found.blocks if block.text)
        assert "<script" not in found.html


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.text(max_size=60))
def test_any_bytes_and_any_address(body: bytes, url: str) -> None:
    assert isinstance(extract(body, url), Draft | NoArticle)


@given(st.lists(PIECES, max_size=40).map("".join))
@settings(max_examples=60, deadline=None)
def test_the_answer_depends_on_the_bytes_alone(html: str) -> None:
    body = html.encode("utf-8", "replace")
    assert extract(body, "https://www.example.cn/a.html") == extract(
        body, "https://www.example.cn/a.html"
    )


@pytest.mark.shared
def test_every_saved_page_ends_in_an_outcome(shared: Path) -> None:
    pages = sorted((shared / "eval" / "pages").glob("*.html"))
    drafts = [found for page in pages if isinstance(found := extract(page.read_bytes(), ""), Draft)]
    assert len(pages) > 90
    assert len(drafts) >= 0.9 * len(pages)
    assert all(draft.title for draft in drafts)


@pytest.mark.shared
def test_saved_list_pages_are_no_articles(shared: Path) -> None:
    pages = sorted((shared / "eval" / "lists").glob("*.html"))
    taken = [p.stem for p in pages if isinstance(extract(p.read_bytes(), ""), Draft)]
    # L13 is the page of one decision with its own headline, number and text.
    assert taken in ([], ["L13"])


@pytest.mark.shared
def test_payloads_of_the_xss_and_parser_suites_raise_nothing(shared: Path) -> None:
    lines = (shared / "suites" / "xss" / "payloads.jsonl").read_text("utf-8").split("\n")
    payloads = [str(value) for line in lines[::5] if line for value in json.loads(line).values()]
    trees = (shared / "suites" / "html5lib-tests" / "tree-construction").glob("*.dat")
    payloads += [
        case for f in trees for case in f.read_text("utf-8", "replace").split("#data\n")[::5]
    ]
    for payload in payloads:
        found = extract((payload + ARTICLE).encode("utf-8", "replace"), "https://www.example.cn/")
        assert not isinstance(found, Draft) or "<script" not in found.html.lower()
