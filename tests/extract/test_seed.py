"""A repost under a headline with a prefix: 《X》刊发某某署名文章：… (the shape of the first page)."""

from __future__ import annotations

from datetime import datetime
from html import escape
from pathlib import Path

import pytest

from aggregator.extract import extract
from aggregator.model import Block, BlockKind, Draft

TEXT = """某某党建网站联盟

《某某组织报》刊发陈远山署名文章:把基层组织建在产业链上

创建时间:
2024-03-12 09:08:07

图片


把基层组织建在产业链上

陈远山


●以支部联建打头,把分散在各村的党员编进同一条产业链,推动人往一处走、劲往一处使

●把走访作为日常功课,一户一户听意见,一件一件办实事,办完再回头看一遍结果

去年春天,河口镇的苹果卖不动。镇里把七个村的支部书记请到一张桌上,从修路说起,一直说到冷库。会开了三次,第三次定下来:联建一个支部,合用一座冷库,统一一个牌子。

冷库建成那天,村里来了不少人。大家最关心的是谁先用、怎么收费。联建支部把办法写成一页纸,贴在库门上,一个字一个字念给大家听,有三处当场改了。

一年下来,果子卖出了好价钱,七个村的账目也理清了。支部书记们说,难的不是建库,难的是把话说到一起。话说到一起了,事就好办了。


[责任编辑:林小禾]
"""


def lines_of(text: str) -> list[str]:
    return [escape(line.strip()) for line in text.splitlines() if line.strip()]


def with_classes(lines: list[str]) -> str:
    nav = "".join(
        f'<li><a href="/c{n}/">{w}</a></li>' for n, w in enumerate(("首页", "要闻", "党建", "干部"))
    )
    text = "".join(f"<p>{line}</p>" for line in lines[5:-1])
    return f"""<html><head><title>{lines[1]}</title></head><body><div class="top"><a href="http://union.example.cn/">{lines[0]}</a></div>
<ul class="menu">{nav}</ul><div class="detail"><h2 class="detail-title">{lines[1]}</h2>
<div class="attr"><span>{lines[2]}</span><span>{lines[3]}</span></div><div class="pic"><span>{lines[4]}</span><img src="/up/a.jpg"></div>
<div class="detail-text">{text}</div><div class="editor">{lines[-1]}</div></div><div class="foot">版权所有 某某网 某ICP备00000000号</div></body></html>"""


def with_breaks(lines: list[str]) -> str:
    return f"<html><title>某站</title><body><div>{'<br><br>'.join(lines)}</div></body></html>"


def with_bare_blocks(lines: list[str]) -> str:
    return f"<html><head><title>{lines[1]}-某某先锋网</title></head><body>{''.join(f'<div>{x}</div>' for x in lines)}<div>Copyright © 某某网</div></body></html>"


def with_a_table(lines: list[str]) -> str:
    text = "".join(f"<p>　　{line}</p>" for line in lines[5:])
    rows = (lines[0], lines[1], lines[2] + lines[3], f"<img src=a.jpg>{lines[4]}", text)
    return f"<html><head><title>某某先锋网</title></head><body><table>{''.join(f'<tr><td>{x}</td></tr>' for x in rows)}</table></body></html>"


SHAPES = [with_classes, with_breaks, with_bare_blocks, with_a_table]


def read(html: str) -> Draft:
    found = extract(html.encode(), "https://www.example.cn/a/1.html", rules="none")
    assert isinstance(found, Draft), found
    return found


def check(
    draft: Draft, *, title: str, inner: str, author: str, paper: str, when: str, editor: str
) -> None:
    assert draft.title is not None
    assert draft.title.value == title
    assert draft.inner_title is not None
    assert draft.inner_title.value == inner
    assert draft.authors is not None
    assert [p.name for p in draft.authors.value] == [author]
    assert draft.source is not None
    assert (draft.source.value, draft.source.rule) == (paper, "headline prefix")
    assert draft.source.confidence < 1
    assert draft.published is not None
    assert draft.published.value.instant == datetime.fromisoformat(when)
    assert draft.editors is not None
    assert [(p.name, p.role) for p in draft.editors.value] == [(editor, "责任编辑")]


def texts(draft: Draft) -> list[Block]:
    return [block for block in draft.blocks if block.text]


@pytest.mark.parametrize("shape", SHAPES)
def test_the_fields_of_a_prefixed_repost(shape: object) -> None:
    lines = lines_of(TEXT)
    draft = read(shape(lines))  # type: ignore[operator]
    check(
        draft, title=lines[1], inner=lines[5], author="陈远山", paper="某某组织报",
        when="2024-03-12T09:08:07+08:00", editor="林小禾",
    )  # fmt: skip
    kinds = [block.kind for block in texts(draft)]
    assert kinds == [BlockKind.QUOTE] * 2 + [BlockKind.PARAGRAPH] * 3
    assert [block.text for block in texts(draft)] == lines[7:-1]


@pytest.mark.shared
@pytest.mark.parametrize("shape", SHAPES)
def test_the_seed_itself(shape: object, shared: Path) -> None:
    (file,) = (shared / "seed").glob("*.txt")
    lines = lines_of(file.read_text("utf-8"))
    draft = read(shape(lines))  # type: ignore[operator]
    check(
        draft, title=lines[1], inner=lines[5], author=lines[6], paper="中国组织人事报",
        when="2023-05-17T19:47:39+08:00", editor="蒙古乐",
    )  # fmt: skip
    assert [block.text for block in texts(draft)] == lines[7:-1]
    assert [block.kind for block in texts(draft)][:3] == [
        BlockKind.QUOTE,
        BlockKind.QUOTE,
        BlockKind.PARAGRAPH,
    ]
    assert lines[0] not in draft.text


PREFIXES = [
    ("《某某日报》刊发陈远山署名文章：把路修到心里去", "某某日报", "把路修到心里去"),
    ("《某某求索》杂志发表陈远山署名文章：把路修到心里去", "某某求索", "把路修到心里去"),
    ("《某某日报》头版刊发：把路修到心里去", "某某日报", "把路修到心里去"),
]


@pytest.mark.parametrize(("title", "paper", "inner"), PREFIXES)
def test_forms_of_the_prefix(title: str, paper: str, inner: str) -> None:
    body = "".join(f"<p>{line}</p>" for line in lines_of(TEXT)[9:-1])
    draft = read(f"<title>{title}</title><h1>{title}</h1><div>2024-03-12</div><div>{body}</div>")
    assert draft.source is not None
    assert draft.source.value == paper
    assert draft.inner_title is not None
    assert draft.inner_title.value == inner


@pytest.mark.parametrize(
    "title",
    ["《修路记》：一本写给乡亲的书", "陈远山：把路修到心里去", "县委印发《修路办法》：三年完成"],
)
def test_other_headlines_have_no_prefix(title: str) -> None:
    body = "".join(f"<p>{line}</p>" for line in lines_of(TEXT)[9:-1])
    draft = read(f"<title>{title}</title><h1>{title}</h1><div>2024-03-12</div><div>{body}</div>")
    assert draft.inner_title is None
    assert draft.source is None
