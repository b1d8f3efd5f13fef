"""A line in; whether it serves the page (editor, share bar, info line) and not the article, out."""

from __future__ import annotations

import re

from aggregator.extract.lines import Line, label

_DROP = re.compile(
    r"^[\[【（(〔▪■·●◆\s]{0,3}(?:"
    r"(?:原标题|原题)\s?[:：]|(?:责任)?编\s?辑\s?[:：/]|责\s?编\s?[:：/]|(?:审核|校对|审校|一审|二审|三审|初审|复审|终审|监制|值班主编|编审|责任校对)\s?[:：]|"
    r"(?:本文|文章|信息|稿件)?来源\s?[:：]|发布(?:时间|日期|者|人|单位)\s?[:：]|(?:浏览|点击|阅读)(?:次数|量|数)?\s?[:：]|"
    r"(?:扫一扫|扫码|扫描|微信扫|长按)|分享(?:到|至|：|:|$)|打印(?:本页)?(?:$|[\]】\s])|关闭(?:窗口|本页)?(?:$|[\]】\s])|收藏(?:本页)?$|返回(?:列表|顶部|首页|目录)|"
    r"字体|字号|【?大\s中\s小|(?:点击(?:进入|查看|阅读|下载))|阅读原文|原文(?:链接|地址|网址)\s?[:：]|点赞|举报$|纠错|我要纠错|关键词\s?[:：>]|关键字\s?[:：]|标签\s?[:：]|"
    r"声明\s?[:：]|免责声明|特别声明|版权声明|上一[篇条页]|下一[篇条页]|附件\s?\d{0,2}\s?[:：]?\s?$|相关附件|"
    r"T\s?[+]|小\s大$|[AＡ][-－+＋]|\d{1,7}\s?(?:人|次)(?:阅读|浏览)|正在加载|正文已结束|返回.{0,6}(?:首页|列表)|阅读下一篇|我要(?:跟帖|评论)|已输入|\d{0,6}\s?(?:条\s?)?评论(?:\s|$)|加载中|自动播放|播放$|暂停$|全屏$|转播到|您的浏览器|.{0,30}更多.{0,20}(?:请下载|下载.{0,8}(?:APP|客户端))|.{0,16}(?:报料|爆料|新闻热线)\s?[:：]|正文$|(?:图片|视频)$|首页\s?[>＞]|转发$|微信$|微博$|QQ空间$|朋友圈$)",
    re.IGNORECASE,
)
_PAGES = re.compile(
    r"^(?:[【\[(（]\s?\d{1,2}\s?[】\])）]\s?|\d{1,2}(?:\s|$)|上一页\s?|下一页\s?|首页\s?|尾页\s?|末页\s?|共\s?\d+\s?页\s?|\.{2,}\s?|…\s?|[<>《》]\s?){2,}$"
)
_FILE = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|wps|et|ofd|zip|rar|7z|txt|tif|csv)(?:$|[?#\s])", re.IGNORECASE
)
_ATTACHED = re.compile(r"^[\[【（(]?\s?附件?\s?\d{0,2}\s?[:：.、]?")
_LABELLED = re.compile(
    r"来\s?源|时\s?间|日\s?期|作\s?者|字\s?[体号]|浏\s?览|点击|阅\s?读|编\s?辑|发布|分享|打印|稿源|记者[:：]|[大中小]\s[大中小]|评论|人气|访问"
)
_SENTENCE = re.compile(r"[，。；]|(?<=[\u4e00-\u9fff])[,;]")
_DATE = re.compile(r"(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}")


_PRINTED = re.compile(r"^[（(]?《[^《》]{2,20}》\s?[（(]\s?\d{4}\s?年.{3,20}版\s?[）)]{1,2}$")
_SUMMARY = re.compile(
    r"abstract|summary|zhaiyao|daodu|intro(?!title)|(?<![a-z])lead", re.IGNORECASE
)
_NOTICE = re.compile(r"^[\[【（(\s]{0,2}(?:声明|免责|特别|版权|扫|长按|关注)")
_EDITOR = re.compile(r"(?<!\w)(?:责任编辑|责\s?编|编\s?辑|责任校对)\s?[:：/]")
_BRACKETS = re.compile(r"^(?:[【\[][^【】\[\]]{2,30}[】\]]\s?){2,}$")
_INDEX = re.compile(
    r"^[【\[]?(?:索\s?[引取]\s?号|发布机构|发文机关|发布单位|文件编号|主题分类|信息分类|公开类别|公开形式|公开方式|公开范围|公开时限|公开责任部门|发文字号|"
    r"文\s?号|成文日期|发文日期|生成日期|发布日期|发布时间|有效性|是否有效|备\s?注|信息名称|名\s?称|主题词|组配分类|体裁分类|服务对象|信息索引)[】\]]?\s?(?:[:：]|$)"
)


def is_furniture(line: Line) -> bool:
    """Whether the line serves the page, not the article: editor, 原标题, print, share, counters."""
    text = line.text
    if len(text) > 120:
        return False
    if len(text) > 60 and len(_SENTENCE.findall(text)) > 3 and not _NOTICE.match(text):
        return False
    if _PRINTED.match(text) or _DROP.match(text) or _PAGES.match(text) or _BRACKETS.match(text):
        return True
    if line.links * 10 >= len(text) * 9 and text and (_FILE.search(text) or _ATTACHED.match(text)):
        return True
    return len(text) < 3 and not re.search(r"\w", text)


def is_info(line: Line) -> bool:
    """Whether the line tells of date, source or tools, as between headline and body."""
    text = line.text
    if len(text) > 160 or line.media is not None:
        return False
    if _SENTENCE.search(text):
        return False
    labels = len(_LABELLED.findall(text))
    dated = _DATE.search(text) is not None
    if dated and len(_DATE.sub("", text)) < 40:
        return labels > 0 or len(text) < 45
    return labels >= 2


def has_label(line: Line) -> bool:
    """Whether a label such as 来源 or 时间 stands in the line."""
    return _LABELLED.search(line.text) is not None


def is_editor(line: Line) -> bool:
    """Whether the line is the editor's own, with which articles end."""
    return len(line.text) <= 120 and _EDITOR.search(line.text) is not None and is_furniture(line)


def is_index_label(line: Line) -> bool:
    """Whether the line is a label of the index table of government documents (索引号, 文号 …)."""
    return line.media is None and len(line.text) <= 80 and _INDEX.match(line.text) is not None


def is_summary(line: Line) -> bool:
    """Whether the line is the summary of the article in an element named so."""
    return _SUMMARY.search(label(line.owner)) is not None
