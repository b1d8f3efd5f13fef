"""A draft as Markdown says the same as the draft, and nothing of its text turns into markup."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.extract.markdown import escape, to_markdown
from aggregator.model import (
    Attachment,
    Block,
    BlockKind,
    Draft,
    Field,
    Image,
    Moment,
    Person,
    Precision,
)

DAY = Moment(
    "2024年05月17日", datetime(2024, 5, 17, tzinfo=ZoneInfo("Asia/Shanghai")), Precision.DAY
)
DRAFT = Draft(
    url="http://www.example.cn/a.html",
    title=Field("院子里的*图书室*", "title"),
    subtitle=Field("——一个村子的三年", "subtitle"),
    authors=Field((Person("李四", "记者"), Person("王五", "记者")), "label"),
    source=Field("村报", "info line"),
    published=Field(DAY, "info line"),
    attachments=(Attachment("http://www.example.cn/f(1).pdf", "登记表"),),
)


def with_blocks(*blocks: Block) -> str:
    return to_markdown(Draft(url="u", blocks=blocks))


def test_head_and_attachments() -> None:
    assert to_markdown(DRAFT) == (
        "# 院子里的\\*图书室\\*\n\n*——一个村子的三年*\n\n李四、王五 · 村报 · 2024年05月17日\n\n"
        "**附件**\n\n- [登记表](http://www.example.cn/f%281%29.pdf)\n"
    )


def test_front_matter_holds_the_fields_as_strings() -> None:
    text = to_markdown(DRAFT, front_matter=True)
    head = text.split("---\n")[1]
    assert 'title: "院子里的*图书室*"' in head
    assert 'authors: ["李四", "王五"]' in head
    assert 'published: "2024-05-17T00:00:00+08:00"' in head
    assert "李四、王五 · 村报" not in text


@pytest.mark.parametrize(
    ("block", "markdown"),
    [
        (Block(BlockKind.PARAGRAPH, "一段。"), "一段。"),
        (Block(BlockKind.PARAGRAPH, "1. 不是列表"), "\\1. 不是列表"),
        (Block(BlockKind.PARAGRAPH, "# 不是标题"), "\\# 不是标题"),
        (Block(BlockKind.SUBHEAD, "一、起步"), "## 一、起步"),
        (Block(BlockKind.QUOTE, "●一句话"), "> ●一句话"),
        (Block(BlockKind.FOOTNOTE, "[1] 注"), "\\[1\\] 注"),
        (Block(BlockKind.LIST, "甲\n乙", (("甲",), ("乙",))), "- 甲\n- 乙"),
        (
            Block(BlockKind.TABLE, "", (("月份", "册"), ("一月", "1|2"), ("二月",))),
            "| 月份 | 册 |\n| --- | --- |\n| 一月 | 1\\|2 |\n| 二月 |  |",
        ),
        (
            Block(BlockKind.IMAGE, "院子", image=Image("http://a.cn/1.jpg", "院子")),
            "![院子](http://a.cn/1.jpg)\n\n*院子*",
        ),
        (Block(BlockKind.IMAGE, image=Image("http://a.cn/1.jpg")), "![](http://a.cn/1.jpg)"),
        (Block(BlockKind.VIDEO, href="http://a.cn/v.mp4"), "[视频](http://a.cn/v.mp4)"),
    ],
)
def test_each_kind_of_block(block: Block, markdown: str) -> None:
    assert with_blocks(block) == markdown + "\n"


@given(st.text(alphabet="ab*_`[]<>#-+1.\\ \n", max_size=60))
def test_escaping_only_adds_signs(text: str) -> None:
    plain = escape(text).replace("  \n", "\n")
    assert "\\" in text or plain.replace("\\", "") == text
