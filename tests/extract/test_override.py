"""Site rules override single fields; without a hit the generic answer stays."""

from __future__ import annotations

import pytest

from aggregator.extract import extract
from aggregator.extract.rules import SiteRule, names
from aggregator.model import Draft

TEXTS = [
    "三月的第一个周末，柳河社区的老党员们聚在活动室，一笔一笔地对修楼道灯的账。",
    "“灯亮了，心里也亮了。”八十岁的何老先生说，以后晚上下楼再也不用摸黑。",
]
PAGE = f"""<html><head><title>柳河社区亮起了楼道灯--某某频道--某某网</title></head><body>
<h1>柳河社区亮起了楼道灯</h1><div class="channel"><div class="col-1-1">2024年03月04日08:30 | 来源：<a href="/">柳河日报</a></div></div>
<div class="rm_txt_con cf"><p>{TEXTS[0]}</p><p>{TEXTS[1]}</p><div class="edit cf">(责编：林小禾、陈满)</div></div></body></html>"""


def read(rules: str, html: str = PAGE) -> Draft:
    found = extract(html.encode(), "https://www.example.cn/n1/2024/0304/c1-2.html", rules=rules)
    assert isinstance(found, Draft), found
    return found


def test_a_family_of_rules_takes_part_and_says_so() -> None:
    assert "people" in names()
    draft = read("people")
    assert draft.rules == "people"
    assert draft.source is not None
    assert draft.source.value == "柳河日报"
    assert draft.published is not None
    assert draft.published.value.instant.isoformat() == "2024-03-04T08:30:00+08:00"
    assert draft.editors is not None
    assert [p.name for p in draft.editors.value] == ["林小禾", "陈满"]
    assert draft.text.splitlines() == TEXTS


def test_the_generic_extractor_stands_without_rules() -> None:
    ruled, generic = read("people"), read("none")
    assert generic.rules == ""
    assert generic.text == ruled.text
    assert generic.source is not None
    assert ruled.source is not None
    assert generic.source.value == ruled.source.value


def test_rules_that_do_not_fit_change_nothing() -> None:
    html = (
        PAGE.replace("rm_txt_con cf", "x")
        .replace("channel", "y")
        .replace("col-1-1", "z")
        .replace("edit cf", "e")
    )
    ruled, generic = read("hanweb", html), read("none", html)
    assert ruled.text == generic.text
    assert ruled.source == generic.source
    assert ruled.published == generic.published


@pytest.mark.parametrize(
    ("shown", "pattern", "people"),
    [
        ("(责编：林小禾、陈满)", "", [("林小禾", "责编"), ("陈满", "责编")]),
        ("编辑：林小禾　校对：陈满", "", [("林小禾", "编辑"), ("陈满", "校对")]),
        ("【责任编辑 林小禾】", "", [("林小禾", "责任编辑")]),
        ("林小禾", "", [("林小禾", "编辑")]),
        ("本页编辑林小禾制作", "编辑(.{2,3})制作", [("林小禾", "编辑")]),
        ("校对人员 陈满", r"校对人员\s{0,3}(\S{2,4})", [("陈满", "校对人员")]),
        ("审核/陈满 2024", r"审核/(\S{2,4})", [("陈满", "审核")]),
    ],
)
def test_editors_have_the_role_that_the_page_gives(
    shown: str, pattern: str, people: list[tuple[str, str]]
) -> None:
    rule = SiteRule("own", editor=(".edit",), patterns={"editor": pattern} if pattern else {})
    html = PAGE.replace("(责编：林小禾、陈满)", shown)
    found = extract(html.encode(), "https://www.example.cn/1.html", rules=rule)
    assert isinstance(found, Draft)
    assert found.editors is not None
    assert [(p.name, p.role) for p in found.editors.value] == people
    assert found.editors.rule == "rules own"
