"""Headlines: which of a page's many titles is the article's own, and what stands around it."""

from __future__ import annotations

import pytest

from aggregator.extract import extract
from aggregator.model import Draft, Sighting

TITLE = "青石村的“共享菜园”开张了"
BODY = "".join(
    f"<p>{text}</p>"
    for text in (
        "清明前后，青石村村委会把闲置的十二亩边角地平整出来，分成小块，交给村民轮流耕种。",
        "“种什么，大家商量；收多少，账本公开。”负责登记的陈满说，第一批四十户已经签了约。",
        "村里还请来农技员，每周三下午在地头讲课，谁有问题谁提，当场给出办法。",
    )
)


def read(html: str, **given: object) -> Draft:
    found = extract(html.encode(), "https://www.example.cn/a.html", rules="none", **given)  # type: ignore[arg-type]
    assert isinstance(found, Draft), found
    return found


def value(field: object) -> object:
    return field.value if field else None  # type: ignore[attr-defined]


HEADS = {
    "site behind": (f"<title>{TITLE}_青石先锋网</title>", f"<h1>{TITLE}</h1>"),
    "column and site": (f"<title>{TITLE}--基层动态--人民先锋网</title>", f"<h1>{TITLE}</h1>"),
    "site in front": (f"<title>青石先锋网 - {TITLE}</title>", f"<div class='tit'>{TITLE}</div>"),
    "site alone, heading": ("<title>青石县人民政府门户网站</title>", f"<h3 class='content-title'>{TITLE}</h3>"),
    "column alone, class": ("<title>基层动态</title>", f"<div class='article_title'>{TITLE}</div>"),
    "logo heading": (f"<title>{TITLE}-青石先锋网</title>", f"<h1 class='logo'><a href='/'>青石先锋网</a></h1><div class='bt'>{TITLE}</div>"),
    "cut title tag": ("<title>青石村的“共享菜园”开张...</title>", f"<h1>{TITLE}</h1>"),
    "quotes differ": ('<title>青石村的"共享菜园"开张了</title>', f"<h2>{TITLE}</h2>"),
    "in two lines": (f"<title>{TITLE}</title>", "<h1>青石村的<br>“共享菜园”开张了</h1>"),
    "not shown": (f"<title>{TITLE}_青石先锋网</title>", ""),
    "og only": (f"<title>青石先锋网</title><meta property='og:title' content='{TITLE}'>", f"<div>{TITLE}</div>"),
    "government": (f"<title>青石县人民政府</title><meta name='ArticleTitle' content='{TITLE}'>", f"<div>{TITLE}</div>"),
    "markup in meta": (f"<title>x</title><meta name='ArticleTitle' content='{TITLE}<br/>'>", f"<div>{TITLE}</div>"),
    "counter": (f"<title>青石先锋网</title><span id='NewsArticleTitle' style='display:none'>{TITLE}</span>", f"<div>{TITLE}</div>"),
    "title in a list beside": (f"<title>{TITLE}_青石先锋网</title>", f"<h1>{TITLE}</h1><ul><li><a href='/1.html'>{TITLE}</a></li></ul>"),
}  # fmt: skip


@pytest.mark.parametrize("name", HEADS)
def test_the_headline(name: str) -> None:
    head, shown = HEADS[name]
    html = f"<html><head>{head}</head><body>{shown}<div>2024-04-05 10:00 来源：青石日报</div><div class=con>{BODY}</div></body></html>"
    title = read(html).title
    assert title is not None
    assert title.value.replace(" ", "").replace('"', "“", 1).replace('"', "”") == TITLE


def test_the_title_of_the_list_is_the_last_resort() -> None:
    html = f"<body><div>2024-04-05 10:00</div><div>{BODY}</div></body>"
    title = read(html, sighting=Sighting(url="", title=TITLE)).title
    assert title is not None
    assert (title.value, title.rule) == (TITLE, "list")


def page(around: str, body: str = BODY) -> str:
    return f"<html><head><title>{TITLE}_青石先锋网</title></head><body>{around}<div>2024-04-05 10:00</div><div>{body}</div></body></html>"


def test_overline_and_subtitle() -> None:
    draft = read(
        page(
            f"<h3 class='pre'>乡村新事</h3><h1>{TITLE}</h1><h2 class='sub'>四十户村民签约种地</h2>"
        )
    )
    assert (value(draft.overline), value(draft.subtitle)) == ("乡村新事", "四十户村民签约种地")
    draft = read(page(f"<h1>{TITLE}</h1><p>——来自青石村的报告</p>"))
    assert (value(draft.overline), value(draft.subtitle)) == (None, "——来自青石村的报告")


def test_no_overline_or_subtitle_is_made_of_other_lines() -> None:
    draft = read(page(f"<div>当前位置：首页 > 要闻</div><h1>{TITLE}</h1><div>字号：大 中 小</div>"))
    assert (value(draft.overline), value(draft.subtitle)) == (None, None)


def test_a_founder_comment_names_the_titles() -> None:
    comment = (
        "<!--enpproperty <articleid>1</articleid><date>2024-04-05 10:00:00.0</date><author></author>"
        f"<title>{TITLE}</title><subtitle>四十户村民签约种地</subtitle><introtitle>乡村新事</introtitle>/enpproperty-->"
    )
    html = f"<html><head><title>青石日报</title></head><body>{comment}<div>{TITLE}</div><!--enpcontent--><div>{BODY}</div><!--/enpcontent--></body></html>"
    draft = read(html)
    assert (value(draft.title), value(draft.overline), value(draft.subtitle)) == (
        TITLE,
        "乡村新事",
        "四十户村民签约种地",
    )
    assert draft.published is not None
    assert draft.published.value.instant.isoformat() == "2024-04-05T10:00:00+08:00"


def test_trail_and_column() -> None:
    trail = "<div class='pos'>您的位置：<a href='/'>首页</a> &gt; <a href='/dj'>党建</a> &gt; <a href='/dj/jc'>基层动态</a> &gt; 正文</div>"
    draft = read(page(f"{trail}<h1>{TITLE}</h1>"))
    assert value(draft.breadcrumb) == ("党建", "基层动态")
    assert value(draft.column) == "基层动态"


def test_keywords_without_the_site() -> None:
    html = page(f"<h1>{TITLE}</h1>").replace(
        "</head>", "<meta name=keywords content='共享菜园,青石村,青石先锋网'></head>"
    )
    assert value(read(html).keywords) == ("共享菜园", "青石村")
