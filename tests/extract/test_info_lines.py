"""Where and when an article was published, and by whom, in the forms that real info lines take."""

from __future__ import annotations

import pytest

from aggregator.extract import extract
from aggregator.model import Draft, Sighting
from aggregator.when import find

BODY = "".join(
    f"<p>　　{text}</p>"
    for text in (
        "入夏以来，青山县水利局组织党员先锋队，沿着三条主渠逐段排查，登记隐患四十七处，当场处理三十一处。",
        "“渠通了，心里就踏实了。”在下河村，种粮大户周满仓一边开闸放水，一边算着今年的收成。",
        "据介绍，全县计划用两年时间，把剩下的六十公里土渠全部换成防渗渠，资金已经落实到位。",
    )
)
TITLE = "清水润田间：青山县党员先锋队护渠记"


def page(info: str, *, head: str = "", foot: str = "", body: str = BODY) -> bytes:
    """A page of a common shape: trail, headline, *info*, body, *foot*, footer."""
    return f"""<html><head><title>{TITLE}-青山先锋网</title>{head}</head><body>
<div class="nav"><a href="/">首页</a> <a href="/yw/">要闻</a> <a href="/dj/">党建</a></div>
<div class="pos">当前位置：<a href="/">首页</a> > <a href="/dj/">基层党建</a> > 正文</div>
<div class="main"><h1>{TITLE}</h1>{info}<div class="con">{body}</div>{foot}</div>
<div class="foot">版权所有：青山先锋网 某ICP备00000001号 联系电话：000-00000000</div></body></html>""".encode()


def read(info: str, **parts: str) -> Draft:
    found = extract(page(info, **parts), "https://www.example.cn/dj/1.html", rules="none")
    assert isinstance(found, Draft)
    return found


def when(draft: Draft) -> str | None:
    return draft.published.value.instant.strftime("%Y-%m-%d %H:%M") if draft.published else None


def names(field: object) -> list[str]:
    return [person.name for person in field.value] if field else []  # type: ignore[attr-defined]


DATES = [
    ("<div>2024-06-25 10:03</div>", "2024-06-25 10:03"),
    ("<div>2024-06-25 10:03:27 来源：青山日报</div>", "2024-06-25 10:03"),
    ("<div>发布日期：2020年02月18日 09:15</div>", "2020-02-18 09:15"),
    ("<div>2025年06月03日 13时44分</div>", "2025-06-03 13:44"),
    ("<div>时间：2021/09/06</div>", "2021-09-06 00:00"),
    ("<div>2009年08月22日08:29 青山晨报</div>", "2009-08-22 08:29"),
    ("<div>发布时间：2024-06-25 10∶08</div>", "2024-06-25 10:08"),
    ("<div>创建时间:</div><div>2023-05-17 19:47:39</div>", "2023-05-17 19:47"),
    ("<dl><dt>发布时间</dt><dd>2024-01-02 03:04</dd><dt>来源</dt><dd>青山日报</dd></dl>", "2024-01-02 03:04"),
    ("<div><span>2024</span> | <span><em>10</em>/<em>08</em></span> | <span>09:59:21</span></div>", "2024-10-08 09:59"),
    ("<div>2024</div><div>10/08</div><div>09:59:21</div>", "2024-10-08 09:59"),
    ("<div>成文日期：2024-05-01 发布日期：2024-05-20 08:00</div>", "2024-05-20 08:00"),
    ("<div>2024-05-20 08:00 最后更新：2024-05-21 09:00</div>", "2024-05-20 08:00"),
    ("<div>日期：２０２４－０５－２０</div>", "2024-05-20 00:00"),
    ("<table><tr><td>来源：青山日报</td><td>时间：2024-05-20</td><td>【字体：大 中 小】</td></tr></table>", "2024-05-20 00:00"),
]  # fmt: skip


@pytest.mark.parametrize(("info", "expected"), DATES)
def test_the_date_of_the_info_line(info: str, expected: str) -> None:
    assert when(read(info)) == expected


SOURCES = [
    ("<div>2024-06-25 10:03 来源：青山日报</div>", "青山日报"),
    (
        "<div>来源：青山市水利局发布日期：2024-06-05 【浏览字号 :大 中 小】 浏览次数：-</div>",
        "青山市水利局",
    ),
    ("<div>信息来源: 研究院、设计院等</div><div>2024-01-01</div>", "研究院、设计院等"),
    (
        "<div>来源： 《青山日报》 作者: 记者 陈小满 字体： 小 大 2019年10月08日</div>",
        "《青山日报》",
    ),
    ("<div>2009年08月22日08:29 青山晨报</div>", "青山晨报"),
    ("<div>2009-08-22 08:29:01 青山时报网</div><div>字号：A- A A+</div>", "青山时报网"),
    ("<p>青山日报</p><p>2024-01-03 18:13</p><div>字号</div>", "青山日报"),
    (
        "<dl><dt>发布时间</dt><dd>2024-01-02 03:04</dd><dt>来源</dt><dd>青山日报</dd></dl>",
        "青山日报",
    ),
    ("<div><span>来源：</span><a href='/'>青山日报</a> <span>2024-01-02</span></div>", "青山日报"),
    ("<div>2024-01-02 <span class='source'>青山日报</span> <a>分享</a></div>", "青山日报"),
    ("<div>发布时间：2024-01-02 文章来源：本网</div>", "本网"),
    ("<div>2024-01-02 来源：青山日报　作者：陈小满　责任编辑：林小禾</div>", "青山日报"),
    ("<div>时间:2024-01-02 出处:青山先锋微信公众号 点击:12次</div>", "青山先锋微信公众号"),
]


