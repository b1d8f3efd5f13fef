"""The body of an article in the shapes that real templates give it."""

from __future__ import annotations

import pytest

from aggregator.extract import extract
from aggregator.model import BlockKind, Draft

P = [
    "开春以来，石桥镇把支部会开到了大棚里，党员带头认领技术难题，一个月解决了十七个。",
    "“过去是等人来教，现在是追着人学。”种植户何小田说，她的两个棚今年第一次种上了彩椒。",
    "镇党委算过一笔账：二百四十个棚，每个棚每年多收三千元，就是七十二万元。",
    "下一步，石桥镇准备把这套办法整理成册，送到相邻的三个乡镇，请大家提意见。",
]
TITLE = "支部会开进大棚：石桥镇的春耕账本"
INFO = '<div class="info">2024-03-20 09:15 来源：石桥日报</div>'
NAV = "".join(
    f'<li><a href="/c{n}/">{w}</a></li>'
    for n, w in enumerate(("首页", "要闻", "党建", "视频", "专题"))
)
FOOT = "<div class='footer'><p>主办单位：石桥先锋网</p><p>某ICP备00000002号 网站标识码：0000000000</p></div>"


def page(body: str, *, title: str = TITLE, info: str = INFO, side: str = "") -> bytes:
    """A page with navigation, headline, info line, *body*, a column at the *side* and a footer."""
    return (
        f"<html><head><title>{title}_石桥先锋网</title></head><body><ul class='nav'>{NAV}</ul>"
        f"<div class='wrap'><div class='left'><h1>{title}</h1>{info}{body}</div>{side}</div>{FOOT}</body></html>"
    ).encode()


def read(body: str, **parts: str) -> Draft:
    found = extract(
        page(body, **parts), "https://www.example.cn/202403/t20240320_11.html", rules="none"
    )
    assert isinstance(found, Draft), found
    return found


