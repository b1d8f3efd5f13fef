"""The lines of a body's container in; those that are the article's own out.

Cut are: the headline and the info line where they stand inside, editor lines, 原标题, share and
print bars, page numbers, attachments boxes, and all that follows a 相关阅读 heading.
"""

from __future__ import annotations

import re

from aggregator.extract.blocks import Groups
from aggregator.extract.body import Container
from aggregator.extract.furniture import has_label, is_editor, is_furniture, is_index_label, is_info
from aggregator.extract.lines import Element, Line
from aggregator.extract.pictures import (
    film,
    is_banner,
    is_linked,
    picture_source,
    shows_itself,
)
from aggregator.extract.reading import Reading

_STOP_AFTER = 150  # characters of article before a 相关阅读 heading is believed
_CAPTION = 200  # characters; a longer text is an article of its own
_REST = 0.5  # more text than this share behind an editor line: it is not the end
_STOP = re.compile(
    r"^[\[【（(■▶>\s]{0,3}(?:相关(?:阅读|新闻|链接|报道|文章|稿件|推荐|专题|文档|信息|内容|解读|附件|政策|资讯|热词|搜索)|延伸阅读|推荐阅读|"
    r"热门(?:推荐|新闻|文章|评论)|猜你喜欢|您?你?可能(?:会|还)?喜欢|更多(?:精彩|新闻|推荐)|网友评论|最新评论|精彩推荐|为您推荐|"
    r"大家都在看|今日热点|上一[篇条页]|下一[篇条页]|文件下载|关联文件|附件下载|关联稿件|往期回顾|精彩视频|视频推荐|精彩图片|图片新闻|返回顶部|频道精选)"
)


def own_lines(reading: Reading, container: Container) -> list[Line]:
    """The lines of the article in *container*, in order."""
    groups = Groups(container.element)
    lines = reading.lines[container.first : min(container.last + 1, reading.footer)]
    lines = _without_side_parts(lines, container)
    lines = _without_index_table(lines)
    lines = lines[_head_end(reading, lines, groups) :]
    kept: list[Line] = []
    dropped: set[Element] = set()
    size = 0
    rest = sum(len(line.text) - line.links for line in lines)
    for line in lines:
        rest -= len(line.text) - line.links
        if (
            line.media is None
            and _STOP.match(line.text)
            and len(line.text) < 40
            and size > _STOP_AFTER
        ):
            break
        if is_editor(line) and size > _STOP_AFTER and rest < size * _REST:
            break
        if line.media is None and is_furniture(line) and not groups.is_cell(line):
            dropped.add(line.owner)
            continue
        kept.append(line)
        size += len(line.text)
    return _without_tail(_without_icons(kept, dropped))


def _without_icons(lines: list[Line], dropped: set[Element]) -> list[Line]:
    """Without pictures in blocks all of whose text was cut: arrows of a pager, icons of files."""
    dropped = dropped - {line.owner for line in lines if line.media is None}
    return [line for line in lines if line.media is None or line.owner not in dropped]


def with_lead_media(reading: Reading, lines: list[Line]) -> list[Line]:
    """*lines* with the pictures between headline and text, and films above a mere caption."""
    if not lines or reading.headline < 0:
        return lines
    above = reading.lines[reading.headline + 1 : lines[0].number]
    shown = [line for line in above if not line.noise and _is_shown(line)]
    if sum(len(line.text) for line in lines) > _CAPTION:
        shown = [line for line in shown if picture_source(line) and _is_lead(line)]
    return [*shown, *lines]


def _is_lead(line: Line) -> bool:
    """Whether a picture above a long text is the article's: no link elsewhere, no banner."""
    return not is_banner(line) and (not is_linked(line) or shows_itself(line))


def _is_shown(line: Line) -> bool:
    return bool(picture_source(line)) or film(line, "") is not None


def _without_side_parts(lines: list[Line], container: Container) -> list[Line]:
    """Without short or linked lines of elements named like side parts inside the container."""
    outer = {id(e) for e in container.element.iterancestors()} | {id(container.element)}
    kept = []
    for line in lines:
        inner = any(id(element) not in outer for element in line.noise)
        prose = len(line.text) > 40 and line.links * 3 < len(line.text) and "。" in line.text
        if not inner or prose:
            kept.append(line)
    return kept


def _without_index_table(lines: list[Line]) -> list[Line]:
    """Without the table of 索引号, 发布机构, 文号 … that opens government documents."""
    tables: dict[Element, int] = {}
    for line in lines[:60]:
        if is_index_label(line) and (table := _group(line)) is not None:
            tables[table] = tables.get(table, 0) + 1
    drop = {table for table, labels in tables.items() if labels >= 3}
    return [line for line in lines if _group(line) not in drop] if drop else lines


def _group(line: Line) -> Element | None:
    """The innermost table or list around *line*."""
    return next((e for e in line.owner.iterancestors() if e.tag in ("table", "ul", "dl")), None)


def _head_end(reading: Reading, lines: list[Line], groups: Groups) -> int:
    """How many of the first lines are headline, info line and tools."""
    end = next((i + 1 for i, line in enumerate(lines[:40]) if line.number == reading.headline), 0)
    inside = end > 0
    for index, line in enumerate(lines[end : end + 15], end):
        if picture_source(line) and not inside:
            break  # the body begins with a picture
        if line.media is not None or groups.is_cell(line):
            continue
        if is_furniture(line) or (is_info(line) and (inside or has_label(line))):
            end = index + 1
        elif len(line.text) > 30 or line.text.endswith(("。", "！", "？")):
            break
    return end


def _without_tail(lines: list[Line]) -> list[Line]:
    """Without the closing part that is mostly links: lists of other articles, cards with teasers."""
    rows = size = linked = 0
    while len(lines) > 1 and _is_button(lines[-1]):
        lines = lines[:-1]
    end = len(lines)
    for index in range(len(lines) - 1, 0, -1):
        line = lines[index]
        size += len(line.text)
        linked += line.links
        rows += line.links * 10 >= len(line.text) * 9 > 0
        dense = (rows >= 2 and linked * 2 > size) or (rows >= 3 and linked * 5 > size * 2)
        if dense and line.media is None and not _is_prose(line):
            end = index
    if not any(_is_prose(line) for line in lines[:end]):
        return lines
    if end < len(lines):
        while end > 1 and is_linked(lines[end - 1]) and not shows_itself(lines[end - 1]):
            end -= 1  # the thumbnail of the first of these links
    # Links are cut for what they say; a picture that is none stays.
    pictures = (line for line in lines[end:] if picture_source(line) and not is_linked(line))
    return [*lines[:end], *pictures]


def _is_button(line: Line) -> bool:
    return 0 < len(line.text) <= 8 and line.links >= len(line.text)


def _is_prose(line: Line) -> bool:
    own = len(line.text) - line.links
    return own * 2 > len(line.text) and (
        own >= 20 or line.text.endswith(("。", "！", "？", "”", "）"))
    )
