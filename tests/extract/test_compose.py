"""The HTML of an article: built from its blocks, nothing of the page's layout left in it."""

import re
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from aggregator.extract import extract
from aggregator.extract.clean import clean_html
from aggregator.model import BlockKind, Draft

URL = "https://www.example.cn/dj/2024/0312/c1-2.html"
GOLDEN = sorted(Path(__file__).parents[1].glob("golden/*/page.html"))
TEXT = "村里的渠修好了，水流到了每一块田里，今年的收成有了指望。"
MORE = "清淤的人分成十四组，每组三人，午饭由村里送到渠边，三天就完了工。"
VOID = frozenset(("img", "br", "video"))


def article(body: str) -> Draft:
    page = f"<h1>村里的渠修好了</h1><div>2024-01-02</div><div id=zoom>{body}</div>"
    found = extract(page.encode(), URL, rules="none")
    assert isinstance(found, Draft), found
    return found


def empty_elements(html: str) -> list[str]:
    """Tags of elements without text, picture or film; a cell may be empty in a row with text."""
    tree = etree.HTML(f"<div>{html}</div>") if html else None
    found = [] if tree is None else list(tree.iter())
    return [
        str(one.tag)
        for one in found
        if one.tag not in VOID | {"td", "th"}
        and not "".join(one.itertext()).strip()
        and one.find(".//img") is None
        and one.find(".//video") is None
    ]


def plain(html: str) -> str:
    return unescape(re.sub(r"</(?:p|h3|li|td|th|figcaption|caption)>|<br>", "\n", html))


def shown_lines(html: str) -> list[str]:
    lines = (line.strip() for line in re.sub("<[^>]*>", "", plain(html)).split("\n"))
    return [line for line in lines if line]


def text_lines(draft: Draft) -> list[str]:
    rows = [
        cell.strip() for block in draft.blocks for cell in re.split(r"[\n\t]", _cells(draft, block))
    ]
    return [row for row in rows if row]


def _cells(draft: Draft, block: object) -> str:
    rows, text = block.rows, block.text  # type: ignore[attr-defined]  # a Block
    return "\n".join(cell for row in rows for cell in row) if rows else text


def check(draft: Draft) -> None:
    assert clean_html(draft.html, draft.url) == draft.html
    assert empty_elements(draft.html) == []
    films = sum(block.kind is BlockKind.VIDEO for block in draft.blocks)
    shown = [line for line in shown_lines(draft.html) if not (films and line == "视频")]
    assert shown == [line for line in text_lines(draft) if not (films and line == "视频")]
    pictures = re.findall(r'<img src="([^"]*)"', draft.html)
    assert [unescape(url) for url in pictures] == [image.url for image in draft.images]
    assert "<div" not in draft.html
    assert "<span" not in draft.html


@pytest.mark.parametrize("page", GOLDEN, ids=lambda page: page.parent.name)
def test_the_html_is_the_body_and_nothing_else(page: Path) -> None:
    found = extract(page.read_bytes(), URL, rules="none")
    if isinstance(found, Draft):
        check(found)


def test_a_page_laid_out_with_tables_becomes_paragraphs() -> None:
    indent = "&nbsp;&nbsp;&nbsp;&nbsp;"
    page = (
        "<title>某县机关党建</title><div><a href='/'>某县</a><ul><li><a href='/a'>首页</a></li></ul></div>"
        "<table><tr><td><a href='/'>首页</a><br><a href='/b'>介绍</a></td><td><font size=5><b>村里的渠修好了</b>"
        f"</font><br><font>发布日期：2024-01-02 08:38　来源：某县日报</font><hr><div>{indent}{TEXT}<br><br>{indent}{MORE}"
        "<br><br></div><div>（责任编辑：陈禾）</div></td></tr></table>"
    )
    found = extract(page.encode(), URL, rules="none")
    assert isinstance(found, Draft)
    assert found.html == f"<p>{TEXT}</p>\n<p>{MORE}</p>"


def test_a_table_with_the_text_in_one_cell_is_no_table() -> None:
    long = "".join(f"<p>{TEXT}{n}。</p>" for n in range(9))
    draft = article(
        f"<table><tr><td>序</td><td>{long}</td></tr><tr><td>甲</td><td>乙</td></tr></table>"
    )
    assert {block.kind for block in draft.blocks} == {BlockKind.PARAGRAPH}
    assert draft.html.startswith(f"<p>序</p>\n<p>{TEXT}0。</p>")