@pytest.mark.parametrize(("info", "expected"), SOURCES)
def test_the_source_of_the_info_line(info: str, expected: str) -> None:
    draft = read(info)
    assert draft.source is not None
    assert draft.source.value == expected


NO_SOURCE = [
    "<div>2024-06-25 10:03</div>",
    "<div>发布日期: 2012-06-24</div><div>字号: [大] [中] [小] [打印]</div>",
    "<div>创建时间：2024-06-25 10:03 浏览：33</div>",
    "<div>发布者：林小禾 发布时间：2024-06-25 浏览次数：10</div>",
    "<div>2024-06-25 10:03</div><div>图片</div>",
    "<div>来源：</div><div>2024-06-25</div>",
]


@pytest.mark.parametrize("info", NO_SOURCE)
def test_no_source_is_made_up(info: str) -> None:
    assert read(info).source is None


AUTHORS = [
    ("<div>2024-01-02 来源：青山日报 作者：陈小满</div>", "", ["陈小满"]),
    ("<div>来源：青山日报作者：陈小满 林小禾 2024-01-02</div>", "", ["陈小满", "林小禾"]),
    ("<div>2024-01-02 作者: 记者 陈小满 字体： 小 大</div>", "", ["陈小满"]),
    ("<div>陈小满/青山青年报</div><div>2024-01-02 09:10</div>", "", ["陈小满"]),
    ("<div>2024-01-02 来源：本站 作者：机关党支部</div>", "", ["机关党支部"]),
    ("<div>2024-01-02</div>", "<p>　　青山日报记者 陈小满 林禾</p>" + BODY, ["陈小满", "林禾"]),
    ("<div>2024-01-02</div>", "<p>见习记者 陈小满</p>" + BODY, ["陈小满"]),
    ("<div>2024-01-02</div>", "<p style='text-align:center'>陈小满</p>" + BODY, ["陈小满"]),
    ("<div>2024-01-02</div>", "<p align='center'>陈 满</p>" + BODY, ["陈满"]),
    ("<div>2024-01-02</div>", BODY + "<p>（作者：陈小满，系青山县委党校讲师）</p>", ["陈小满"]),
    (
        "<div>2024-01-02</div>",
        BODY.replace("入夏以来", "本报讯（记者陈小满 林禾）入夏以来"),
        ["陈小满", "林禾"],
    ),
    ("<div>2024-01-02</div>", BODY.replace("落实到位。", "落实到位。（陈小满）"), ["陈小满"]),
    ("<div>2024-01-02 发布者：陈小满</div>", "", ["陈小满"]),
]


@pytest.mark.parametrize(("info", "body", "expected"), AUTHORS)
def test_the_author(info: str, body: str, expected: list[str]) -> None:
    assert names(read(info, body=body or BODY).authors) == expected


NO_AUTHORS = [
    ("<div>2024-01-02 来源：青山日报</div>", ""),
    ("<div>2024-01-02 作者：管理员</div>", ""),
    ("<div>2024-01-02 作者： 来源：青山日报</div>", ""),
    ("<div>2024-01-02</div>", BODY + "<p>记者：今年的计划是什么？</p><p>周满仓：把渠修完。</p>"),
    ("<div>2024-01-02</div>", "<p>新华社</p>" + BODY),
    ("<div>2024-01-02</div>", BODY.replace("落实到位。", "落实到位。（完）")),
    ("<div>2024-01-02 责任编辑：林小禾</div>", ""),
]


@pytest.mark.parametrize(("info", "body"), NO_AUTHORS)
def test_no_author_is_made_up(info: str, body: str) -> None:
    assert read(info, body=body or BODY).authors is None


def test_meta_author_is_never_the_writer() -> None:
    head = '<meta name="author" content="林小禾"><meta name="Author" content="陈小满">'
    assert read("<div>2024-01-02</div>", head=head).authors is None


EDITORS = [
    ("<p>（责任编辑：林小禾）</p>", [("林小禾", "责任编辑")]),
    ("<div>[责任编辑:林小禾]</div>", [("林小禾", "责任编辑")]),
    ("<div>(责编：林小禾、陈满)</div>", [("林小禾", "责编"), ("陈满", "责编")]),
    ("<div>【责任编辑: 林 禾 】</div>", [("林禾", "责任编辑")]),
    ("<div>责任编辑：林小禾_NF4425</div>", [("林小禾_NF4425", "责任编辑")]),
    ("<div>编辑：林小禾 审核：陈满</div>", [("林小禾", "编辑"), ("陈满", "审核")]),
    ("<div>本文来源：青山日报 责任编辑：林小禾</div>", [("林小禾", "责任编辑")]),
    ("<p>供稿：水利局 摄影/陈满 编辑/林小禾</p>", [("林小禾", "编辑")]),
]


