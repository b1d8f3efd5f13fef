"""Which pictures of a page belong to its article."""

import pytest

from aggregator.extract import extract
from aggregator.model import Draft

URL = "https://www.example.cn/a/1.html"
TEXT = "村里的渠修好了，水流到了每一块田里，今年的收成有了指望。"
PROSE = "".join(f"<p>　　{TEXT}第{n}组{TEXT}</p>" for n in range(6))
HEAD = "<h1>村里的渠修好了</h1><div>2024-01-02　来源：某县日报</div>"


def pictures(page: str) -> list[str]:
    found = extract(page.encode(), URL, rules="none")
    assert isinstance(found, Draft), found
    for image in found.images:
        assert f'src="{image.url}"' in found.html
    return [image.url.removeprefix("https://www.example.cn") for image in found.images]


@pytest.mark.parametrize(
    "lead",
    [
        "<p><img src=/up/a.jpg></p>",
        "<div class=tp><img src=/up/a.jpg width=600 height=400></div>",
        "<div><a href=/up/a-big.jpg target=_blank><img src=/up/a.jpg></a></div>",
        "<div>图片</div><div><img src=/up/a.jpg></div>",
        "<div><img src=/up/a.jpg></div><div>【字体：大 中 小】 打印</div>",
    ],
)
@pytest.mark.parametrize(
    "body", [f"<div class=nr>{PROSE}</div>", f"<div class=nr><p>{TEXT}</p></div>"]
)
def test_the_picture_above_the_text_is_the_article_s(lead: str, body: str) -> None:
    assert pictures(f"{HEAD}{lead}{body}") == ["/up/a.jpg"]


@pytest.mark.parametrize(
    "other",
    [
        "<div><a href=http://shop.example.com/><img src=/up/x.jpg></a></div>",
        "<div><img src=/up/x.jpg width=960 height=90></div>",
        "<div class=share-bar><img src=/up/x.jpg></div>",
        "<div><img src=/images/icon_print.gif></div>",
        "<div><img src=/up/x.jpg width=16></div>",
    ],
)
def test_advertisements_and_icons_above_the_text_are_not(other: str) -> None:
    assert pictures(f"{HEAD}{other}<div class=nr>{PROSE}</div>") == []


@pytest.mark.parametrize(
    "body",
    ["<a href=/big.html><img src=/up/a.jpg></a>", "<a href='#'><b><img src=/up/a.jpg></b></a>"],
)
def test_a_picture_in_a_link_inside_the_text_is_kept(body: str) -> None:
    assert pictures(f"{HEAD}<div class=nr>{PROSE}<p>{body}</p>{PROSE}</div>") == ["/up/a.jpg"]


@pytest.mark.parametrize(
    "attributes",
    [
        "src=/skin/loading.gif data-src=/up/a.jpg",
        "src=data:image/gif;base64,R0lGOD data-lazyload=/up/a.jpg",
        "src=/skin/blank.gif zoomfile=/up/a.jpg alt=b.jpg",
        "lay-src=/up/a.jpg?w=600",
    ],
)
def test_the_lazy_attribute_holds_the_picture(attributes: str) -> None:
    (found,) = pictures(f"{HEAD}<div class=nr>{PROSE}<p><img {attributes}></p>{PROSE}</div>")
    assert found.partition("?")[0] == "/up/a.jpg"


def test_a_large_picture_is_no_icon_whatever_its_name() -> None:
    named = "<p><img src=/up/share_1.jpg {}></p>"
    assert pictures(f"{HEAD}<div class=nr>{PROSE}{named.format('width=600')}{PROSE}</div>") == [
        "/up/share_1.jpg"
    ]
    assert pictures(f"{HEAD}<div class=nr>{PROSE}{named.format('')}{PROSE}</div>") == []


def test_pictures_beside_a_cut_line_stay_where_the_block_has_text() -> None:
    body = f"{TEXT}{TEXT}<br><img src=/up/a.jpg><br>{TEXT}{TEXT}<br>{TEXT}{TEXT}<br>编辑：陈禾<br>"
    assert pictures(f"{HEAD}<div class=nr>{body}</div>") == ["/up/a.jpg"]


def test_thumbnails_of_other_articles_are_cut() -> None:
    rows = "".join(
        f"<p><a href=/{n}.html><img src=/t{n}.jpg></a><a href=/{n}.html>另一篇关于水渠的文章{n}</a></p>"
        for n in range(5)
    )
    assert pictures(f"{HEAD}<div class=nr>{PROSE}{rows}</div>") == []
