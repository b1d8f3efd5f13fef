"""What was found of an article in; why the page is none out, or None when it is one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aggregator.extract.body import teasers_in
from aggregator.extract.lines import Element, Line
from aggregator.extract.reading import Reading
from aggregator.model import Block, BlockKind, Field, Moment, NoArticle, NoArticleKind

_CHALLENGE = re.compile(
    r"acw_sc__v2|__jsl_clearance|\$_ts\b|cf[-_]chl|Just a moment|challenge-platform|document\.cookie\s*=|HOY_TR|"
    r"location\.(?:reload|replace|href)|安全验证|人机验证|滑动验证|WAF|Access Denied|<noscript>[^<]{0,80}JavaScript",
    re.IGNORECASE,
)
_FILE = re.compile(r"%PDF|PK\x03\x04|.PNG\r\n|GIF8[79]a|\{\\rtf|Rar!|.{0,3}JFIF|ID3", re.DOTALL)
_GONE = re.compile(
    r"(?<!\d)404(?!\d)|页面(?:不存在|未找到|找不到|丢失|已删除|已被删除|没有找到|走丢)|(?:找不到|无法找到|未找到)(?:该|您|相关)?.{0,8}(?:页|文件|内容)|"
    r"(?:文章|内容|信息|稿件|新闻|网页|您(?:要)?(?:访问|查看)的.{0,10})(?:已|已经)?(?:被)?(?:删除|不存在|下线|撤销|撤回|失效)|not\s+found|page\s+missing",
    re.IGNORECASE,
)
_SHORT = 200  # characters; a page with less text than this may be a notice
_TINY = 60


def judge(reading: Reading) -> NoArticle | None:
    """What can be said before the body is looked for."""
    encoding = reading.prepared.encoding
    size = sum(len(line.text) for line in reading.lines)
    text = reading.prepared.text
    if (file := _FILE.match(text)) and "<html" not in text[:5_000].lower():
        return NoArticle(NoArticleKind.NOT_ARTICLE, f"a file, no page ({file[0][:4]!r})", encoding)
    if (
        size < _TINY
        and "<script" in text.lower()
        and (len(text) < 20_000 or _CHALLENGE.search(text))
    ):
        return NoArticle(
            NoArticleKind.CHALLENGE, f"scripts and only {size} characters of text", encoding
        )
    if size < 1_500 and (notice := _gone(reading, size)):
        return NoArticle(NoArticleKind.SOFT_NOT_FOUND, f"the page says: {notice}", encoding)
    if not size and not any(line.media is not None for line in reading.lines):
        return NoArticle(NoArticleKind.EMPTY, "the page shows neither text nor pictures", encoding)
    return None


def _gone(reading: Reading, size: int) -> str:
    """The words by which the page says that its article is gone, or ""."""
    prose = max((len(line.text) - line.links for line in reading.lines), default=0)
    if prose > _SHORT:
        return ""
    head = [reading.title_tag, *(line.text for line in reading.lines if len(line.text) < 80)]
    for text in head if size < 600 else head[:1]:
        found = _GONE.search(text)
        if found:
            return text[:60]
    return ""


def judge_body(
    reading: Reading,
    lines: Sequence[Line],
    blocks: Sequence[Block],
    claims: tuple[Field[str] | None, Field[Moment] | None],
    element: Element | None,
) -> NoArticle | None:
    """What the body that was found says: a list page, nothing, or (None) an article.

    *claims* are headline and date; *element* is the body's container, None when a site rule named it.
    """
    texts = [line for line in lines if line.media is None]
    media = any(block.kind in (BlockKind.IMAGE, BlockKind.VIDEO) for block in blocks)
    title, published = claims
    empty = "" if media and published else _too_little(texts, published is not None)
    if empty and reading.tree.find(".//input[@type='password']") is not None:
        return NoArticle(NoArticleKind.NOT_ARTICLE, "a form to log in", reading.prepared.encoding)
    listed = _listing(reading, texts, element, bool(title and published), media)
    if listed and (empty or element is not None):
        return NoArticle(NoArticleKind.NOT_ARTICLE, listed, reading.prepared.encoding)
    if empty:
        return NoArticle(NoArticleKind.EMPTY, empty, reading.prepared.encoding)
    if title is None and published is None:
        reason = "neither headline nor date: no page of an article"
        return NoArticle(NoArticleKind.NOT_ARTICLE, reason, reading.prepared.encoding)
    return None


def _too_little(texts: Sequence[Line], dated: bool) -> str:
    """Why the text is no article's: too few characters outside links, or no words; else ""."""
    size = sum(len(line.text) - line.links for line in texts)
    if size < (10 if dated else 30):
        return f"only {size} characters of text"
    sample = "".join(line.text for line in texts[:20])[:1_000]
    if sum(c.isalpha() and c != "\ufffd" for c in sample) * 5 < len(sample):
        return "signs without words"
    return ""


def _listing(
    reading: Reading, texts: Sequence[Line], element: Element | None, article: bool, media: bool
) -> str:
    """Why the page is a list or home page, "" when it does not look like one.

    A page with headline and date (*article*) needs more proof.
    """
    size = sum(len(line.text) for line in texts)
    linked = sum(line.links for line in texts)
    if linked * 2 > size:
        return f"{linked * 100 // size} % of its text are links"
    prose = article and (media or any(len(t.text) >= 20 and t.text.endswith("。") for t in texts))
    if size - linked < _TINY and not prose and _has_lists(reading):
        return f"links and only {size - linked} characters of text"
    if size - linked < 2 * _TINY and not article and len(reading.lines) > 30:
        return f"only {size - linked} characters of text, and no headline with a date"
    if size - linked < 2 * _TINY and sum(bool(_DAY.search(t.text)) for t in reading.lines) >= 5:
        return f"many dates and only {size - linked} characters of text"
    rows = sum(1 for line in texts if line.links * 10 >= len(line.text) * 9 and len(line.text) >= 6)
    if rows >= 8 and rows * 5 > len(texts):
        return f"a list of {rows} links"
    dated = sum(1 for line in texts if _ROW.search(line.text) and line.links * 3 > len(line.text))
    if dated >= 5 and dated * 2 > len(texts):
        return f"a list of {dated} dated links"
    teasers = teasers_in(reading, element) if element is not None else 0
    return f"a list of {teasers} teasers" if teasers else ""


_DAY = re.compile(r"(?:19|20)\d\d\s?[-/.年]\s?\d")
_ROW = re.compile(r"\d{1,4}[-/.年月]\d{1,2}")


def _has_lists(reading: Reading) -> bool:
    linked = [
        line for line in reading.lines if line.links * 2 > len(line.text) and len(line.text) >= 8
    ]
    return len(linked) >= 5


def kind_of(blocks: Sequence[Block]) -> str:
    """text, photo (a picture story), image (one picture) or video."""
    images = sum(block.kind is BlockKind.IMAGE for block in blocks)
    prose = sum(len(b.text) for b in blocks if b.kind is not BlockKind.IMAGE)
    if any(block.kind is BlockKind.VIDEO for block in blocks) and prose < 300:
        return "video"
    if images == 1 and prose < 40:
        return "image"
    return "photo" if images >= 2 and prose < 80 * images else "text"