def ps(texts: list[str]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


SHAPES = {
    "p": f"<div class='con'>{ps(P)}</div>",
    "indented p": f"<div>{ps(['　　' + text for text in P])}</div>",
    "div": "<div class='txt'>" + "".join(f"<div>{text}</div>" for text in P) + "</div>",
    "br": "<div class='txt'>" + "<br><br>　　".join(P) + "</div>",
    "section": "<section>"
    + "".join(f"<section><span>{t}</span></section>" for t in P)
    + "</section>",
    "nested editor": f"<div class=TRS_Editor><div class=TRS_Editor><style>p{{}}</style>{ps(P)}</div></div>",
    "layout table": f"<table><tr><td>{ps(P)}</td></tr></table>",
    "first outside": f"<div><p>{P[0]}</p><section>{ps(P[1:])}</section></div>",
    "font": f"<div id=zoom><font size=3>{ps(P)}</font></div>",
    "text and p": f"<div id=zoom>{P[0]}{ps(P[1:])}</div>",
    "inner html end": f"<div id=zoom></body></html>{ps(P)}</div>",
    "ucapcontent": f"<ucapcontent>{ps(P)}</ucapcontent>",
    "article in li": f"<ul><li>{ps(P)}</li></ul>",
    "body named as comment": f"<div class='comment-article'>{ps(P)}</div>",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_gives_the_same_paragraphs(shape: str) -> None:
    draft = read(SHAPES[shape])
    assert draft.text.splitlines() == P
    assert all(text in draft.html for text in P)


FURNITURE = [
    "<p>（责任编辑：林小禾）</p>",
    "<p>原标题：石桥镇的春耕账本</p>",
    "<div>扫一扫在手机打开当前页</div>",
    "<div>【打印】【关闭】</div>",
    "<div><a href='#'>打印本页</a> <a href='#'>关闭窗口</a></div>",
    "<div>分享到：<a href=#>微信</a><a href=#>微博</a></div>",
    "<div>上一篇：<a href=/1.html>某某镇召开会议</a></div><div>下一篇：<a href=/2.html>某某村修好了路</a></div>",
    "<h3>相关阅读</h3><ul><li><a href=/1.html>某某镇召开春耕工作会议部署任务</a></li></ul>",
    "<div>【信息发布:石桥镇】【内容纠错】【返回顶部】</div>",
    "<div>浏览次数：123</div>",
    "<div class='relate'><p>更多内容请看专题，点击进入，大家都在看的好文章都在这里。</p></div>",
    "<div class='comments-list'><p>网友：写得真好，我们村也想这样做，请问怎么报名？</p></div>",
    "<ul><li><a href=/3.html>某某镇召开春耕工作会议部署任务</a></li><li><a href=/4.html>某某村修好了通往山外的路</a></li></ul>",
]


@pytest.mark.parametrize("tail", FURNITURE)
@pytest.mark.parametrize("inside", [True, False])
def test_lines_that_serve_the_page_are_cut(tail: str, inside: bool) -> None:
    body = f"<div>{ps(P)}{tail}</div>" if inside else f"<div>{ps(P)}</div>{tail}"
    draft = read(body)
    assert draft.text.splitlines() == P
    assert all(word not in draft.html for word in ("扫一扫", "打印", "责任编辑", "某某"))


KEPT = [
    "（本文经石桥日报授权转载）",
    "（资料来源：石桥镇政府、县农业局等）",
    "相关负责人表示，这项工作还将继续推进下去。",
    "打印店老板陈满说，这个春天来印资料的人特别多。",
    "来源：各村自己的钱，一分一厘都记在账上，谁都可以来查，谁都可以来问，年底还要公布，大家都说好，这样的办法要长久坚持下去，一年接着一年干，不能松劲，也不能走样，更不能半途而废，这是老书记常说的一句话，大家都记得很清楚。",
]


@pytest.mark.parametrize("line", KEPT)
def test_lines_that_only_look_like_furniture_stay(line: str) -> None:
    assert line in read(f"<div>{ps([*P, line])}</div>").text


def test_a_short_article_beside_long_lists() -> None:
    teasers = "".join(
        f"<div class=item><a href=/{n}.html>某某地方发生的第{n}件新鲜事情引起关注</a><p>记者从有关方面了解到，第{n}件事情已经办完，群众表示满意，后续工作正在推进。</p></div>"
        for n in range(12)
    )
    draft = read(f"<div class=con><p>{P[0]}</p></div>", side=f"<div class=right>{teasers}</div>")
    assert draft.text == P[0]


@pytest.mark.parametrize("hidden", ["", " style='display:none'"])
def test_of_two_copies_one_is_taken(hidden: str) -> None:
    copies = f"<div class=pc>{ps(P)}</div><div class=mobile{hidden}>{ps(P)}</div>"
    assert read(copies).text.splitlines() == P


def test_text_that_is_shown_by_script_only_is_read_as_a_last_resort() -> None:
    html = f"<html><head><title>{TITLE}</title></head><body><div style='display:none'><h1>{TITLE}</h1>{INFO}{ps(P)}</div><script>show()</script></body></html>"
    found = extract(html.encode(), "", rules="none")
    assert isinstance(found, Draft)
    assert found.text.splitlines()[-4:] == P


def test_kinds_of_blocks() -> None:
    body = (
        "<div class=con><p>●支部会开进大棚，难题当场认领，办完当场销号</p>"
        f"<h3>一、账是怎么算的</h3><p>{P[0]}</p><p><strong>钱从哪里来</strong></p><p>{P[1]}</p>"
        "<p style='text-align:center'><img src='a/1.jpg' width=600 height=400></p><p style='text-align:center'>图为大棚里的支部会。陈满 摄</p>"
        "<ul><li>第一条：公开</li><li>第二条：公平</li></ul>"
        "<table><tr><th>村</th><th>棚数</th></tr><tr><td>上河</td><td>120</td></tr></table>"
        f"<blockquote>{P[2]}</blockquote><p>{P[3]}</p><video src='/v/1.mp4'></video><p>注：棚数截至二月底。</p></div>"
    )
    draft = read(body)
    kinds = [(block.kind, block.text) for block in draft.blocks]
    assert kinds == [
        (BlockKind.QUOTE, "●支部会开进大棚，难题当场认领，办完当场销号"),
        (BlockKind.SUBHEAD, "一、账是怎么算的"),
        (BlockKind.PARAGRAPH, P[0]),
        (BlockKind.SUBHEAD, "钱从哪里来"),
        (BlockKind.PARAGRAPH, P[1]),
        (BlockKind.IMAGE, "图为大棚里的支部会。陈满 摄"),
        (BlockKind.LIST, "第一条：公开\n第二条：公平"),
        (BlockKind.TABLE, "村\t棚数\n上河\t120"),
        (BlockKind.QUOTE, P[2]),
        (BlockKind.PARAGRAPH, P[3]),
        (BlockKind.VIDEO, ""),
        (BlockKind.FOOTNOTE, "注：棚数截至二月底。"),
    ]
    table = next(block for block in draft.blocks if block.kind is BlockKind.TABLE)
    assert table.rows == (("村", "棚数"), ("上河", "120"))
    film = next(block for block in draft.blocks if block.kind is BlockKind.VIDEO)
    assert film.href == "https://www.example.cn/v/1.mp4"
    (image,) = draft.images
    assert (image.url, image.width, image.height) == (
        "https://www.example.cn/202403/a/1.jpg",
        600,
        400,
    )
    assert image.caption == "图为大棚里的支部会。陈满 摄"


def test_a_body_that_is_one_table_keeps_all_cells() -> None:
    rows = "".join(f"<tr><td>第{n}村</td><td>{n * 3}</td><td>已完成</td></tr>" for n in range(60))
    draft = read(f"<div id=zoom><table>{rows}</table></div>")
    (block,) = draft.blocks
    assert block.kind is BlockKind.TABLE
    assert len(block.rows) == 60
    assert block.rows[59] == ("第59村", "177", "已完成")


def test_lazy_pictures_are_real_and_ornaments_are_not() -> None:
    pictures = (
        "<p><img src='/img/loading.gif' data-original='/up/1.jpg'></p><p><img src='/up/2.jpg'></p>"
        "<p><img src='/images/icon_pdf.gif'><img src='/up/dot.png' width=10 height=10></p><p><img src='/skin/qrcode.png'></p>"
    )
    draft = read(f"<div>{ps(P[:2])}{pictures}{ps(P[2:])}</div>")
    assert [image.url[-6:] for image in draft.images] == ["/1.jpg", "/2.jpg"]
    assert draft.html.count("<img") == 2
    assert "https://www.example.cn/up/1.jpg" in draft.html


def test_attachments_are_fields_not_body() -> None:
    files = "<p><a href='./P020240320.pdf'>附件1：名单.pdf</a></p><p>附件：<a href='/d/2.docx'>申报表</a></p>"
    draft = read(f"<div>{ps(P)}{files}</div>")
    assert [(a.url, a.title) for a in draft.attachments] == [
        ("https://www.example.cn/202403/P020240320.pdf", "附件1：名单.pdf"),
        ("https://www.example.cn/d/2.docx", "申报表"),
    ]
    assert draft.attachments[0].type == "application/pdf"
    assert "名单" not in draft.text


def test_photo_image_and_video_pages_are_kept_as_such() -> None:
    photos = "".join(
        f"<p><img src='/up/{n}.jpg'></p><p>图为第{n}组支部会现场。</p>" for n in range(4)
    )
    assert read(f"<div>{photos}</div>").kind == "photo"
    assert read("<div><p><img src='/up/long.jpg'></p></div>").kind == "image"
    assert (
        read("<div><video><source src='/v/1.mp4'></video><p>石桥镇春耕纪实。</p></div>").kind
        == "video"
    )
    assert read(f"<div>{ps(P)}</div>").kind == "text"


def test_the_title_of_a_document_stays_in_its_body() -> None:
    draft = read(f"<div id=zoom><p>{TITLE}</p>{ps(P)}</div>")
    assert draft.text.splitlines() == [TITLE, *P]
    assert draft.inner_title is None


def test_the_index_table_of_a_document_is_no_body() -> None:
    index = (
        "<table><tr><td>索 引 号：</td><td>000/2024-1</td><td>发布机构：</td><td>石桥镇人民政府</td></tr>"
        "<tr><td>发文字号：</td><td>石政〔2024〕5号</td><td>成文日期：</td><td>2024-03-01</td></tr></table>"
    )
    draft = read(f"<div id=zoom>{index}{ps(P)}</div>")
    assert draft.text.splitlines() == P
    assert draft.published is not None
    assert draft.published.value.instant.day == 20


def test_original_title_and_address() -> None:
    notes = "<p>（原标题：石桥镇的春耕账本）</p><p><a href='http://other.example.cn/1.html'>阅读原文</a></p>"
    draft = read(f"<div>{ps(P)}{notes}</div>")
    assert draft.original_title is not None
    assert draft.original_title.value == "石桥镇的春耕账本"
    assert draft.original_url is not None
    assert draft.original_url.value == "http://other.example.cn/1.html"


def test_a_summary_only_where_the_page_has_one() -> None:
    draft = read(f"<div><p>【摘要】{P[3]}</p>{ps(P[:3])}</div>")
    assert draft.summary is not None
    assert draft.summary.value == P[3]
    assert read(f"<div>{ps(P)}</div>").summary is None


TEASERS = "".join(
    f"<div class=item><a href=/{n}.html><img src=/t{n}.jpg></a><h3><a href=/{n}.html>另一篇关于水渠的文章第{n}期标题</a></h3>"
    f"<p>这是另一篇文章的摘要，讲的是别处的水渠，说得比较长，有逗号，也有句号。第{n}篇。</p></div>"
    for n in range(9)
)


@pytest.mark.parametrize(
    "around", ["<div class={}>{}</div>", "<div class={}><h2>为您推荐</h2><div>{}</div></div>"]
)
@pytest.mark.parametrize("name", ["list", "other", "comments"])
def test_a_short_article_ends_before_the_teasers_in_its_own_block(around: str, name: str) -> None:
    text = "据消息，青禾村的主渠今天上午恢复通水，此前因清淤停水两天。"
    page = (
        "<title>青禾村主渠恢复通水_某网</title><div class=left><h1>青禾村主渠恢复通水</h1><div>2024-02-03 10:00 来源：某日报</div>"
        f"<p>{text}</p><p><img src=/lead.jpg></p><p>编辑：陈满</p>{around.format(name, TEASERS)}</div>"
    )
    draft = extract(page.encode(), "https://www.example.cn/1.html", rules="none")
    assert isinstance(draft, Draft), draft
    assert draft.text == text
    assert [image.url for image in draft.images] == ["https://www.example.cn/lead.jpg"]
    assert draft.editors is not None
    assert [person.name for person in draft.editors.value] == ["陈满"]
