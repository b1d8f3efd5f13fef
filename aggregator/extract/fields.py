"""A Reading and its zones in; source, column, breadcrumb, keywords, summary, 原标题, 原文链接 out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from aggregator.extract.lines import Line, label
from aggregator.extract.people import cut_value
from aggregator.extract.reading import Reading, where
from aggregator.extract.times import Times
from aggregator.extract.title import Prefix
from aggregator.extract.zones import Zones
from aggregator.model import Field, Sighting
from aggregator.text import squeeze
from aggregator.url import join

MAX_SOURCE = 60
_SOURCE = re.compile(
    r"(?:信息|文章|稿件|新闻|本文|内容|资料)?(?:来\s?源(?:于)?|稿源|出处|原创(?=[:：]))\s?(?:[:：]|(?=\s))\s?(?P<value>[^\n]{0,120})"
)
_SOURCE_ALONE = re.compile(r"^(?:信息|文章|稿件|新闻)?(?:来\s?源|稿源|出处)\s?[:：]?$")
_LABEL_END = re.compile(r"(?:来\s?源|稿源|出处)\s?[:：]\s*$")
_SOURCE_STOP = re.compile(
    r"\s*(?:[【\[|｜]|(?:作\s?者|记者|通讯员|发布|发表|时\s?间|日\s?期|字\s?体|字\s?号|浏\s?览|点击|阅\s?读|分享|打印|举报|责任编辑|责编|编\s?辑|审核|"
    r"责任|更新|大\s中\s小|大中小|小\s?大|人气|访问|评论|关闭|收藏|视力|语音|次数|原创稿|查看|参与|我要|摄影|扫一扫|用手机|来源[:：])|\d{4}[-年./]\d|https?:|$)"
)
_MEDIUM = re.compile(
    r"^[^:：\s，。]+(?:报|网|社|台|刊|杂志|局|委|办|院|部|厅|会|府|处|中心|频道|客户端|发布|在线|新闻|号|视|媒体|半月谈|求是|瞭望|大学|学院|公司)$"
)
_NAMED = re.compile(r"source|laiyuan|(?<![a-z])ly(?![a-z])|origin|(?<![a-z])media", re.IGNORECASE)
_TOOLS = re.compile(
    r"字体|字号|[\[【（(]?\s?大\s?[\]】）)]?\s?[\[【（(]?中[\]】）)]?\s?[\[【（(]?\s?小\s?[\]】）)]?|浏览[^\s]*|点击[^\s]*|阅读[^\s]*|分享[^\s]*|打印[^\s]*|评论[^\s]*|举报|收藏|关闭[^\s]*|"
    r"[\u4e00-\u9fff]{0,4}(?:时间|日期)|发布(?:者|人|单位)?|发表(?:时间|于)?|时间|日期|更新|次数|人气|来源|A[-+]?|[:：|｜\[\]【】（）()<>\-—/]+|(?<!\S)(?:\d+|·|原创|优质原创|关注|已认证|昨天|今天|前天|刚刚|\d{1,2}(?:天|小时|分钟)前)(?!\S)"
)
_PRINTED = re.compile(
    r"《([^《》]{2,20})》\s?[（(]\s?\d{4}\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日\s{0,5}(?:第\s?)?\d{1,3}\s?版"
)
_ISSUE = re.compile(r"(?:19|20)\d\d\s?年?\s?[/第]\s?\d{1,2}\s?期")
_PAGE = re.compile(r"第\s?\d{1,3}\s?版(?:\s?[:：]\s?[^\s（()）]{2,12})?")
_ARROW = re.compile(r"[>＞»→]")
_PLACE = re.compile(r"^(?:您?(?:现在|当前)?的?(?:所在)?位置|首页|当前位置|位置)")
_ORIGINAL = re.compile(
    r"^[\[【（(]?\s?(?:原标题|原题)(?:为)?\s?[:：]?\s?(?P<value>.{2,200}?)\s?[\])）】]?$"
)
_ORIGINAL_LINK = re.compile(r"(?:阅读|查看|点击)?(?:阅读)?原文(?:链接|地址|出处)?|原文")
_COLUMN_META = ("columnname", "lanmu", "column")


def find_source(
    reading: Reading, zones: Zones, times: Times, prefix: Prefix | None, sighting: Sighting | None
) -> Field[str] | None:
    """Where the article says it comes from (来源)."""
    meta = reading.metas.get("contentsource", "")
    if squeeze(meta):
        return Field(meta, "meta ContentSource", "meta[ContentSource]", meta)
    shown = (
        _labelled(zones.head, "source label")
        or find_paper((*zones.head, *zones.foot[:8]))[0]
        or _labelled((*zones.foot, *zones.body[-2:]), "source label at the end")
        or _labelled(zones.above, "source label above")
        or _by_name(zones.head)
        or _beside_date(zones, times)
        or _from_prefix(prefix)
        or _next_to_date(zones, times)
    )
    return shown or _hidden_source(reading, sighting)


def _from_prefix(prefix: Prefix | None) -> Field[str] | None:
    if prefix is None:
        return None
    return Field(prefix.paper, "headline prefix", "title", f"《{prefix.paper}》", 0.7)


def _hidden_source(reading: Reading, sighting: Sighting | None) -> Field[str] | None:
    counter = reading.counters.get("source", "")
    if counter:
        return Field(clean_source(counter), "TRS counter", "span#NewsArticleSource", counter)
    meta = reading.metas.get("source", "")
    value = clean_source(re.sub(r"^来源\s?[:：]\s?", "", meta))
    if value and re.search(r"[\u4e00-\u9fff]", value):
        return Field(value, "meta source", "meta[source]", meta, 0.8)
    if sighting and sighting.source:
        return Field(sighting.source, "list", "list", sighting.source, 0.8)
    return None


def _labelled(lines: Iterable[Line], rule: str) -> Field[str] | None:
    before: Line | None = None
    for line in lines:
        if before is not None and len(line.text) <= MAX_SOURCE:
            value = clean_source(line.text)
            if value:
                return Field(value, rule, where(line.owner), f"{before.text} {line.text}")
        before = None
        if _SOURCE_ALONE.match(line.text):
            before = line
            continue
        found = _SOURCE.search(line.text) if len(line.text) < 300 else None
        if found is None or (found.start() and line.text[found.start() - 1] in "资料"):
            continue
        value = _linked_value(line) or clean_source(found["value"])
        if value:
            return Field(value, rule, where(line.owner), line.text[:200])
    return None


def _linked_value(line: Line) -> str:
    """The text of the link right behind the label, which ends the value exactly; or ""."""
    for (before, tail), (after, after_tail) in pairwise(line.pieces):
        lead = (before.tail if tail else before.text) or ""
        if _LABEL_END.search(lead) and after.tag == "a" and not after_tail:
            return clean_source((after.text or "").strip())
    return ""


def clean_source(text: str) -> str:
    """A claimed source up to the next label, without quotes and stray signs at its ends."""
    stop = _SOURCE_STOP.search(text)
    value = (text[: stop.start()] if stop else text).strip(" \t:：-—_/|、,，;；>")
    value = value.rstrip("）)") if "(" not in value and "（" not in value else value
    return value if len(value) <= MAX_SOURCE and re.search(r"[^\W\d_]", value) else ""


def _by_name(lines: Iterable[Line]) -> Field[str] | None:
    for line in lines:
        if len(line.text) <= 30 and _NAMED.search(label(line.owner)):
            value = clean_source(_TOOLS.sub(" ", line.text))
            if len(value) >= 2 and re.search(r"[\u4e00-\u9fff]", value):
                return Field(value, "element named source", where(line.owner), line.text, 0.9)
    return None


def _beside_date(zones: Zones, times: Times) -> Field[str] | None:
    """What stands without a label in the line of the date."""
    line = times.line
    if line is None or line not in zones.head:
        return None
    start, end = times.span
    rest = _unlabelled(line.text[:start] + " \u0001 " + line.text[end:])
    if rest:
        return Field(rest, "beside the date", where(line.owner), line.text[:200], 0.8)
    return None


def _next_to_date(zones: Zones, times: Times) -> Field[str] | None:
    """The short line next to the date that is a medium or an office by its ending."""
    line = times.line
    near = [n for n in zones.head if line is not None and abs(n.number - line.number) == 1]
    for other in near:
        paper = re.sub(r"^[\u4e00-\u9fff·]{2,4}/", "", other.text)
        if 2 <= len(paper) <= 16 and not other.links and _MEDIUM.search(paper):
            return Field(paper, "line next to the date", where(other.owner), other.text, 0.7)
    return None


def _unlabelled(text: str) -> str:
    text = re.sub(
        r"(?:作者|记者|编辑|责任编辑|责编|通讯员|发布者|发布人|录入|审核|撰稿|供稿)\s?[:：]\s?\S+(?:\s[\u4e00-\u9fff]{2,3}(?=\s|$))*",
        " ",
        text,
    )
    parts = [clean_source(_TOOLS.sub(" ", part).strip()) for part in text.split("\u0001")]
    for part in reversed(parts):
        if 2 <= len(part) <= 20 and re.search(r"[\u4e00-\u9fff]", part) and len(part.split()) <= 2:
            return part.split()[0]
    return ""


# ---------------------------------------------------------------- column and the rest


def find_breadcrumb(reading: Reading) -> Field[tuple[str, ...]] | None:
    """The trail 首页 > A > B above the headline, without 首页 and 正文."""
    top = reading.headline if reading.headline >= 0 else len(reading.lines)
    for line in reading.lines[:top]:
        text = line.text
        if len(text) < 160 and _ARROW.search(text) and (line.links or _PLACE.match(text)):
            parts = [
                re.sub(r"^.*?位置\s?[:：]?\s*", "", p).strip(" :：")
                for p in re.split(r"[>＞»→]+", text)
            ]
            kept = tuple(
                p for p in parts if p and p not in ("首页", "正文", "网站首页", "主页", "详情")
            )
            if kept and all(len(p) <= 40 for p in kept):
                return Field(kept, "breadcrumb", where(line.owner), text)
    return None


def find_column(
    reading: Reading, trail: Field[tuple[str, ...]] | None, sighting: Sighting | None
) -> Field[str] | None:
    """The column (栏目) that the page stands in."""
    for name in _COLUMN_META:
        if reading.metas.get(name):
            return Field(reading.metas[name], f"meta {name}", f"meta[{name}]", reading.metas[name])
    if trail:
        last = [
            p for p in trail.value if not (len(p) > 12 and squeeze(p) in squeeze(reading.title_tag))
        ]
        if last:
            return Field(last[-1], "breadcrumb", trail.where, trail.text, 0.8)
    if sighting and sighting.categories:
        return Field(sighting.categories[0], "list", "list", sighting.categories[0], 0.7)
    return None


def find_keywords(reading: Reading) -> Field[tuple[str, ...]] | None:
    """Keywords of the page's meta, unless they only repeat headline, site or column."""
    text = reading.metas.get("keywords", "")
    tag = squeeze(reading.title_tag)
    words = [w.strip() for w in re.split(r"[,，;；、|\s]+", text) if w.strip()]
    kept = tuple(
        dict.fromkeys(w for w in words if 2 <= len(w) <= 20 and "网" not in w and squeeze(w) != tag)
    )
    return Field(kept[:20], "meta keywords", "meta[keywords]", text, 0.7) if kept else None


