"""The lines of a body's container in; those that are the article's own out.

Cut are: the headline and the info line where they stand inside, editor lines, 原标题, share and
print bars, page numbers, attachments boxes, and all that follows a 相关阅读 heading.
"""

from __future__ import annotations

import re

from aggregator.extract.body import Container
from aggregator.extract.lines import Line
from aggregator.extract.reading import Reading, same

_STOP_AFTER = 150  # characters of article before a 相关阅读 heading is believed
_STOP = re.compile(
    r"^[\[【（(■▶>\s]{0,3}(?:相关(?:阅读|新闻|链接|报道|文章|稿件|推荐|专题|文档|信息|内容|解读|附件|政策|资讯|热词|搜索)|延伸阅读|推荐阅读|"
    r"热门(?:推荐|新闻|文章|评论)|猜你喜欢|您?你?可能(?:会|还)?喜欢|更多(?:精彩|新闻|推荐)|网友评论|最新评论|精彩推荐|为您推荐|"
    r"大家都在看|今日热点|上一[篇条页]|下一[篇条页]|文件下载|关联文件|附件下载|关联稿件|往期回顾|图片新闻|返回顶部|频道精选)"
)
_DROP = re.compile(
    r"^[\[【（(〔\s]{0,3}(?:"
    r"(?:原标题|原题)\s?[:：]|(?:责任)?编\s?辑\s?[:：/]|责\s?编\s?[:：/]|(?:审核|校对|审校|一审|二审|三审|初审|复审|终审|监制|值班主编|编审|责任校对)\s?[:：]|"
    r"(?:本文|文章|信息|稿件)?来源\s?[:：]|发布(?:时间|日期|者|人|单位)\s?[:：]|(?:浏览|点击|阅读)(?:次数|量|数)?\s?[:：]|"
    r"(?:扫一扫|扫码|扫描|微信扫|长按)|分享(?:到|至|：|:|$)|打印(?:本页)?(?:$|[\]】\s])|关闭(?:窗口|本页)?(?:$|[\]】\s])|收藏(?:本页)?$|返回(?:列表|顶部|首页|目录)|"
    r"字体|字号|【?大\s中\s小|(?:点击(?:进入|查看|阅读|下载))|阅读原文|点赞|举报$|纠错|我要纠错|关键词\s?[:：>]|关键字\s?[:：]|标签\s?[:：]|"
    r"声明\s?[:：]|免责声明|特别声明|版权声明|上一[篇条页]|下一[篇条页]|附件\s?\d{0,2}\s?[:：]?\s?$|相关附件|"
    r"T\s?[+]|小\s大$|[AＡ][-－+＋]|\d{1,7}\s?(?:人|次)(?:阅读|浏览)|正文$|首页\s?[>＞]|转发$|微信$|微博$|QQ空间$|朋友圈$)",
    re.IGNORECASE,
)
_PAGES = re.compile(r"^(?:[【\[(（]?\d{1,2}[】\])）]?\s?|上一页|下一页|首页|尾页|末页|共\s?\d+\s?页|\.{2,}|…|[<>《》]){2,}$")
_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|wps|et|ofd|zip|rar|7z|txt|tif|csv)(?:$|[?#\s])", re.IGNORECASE)
_ATTACHED = re.compile(r"^[\[【（(]?\s?附件?\s?\d{0,2}\s?[:：.、]?")
_LABELLED = re.compile(
    r"来\s?源|时\s?间|日\s?期|作\s?者|字\s?[体号]|浏\s?览|点击|阅\s?读|编\s?辑|发布|分享|打印|稿源|记者[:：]|[大中小]\s[大中小]|评论|人气|访问"
)
_DATE = re.compile(r"(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}")


def own_lines(reading: Reading, container: Container) -> list[Line]:
    """The lines of the article in *container*, in order."""
    lines = reading.lines[container.first : container.last + 1]
    lines = _without_side_parts(lines, container)
    lines = lines[_head_end(reading, lines) :]
    kept: list[Line] = []
    size = 0
    for line in lines:
        if line.media is None and _STOP.match(line.text) and len(line.text) < 40 and size > _STOP_AFTER:
            break
        if line.media is None and is_furniture(line):
            continue
        kept.append(line)
        size += len(line.text)
    return _without_tail(kept)


def is_furniture(line: Line) -> bool:
    """Whether the line serves the page, not the article: editor, 原标题, print, share, counters."""
    text = line.text
    if len(text) > 120:
        return False
    if _DROP.match(text) or _PAGES.match(text):
        return True
    if line.links * 10 >= len(text) * 9 and text and (_FILE.search(text) or _ATTACHED.match(text)):
        return True
    return len(text) < 3 and not re.search(r"\w", text)


def is_info(line: Line) -> bool:
    """Whether the line tells of date, source or tools, as between headline and body."""
    text = line.text
    if len(text) > 160 or line.media is not None:
        return False
    labels = len(_LABELLED.findall(text))
    dated = _DATE.search(text) is not None
    if dated and len(_DATE.sub("", text)) < 40 and not re.search(r"[，。；]", text):
        return labels > 0 or len(text) < 45
    return labels >= 2 and not re.search(r"[，。；]", text)


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


def _head_end(reading: Reading, lines: list[Line]) -> int:
    """How many of the first lines are headline, info line and tools."""
    end = 0
    for index, line in enumerate(lines[:40]):
        if line.number == reading.headline:
            end = index + 1
    for index, line in enumerate(lines[end : end + 15], end):
        if line.media is None and (is_info(line) or is_furniture(line)):
            end = index + 1
        elif line.media is None and len(line.text) > 30:
            break
    return end


def _without_tail(lines: list[Line]) -> list[Line]:
    """Without a closing run of link-only lines (lists of other articles)."""
    end = len(lines)
    while end and lines[end - 1].media is None and lines[end - 1].links >= len(lines[end - 1].text) > 0:
        end -= 1
    return lines[:end] if len(lines) - end >= 2 or end == len(lines) else lines


def is_title_again(title: str, line: Line) -> bool:
    """Whether the line repeats the headline."""
    return line.media is None and same(title, line.text)