def test_a_table_of_data_keeps_its_cells_spans_and_gaps() -> None:
    table = (
        "<table><caption>各村<b>用水</b></caption><tr><th colspan=2>村</th><th>方</th></tr>"
        "<tr><td>青禾</td><td></td><td>12<br>（估）</td></tr><tr><td></td><td></td><td>&nbsp;</td></tr></table>"
    )
    assert article(f"<p>{TEXT}</p><p>{MORE}</p>{table}").html.endswith(
        "<table><caption>各村<strong>用水</strong></caption><tbody>"
        '<tr><th colspan="2">村</th><th>方</th></tr>'
        "<tr><td>青禾</td><td></td><td>12<br>（估）</td></tr></tbody></table>"
    )


def test_pictures_side_by_side_in_a_table_are_figures() -> None:
    row = "<tr><td><img src=/a.jpg></td><td><img src=/b.jpg></td></tr><tr><td>渠首</td><td>渠尾</td></tr>"
    draft = article(f"<p>{TEXT}</p><table>{row}</table><p>{MORE}</p>")
    assert len(draft.images) == 2
    assert "<table" not in draft.html


def test_marks_inside_a_paragraph_are_kept() -> None:
    body = (
        f"<p>{TEXT}</p><p>　　他说：<span><b>水 <a href='/w.html'>来<i>了</i></a></b></span>，一共12 m<sup>3</sup>；"
        "<a href='#x'>见下</a>，<font color=red>大家都很高兴</font>。</p>"
    )
    assert article(body).html == (
        f"<p>{TEXT}</p>\n<p>他说：<strong>水</strong> "
        '<a href="https://www.example.cn/w.html" rel="noopener noreferrer"><strong>来<em>了</em></strong></a>'
        "，一共12 m<sup>3</sup>；见下，大家都很高兴。</p>"
    )


def test_subheads_quotes_and_lists_have_elements_of_their_own() -> None:
    body = (
        f"<p>●先看水</p><p>●再看田</p><p>{TEXT}</p><p><strong>一、怎么修</strong></p><p>{MORE}</p>"
        "<ol start=3><li>清淤</li><li>补<b>坡</b></li><li></li></ol>"
    )
    assert article(body).html == (
        f"<blockquote><p>●先看水</p><p>●再看田</p></blockquote>\n<p>{TEXT}</p>\n<h3>一、怎么修</h3>\n<p>{MORE}</p>\n"
        '<ol start="3"><li>清淤</li><li>补<strong>坡</strong></li></ol>'
    )


def test_a_list_around_paragraphs_is_none() -> None:
    draft = article(f"<ul><li><p>{TEXT}</p><p>{MORE}</p></li></ul>")
    assert draft.html == f"<p>{TEXT}</p>\n<p>{MORE}</p>"


def test_a_picture_has_its_caption_under_it() -> None:
    body = f'<p>{TEXT}</p><p align=center><img src="图 1.jpg" alt=\'渠"首\' width=600></p><p>图为渠首。陈禾摄</p><p>{MORE}</p>'
    assert (
        '<figure><img src="https://www.example.cn/dj/2024/0312/%E5%9B%BE%201.jpg" alt="渠&quot;首" width="600">'
        "<figcaption>图为渠首。陈禾摄</figcaption></figure>"
    ) in article(body).html


def test_films_stay() -> None:
    body = f"<p>{TEXT}</p><video src=/v.mp4></video><iframe src='https://v.qq.com/x.html'></iframe><p>{MORE}</p>"
    html = article(body).html
    assert '<video src="https://www.example.cn/v.mp4" controls="">' in html
    assert '<a href="https://v.qq.com/x.html" rel="noopener noreferrer">视频</a>' in html


PIECES = st.sampled_from(
    ["<div>", "</div>", "<p>", "</p>", "<table>", "<tr>", "<td>", "</table>", "<ul>", "<li>", "</ul>", "<br>",
     "<a href='x?a=1&b=2'>", "</a>", "<a href='/图'>", "<img src='/a.jpg'>", "<img>", "<b>", "</b>", "<em>", "</em>", "<sup>",
     "</sup>", "<h2>", "</h2>", "<figure>", "<figcaption>", "</figure>", "<blockquote>", "&nbsp;", "&#8203;", "　", "a&lt;b", "&amp;amp;",
     "\x7f", "&#x7f;", "\ufffe", "<video src=v>", "<iframe src='/player.html'></iframe>", "<caption>", "<th colspan=3>", "字", TEXT, "●", " "]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_body_gives_html_that_is_its_own_clean_form(body: str) -> None:
    page = f"<h1>村里的渠修好了</h1><div>2024-01-02</div><p>{TEXT}</p>{body}<p>{MORE}</p>"
    found = extract(page.encode(), URL, rules="none")
    html = found.html if isinstance(found, Draft) else f"<p>{MORE}</p>"
    assert clean_html(html, URL) == html
    assert empty_elements(html) == []
