"""The pages of one article become one draft; what is missing is said."""

from datetime import datetime
from zoneinfo import ZoneInfo

from aggregator.extract.join import join_pages
from aggregator.model import (
    Attachment,
    Block,
    BlockKind,
    Draft,
    Field,
    Image,
    Moment,
    NoArticle,
    NoArticleKind,
    Person,
    Precision,
)

NOON = Moment(
    "2024-05-17 12:00",
    datetime(2024, 5, 17, 12, tzinfo=ZoneInfo("Asia/Shanghai")),
    Precision.MINUTE,
)
BASE = "http://www.example.cn/t1"


def page(number: int, *texts: str, head: str = "", editor: str = "") -> Draft:
    blocks = tuple(Block(BlockKind.PARAGRAPH, text) for text in ((head, *texts) if head else texts))
    return Draft(
        url=f"{BASE}_{number}.html",
        title=Field("院子里的图书室", "title"),
        published=Field(NOON, "info line") if number == 1 else None,
        editors=Field((Person(editor, "责任编辑"),), "editor label") if editor else None,
        blocks=blocks,
        text="\n".join(block.text for block in blocks),
        html="".join(f"<p>{block.text}</p>" for block in blocks),
        next_pages=(f"{BASE}_2.html", f"{BASE}_3.html") if number == 1 else (),
    )


def test_bodies_stand_in_order_and_nothing_is_left_to_fetch() -> None:
    whole = join_pages(
        page(1, "第一段。"),
        [(f"{BASE}_2.html", page(2, "第二段。")), (f"{BASE}_3.html", page(3, "第三段。"))],
    )
    assert [block.text for block in whole.blocks] == ["第一段。", "第二段。", "第三段。"]
    assert whole.text == "第一段。\n第二段。\n第三段。"
    assert whole.html == "<p>第一段。</p>\n<p>第二段。</p>\n<p>第三段。</p>"
    assert whole.next_pages == ()
    assert whole.missing_pages == ()
    assert whole.published is not None
    assert whole.url == f"{BASE}_1.html"


def test_repeated_headlines_are_dropped_from_blocks_and_html() -> None:
    for head in ("院子里的图书室", "院子里的图书室（2）", "院子里的图书室 【第2页】"):
        whole = join_pages(page(1, "第一段。"), [("u2", page(2, "第二段。", head=head))])
        assert [block.text for block in whole.blocks] == ["第一段。", "第二段。"]
        assert whole.html == "<p>第一段。</p>\n<p>第二段。</p>"


def test_a_paragraph_that_names_the_headline_stays() -> None:
    text = "“院子里的图书室”已经开放三年。"
    assert text in join_pages(page(1, "一。"), [("u2", page(2, text))]).text


def test_missing_pages_are_said() -> None:
    gone = NoArticle(NoArticleKind.SOFT_NOT_FOUND, "the page says: 404")
    whole = join_pages(page(1, "一。"), [("u2", gone), ("u3", page(3, "三。"))])
    assert whole.missing_pages == ("u2",)
    assert whole.text == "一。\n三。"


def test_the_same_page_again_counts_as_missing() -> None:
    whole = join_pages(page(1, "一。"), [("u2", page(1, "一。"))])
    assert whole.missing_pages == ("u2",)
    assert whole.text == "一。"


def test_editor_is_the_last_pages_and_the_rest_the_firsts() -> None:
    whole = join_pages(
        page(1, "一。", editor="甲"),
        [("u2", page(2, "二。", editor="乙")), ("u3", page(3, "三。"))],
    )
    assert whole.editors is not None
    assert [person.name for person in whole.editors.value] == ["乙"]


def test_pictures_and_files_are_kept_once() -> None:
    image, file = Image("http://a.cn/1.jpg"), Attachment("http://a.cn/1.pdf")
    first = Draft(
        url="u1",
        text="一。",
        images=(image,),
        attachments=(file,),
        blocks=(Block(BlockKind.IMAGE, image=image),),
    )
    second = Draft(
        url="u2",
        text="二。",
        images=(image,),
        attachments=(file,),
        blocks=(Block(BlockKind.PARAGRAPH, "二。"),),
    )
    whole = join_pages(first, [("u2", second)])
    assert whole.images == (image,)
    assert whole.attachments == (file,)
