"""Pages in the shapes of real templates, built from invented text."""

from __future__ import annotations

from html import escape


def seed_page(text: str) -> bytes:
    """The text of an article page in the shape of a member site of the alliance (see seed tests).

    Lines 1 to 5 are site line, headline, label, time and the picture's label; then inner title,
    author, quotes, paragraphs and the editor in half-width brackets.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    site, headline, label, time, _, inner, author, *rest = lines
    body = "\n".join(f"<p>{escape(line)}</p>" for line in [inner, author, *rest[:-1]])
    nav = "".join(f'<li><a href="/c{n}/">{name}</a></li>' for n, name in enumerate(_NAV))
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(headline)}</title></head>
<body><div class="top"><a href="http://union.example.cn/">{escape(site)}</a></div>
<div class="menu"><ul>{nav}</ul></div>
<div class="detail"><h2 class="detail-title">{escape(headline)}</h2>
<div class="attr"><span>{escape(label)}</span><span>{escape(time)}</span></div>
<div class="pic"><span>图片</span><img src="/upload/2023/a.jpg"></div>
<div class="detail-text">{body}</div>
<div class="editor">{escape(rest[-1])}</div></div>
<div class="foot"><p>版权所有 某某网 京ICP备00000000号</p></div></body></html>""".encode()


_NAV = ("首页", "要闻", "党建", "干部", "人才", "基层", "文献")

SEED_TEXT = """某某党建网站联盟

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