@pytest.mark.parametrize(("foot", "expected"), EDITORS)
def test_the_editors_with_their_roles(foot: str, expected: list[tuple[str, str]]) -> None:
    draft = read("<div>2024-01-02 来源：青山日报</div>", foot=foot)
    assert draft.editors is not None
    assert [(p.name, p.role) for p in draft.editors.value] == expected
    assert "责任编辑" not in draft.text


GOVERNMENT = (
    '<meta name="ArticleTitle" content="{title}"><meta name="PubDate" content="{date}">'
    '<meta name="ContentSource" content="青山县水利局"><meta name="ColumnName" content="部门动态">'
)


def test_meta_date_completes_the_minute_of_the_same_day() -> None:
    head = GOVERNMENT.format(title=TITLE, date="2024-06-05 10:43")
    draft = read("<div>发布日期：2024-06-05</div>", head=head)
    assert when(draft) == "2024-06-05 10:43"
    assert draft.published is not None
    assert draft.published.rule == "shown date (published), minute of meta pubdate"


def test_shown_date_beats_a_meta_date_of_another_day() -> None:
    head = GOVERNMENT.format(title=TITLE, date="2023-05-12 23:20")
    assert when(read("<div>发布时间：2009-09-30 10:53</div>", head=head)) == "2009-09-30 10:53"


def test_meta_date_stands_in_where_none_is_shown() -> None:
    head = GOVERNMENT.format(title=TITLE, date="2024-03-03 15:54:07")
    draft = read("", head=head)
    assert when(draft) == "2024-03-03 15:54"
    assert draft.published is not None
    assert draft.published.confidence < 1


def test_content_source_and_article_title_win() -> None:
    head = GOVERNMENT.format(title="清水润田间", date="2024-06-05")
    draft = read("<div>来源：青山县…属单位 2024-06-05</div>", head=head)
    assert draft.title is not None
    assert draft.source is not None
    assert (draft.title.value, draft.source.value) == ("清水润田间", "青山县水利局")
    assert draft.column is not None
    assert draft.column.value == "部门动态"


def test_every_field_says_where_it_stood() -> None:
    draft = read(
        "<div class='info'>2024-01-02 来源：青山日报 作者：陈小满</div>",
        foot="<p>责任编辑：林小禾</p>",
    )
    for field in (draft.title, draft.source, draft.published, draft.authors, draft.editors):
        assert field is not None
        assert field.rule
        assert field.where
        assert field.text
    assert draft.source is not None
    assert draft.source.where == "div.main>div.info"


SPLIT_DATES = [
    "<span class=year><em>2023</em></span><span class=day><em>11</em>/<em>17</em></span><span>20:52:15</span>",
    "<span>\n<em> 2023</em>\n</span>\n<span>\n<em> 11/</em>\n<em> 17</em></span>\n<span>20:52:15</span>",
    "<em>2023</em>年<em>11</em>月<em>17</em>日<span>20</span>:<span>52</span>",
    "<span>2023年</span><span>11月17日</span><span>20时52分</span>",
    "<div>2023</div><div><em>11</em>/<em> 17</em></div><div>20:52:15</div>",
]


@pytest.mark.parametrize("info", SPLIT_DATES)
def test_a_date_whose_parts_stand_in_elements_of_their_own(info: str) -> None:
    assert (
        when(read(f"<div class=info>{info}<span>来源：青山日报</span></div>")) == "2023-11-17 20:52"
    )


@pytest.mark.parametrize(
    ("info", "url", "listed", "expected"),
    [
        ("10-08 12:00", "https://www.example.cn/2024/1008/c1.html", "", "2024-10-08 12:00"),
        ("青山日报 10-0812:00", "https://www.example.cn/202410/t20241008_1.html", "", "2024-10-08 12:00"),
        ("发布时间：10月8日 12:00", "https://www.example.cn/1.html", "2024-10-08", "2024-10-08 12:00"),
        ("10/8", "https://www.example.cn/1.html", "2024-10-08 09:30", "2024-10-08 00:00"),
        ("10-09 12:00", "https://www.example.cn/2024/1008/c1.html", "", "2024-10-08 00:00"),
        ("10-08 12:00", "https://www.example.cn/1.html", "", None),
        ("成文日期：10-08 12:00", "https://www.example.cn/2024/1008/c1.html", "", "2024-10-08 00:00"),
    ],
)  # fmt: skip
def test_a_date_without_a_year(info: str, url: str, listed: str, expected: str | None) -> None:
    sighting = Sighting(url, published=find(listed)) if listed else None
    draft = extract(page(f"<div class=info>{info}</div>"), url, rules="none", sighting=sighting)
    assert isinstance(draft, Draft)
    assert when(draft) == expected
    if draft.published and "without a year" in draft.published.rule:
        assert draft.published.confidence < 1
        assert draft.published.value.text in info
    else:
        assert expected is None or "10-09" in info or "成文" in info