def find_summary(reading: Reading, zones: Zones) -> Field[str] | None:
    """The summary (摘要) that the page shows for the article; never the site's own description."""
    for line in (*zones.head, *zones.body[:2]):
        found = re.match(
            r"^[\[【（(]?\s?(?:内容|原文|核心)?(?:摘\s?要|提要|导读|内容简介)\s?[\]】)）]?\s?[:：]?\s?(.{10,})",
            line.text,
        )
        if found:
            return Field(found[1].strip(), "summary label", where(line.owner), line.text)
    return None


def find_paper(lines: Iterable[Line]) -> tuple[Field[str] | None, ...]:
    """Source, issue (刊期) and page (版面) as a printed paper gives them, each None when absent."""
    source = issue = page = None
    for line in lines:
        text = line.text
        if len(text) > 60 or not ("版" in text or "期" in text):
            continue
        printed = _PRINTED.search(text)
        if printed and source is None:
            source = Field(printed[1], "paper, date and page", where(line.owner), text)
        number, sheet = _ISSUE.search(text), _PAGE.search(text)
        if number and issue is None:
            issue = Field(number[0], "number of the issue", where(line.owner), text)
        if sheet and (page is None or len(sheet[0]) > len(page.text)):
            value = re.sub(r"\s", "", sheet[0])
            page = Field(value, "page of the paper", where(line.owner), sheet[0])
    return source, issue, page


def find_original_title(lines: Iterable[Line]) -> Field[str] | None:
    """The headline of the first publication (原标题)."""
    for line in lines:
        found = _ORIGINAL.match(line.text) if "原" in line.text[:8] else None
        if found:
            value = found["value"].strip("《》 :：")
            return Field(value, "label 原标题", where(line.owner), line.text)
    return None


def find_original_url(reading: Reading, lines: Iterable[Line]) -> Field[str] | None:
    """Where the article was first published, as linked (原文链接)."""
    for line in lines:
        if not line.links or len(line.text) > 120 or "原文" not in line.text:
            continue
        for link in line.owner.iter("a"):
            text = "".join(link.itertext())
            url = join(reading.url, link.get("href") or "")
            if url and (_ORIGINAL_LINK.search(text) or "原文" in line.text):
                return Field(url, "link 原文", where(link), line.text)
    return None


__all__ = [
    "clean_source",
    "cut_value",
    "find_breadcrumb",
    "find_column",
    "find_keywords",
    "find_original_title",
    "find_original_url",
    "find_paper",
    "find_source",
    "find_summary",
]  # fmt: skip
