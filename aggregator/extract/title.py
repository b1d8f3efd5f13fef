"""A Reading in; headline, overline, subtitle, inner title and headline prefix out.

Order of trust, with the counts of 109 pages read by hand: the government meta ArticleTitle (right on
52 of 52), the shown line that is the longest part of <title> (98), the heading that looks most like
one (the title tag names only site or column on 7), the longest part of <title>.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from aggregator.extract.lines import Element, Line, label, squash
from aggregator.extract.reading import Reading, where
from aggregator.model import Field
from aggregator.text import squeeze

MAX_TITLE = 200  # characters
_HEADS = {"h1": 6.0, "h2": 3.0, "h3": 2.0, "h4": 1.0}
_TOP_HEADS = frozenset(("h1", "h2", "h3"))
_NAMED = re.compile(r"tit|(?<![a-z])bt(?![a-z])|biaoti|headline|(?<![a-z])h1", re.IGNORECASE)
_SUBNAMED = re.compile(
    r"sub-?tit|fubiao|fu_?ti|sub_?head|futit|(?<![a-z])sub(?![a-z])", re.IGNORECASE
)
_OVERNAMED = re.compile(
    r"(?<![a-z])pre(?![a-z])|yinti|intro_?tit|shoulder|eyebrow|juti|jianti", re.IGNORECASE
)
_SEPARATORS = re.compile(r"\s*(?:[_|｜]+|[-–—]{1,8}(?=\s|[^\d\s])|::|»|«|>)\s*")
_SPACED = re.compile(r"\s*[_|｜]+\s*|\s+[-–—]+\s+|-{2,}|_+|\s*::\s*|\s*»\s*")
_SITE = re.compile(
    r"(?:网|网站|门户|人民政府|政府|频道|首页|官网|平台|正文|新闻|资讯|要闻|委员会|大学|学院|局|报|客户端|联盟|在线|先锋|\.cn|\.com)$"
)
_NO_TITLE = re.compile(r"[。:：]$|位置|[>＞»]")
_DAY = re.compile(r"20\d\d\s?[-/.年]\s?\d{1,2}")
_PREFIX = re.compile(
    r"^《([^《》]{2,20})》(?:杂志|报)?(?:头版|要闻版|理论版|刊文|刊发|刊登|发表|推出|转发)+"
    r"([^：:]{0,30}?)(?:署名|重要)?(?:文章|理论文章|评论|社论|调研报告)?[：:|丨](.{4,})$"
)


@dataclass(frozen=True, slots=True)
class Prefix:
    """The prefix of a repost's headline, 《X》刊发某某署名文章：title."""

    paper: str
    person: str
    inner: str


class _Candidate(NamedTuple):
    line: Line
    element: Element
    text: str
    bonus: float = 0.0

    @property
    def score(self) -> float:
        """How much it looks like a headline."""
        return _looks(self.element) + self.bonus


def find_title(reading: Reading, given: str = "") -> Field[str] | None:
    """The headline; sets ``reading.headline`` to its (first) line. *given* is the list's title."""
    meta = reading.metas.get("articletitle", "")
    candidates = list(_candidates(reading))
    if meta and squeeze(meta):
        reading.headline = _line_with(candidates, meta)
        return Field(meta[:MAX_TITLE], "meta ArticleTitle", "meta[ArticleTitle]", meta)
    best, rule = _best_match(reading, candidates, given), "line of the title tag"
    if best is None:
        best, rule = _best_heading(reading, candidates), "heading"
    if best:
        reading.headline = best.line.number
        return Field(best.text, rule, where(best.element), best.text)
    tag = cut_site(reading.title_tag or reading.metas.get("og:title", ""))
    above = None if len(tag) > 3 and not _SITE.search(tag) else _above_date(reading, candidates)
    if above:
        reading.headline = above.line.number
        return Field(above.text, "line above the date", where(above.element), above.text, 0.7)
    return _from_tag(tag, reading, given)


def _candidates(reading: Reading) -> Iterator[_Candidate]:
    """Headings and lines that are short enough, not links, with a bonus for looks."""
    seen: set[Element] = set()
    for line in reading.lines:
        linked = line.links * 2 >= len(line.text)
        if not 2 <= len(line.text) <= MAX_TITLE or (linked and line.owner.tag not in _TOP_HEADS):
            continue
        heading = _heading_of(line)
        if heading is not None and heading not in seen:
            seen.add(heading)
            whole = squash(" ".join(heading.itertext()))[: MAX_TITLE + 1]
            if len(whole) > len(line.text) and len(whole) <= MAX_TITLE:
                yield _Candidate(line, heading, whole, 0.5)
        if not linked:
            yield _Candidate(line, line.owner, line.text)


def _heading_of(line: Line) -> Element | None:
    """The heading that the line, or the block that it is all of, stands in."""
    if line.owner.tag in _TOP_HEADS:
        return line.owner
    parent = line.owner.getparent()
    return parent if parent is not None and parent.tag in _TOP_HEADS else None


def _looks(element: Element) -> float:
    parent = element.getparent()
    names = label(element) + (label(parent) if parent is not None else "")
    return _HEADS.get(str(element.tag), 0.0) + (3.0 if _named(names) else 0.0)


@lru_cache(maxsize=4096)
def _named(names: str) -> bool:
    return _NAMED.search(names) is not None


def _line_with(candidates: list[_Candidate], title: str) -> int:
    """The number of the line that shows *title*, by looks and then by order; -1 for none."""
    want = squeeze(title)
    sized = [c for c in candidates if len(title) < 3 * len(c.text) < 9 * len(title)]
    hits = [c for c in sized if _equal_enough(squeeze(c.text), want)]
    return max(hits, key=lambda c: (c.score, -c.line.number)).line.number if hits else -1


def _equal_enough(have: str, want: str) -> bool:
    return have == want or (
        len(have) >= 8
        and len(have) * 2 > len(want)
        and (have in want or want in have)
        and len(have) < 1.5 * len(want)
    )


def _best_match(reading: Reading, candidates: list[_Candidate], given: str) -> _Candidate | None:
    """The candidate that is the longest part of one of the page's own titles."""
    titles = [
        reading.title_tag,
        reading.metas.get("og:title", ""),
        reading.counters.get("title", ""),
    ]
    titles += [reading.prepared.founder.get("title", ""), given]
    wants = [w for w in dict.fromkeys(squeeze(t) for t in titles) if len(w) >= 2]
    sites = _site_names(reading)
    first = squeeze(_SPACED.split(reading.title_tag)[0])
    best: _Candidate | None = None
    rank = 0.0
    longest = 2 * max(map(len, wants), default=0)
    for candidate in candidates:
        text = squeeze(candidate.text) if len(candidate.text) <= longest else ""
        short = 2 <= len(text) < 4 and text == first and candidate.score > 0
        if (len(text) < 4 and not short) or text in sites:
            continue
        value = max((_match(text, want) for want in wants), default=0.0)
        if value <= 0:
            continue
        value += min(candidate.score, 9.0) * 0.5 - (3.0 if candidate.line.noise else 0.0)
        if value > rank:
            best, rank = candidate, value
    return best


def _match(text: str, want: str) -> float:
    """How many characters *text* shares with *want* as one piece; 0 when too few."""
    if text in want:
        return float(len(text)) if len(text) * 3 >= len(want) or want.startswith(text) else 0.0
    head = want[: len(text)]
    if len(want) >= 8 and (
        text.startswith(want) or (len(head) >= 10 and text.startswith(want[:-1]))
    ):
        return float(len(want))
    return 0.0


def _site_names(reading: Reading) -> set[str]:
    names = {
        squeeze(reading.metas.get(key, "")) for key in ("sitename", "og:site_name", "columnname")
    }
    parts = _SPACED.split(reading.title_tag)
    names |= {squeeze(p) for p in parts[1:] if len(p) < 30 and _SITE.search(p.strip())}
    names |= {squeeze(p) for p in parts[:1] if len(p) < 16 and _SITE.search(p.strip())}
    return names - {""}


def _best_heading(reading: Reading, candidates: list[_Candidate]) -> _Candidate | None:
    """The most heading-like line, when the title tag is no help: before a date line if possible."""
    sites = _site_names(reading)
    best: _Candidate | None = None
    rank = 3.9
    for candidate in candidates:
        text = squeeze(candidate.text)
        score = candidate.score if len(text) >= 5 and text not in sites else 0.0
        if score <= 0:
            continue
        near = reading.lines[candidate.line.number + 1 : candidate.line.number + 9]
        dated = any(_DAY.search(line.text) for line in near)
        value = score + 4.0 * dated + min(len(text), 20) / 10
        value -= 3.0 * bool(candidate.line.noise) + 4.0 * bool(_SITE.search(candidate.text))
        if value > rank:
            best, rank = candidate, value
    return best


def _above_date(reading: Reading, candidates: list[_Candidate]) -> _Candidate | None:
    """The longest line without a full stop among the three above the first date line."""
    dated = (
        line.number for line in reading.lines if len(line.text) < 60 and _DAY.search(line.text)
    )
    first = next(dated, -1)
    near = [c for c in candidates if first - 4 < c.line.number < first]
    near = [c for c in near if 6 <= len(c.text) <= 80 and not _NO_TITLE.search(c.text)]
    return max(near, key=lambda c: len(c.text), default=None)


def _from_tag(tag: str, reading: Reading, given: str) -> Field[str] | None:
    if tag:
        return Field(tag[:MAX_TITLE], "title tag", "title", reading.title_tag or tag, 0.6)
    return Field(given, "list", "list", given, 0.8) if given else None


def cut_site(tag: str) -> str:
    """The longest part of a title tag, its site and column names cut off."""
    parts = [p.strip() for p in _SPACED.split(tag) if p and p.strip()]
    if len(parts) == 1:
        parts = [p.strip() for p in _SEPARATORS.split(tag) if p and p.strip()]
        if len(parts) > 1 and not _SITE.search(parts[-1]):
            return tag.strip()
    return max(parts, key=len, default="")


# ---------------------------------------------------------------- around the headline


def find_prefix(title: str) -> Prefix | None:
    """The parts of a headline such as 《X》刊发某某署名文章：Y; None when it is not of that kind."""
    found = _PREFIX.match(title.strip())
    if not found:
        return None
    person = re.sub(r"(?:署名|撰写的|重要|理论|同志|文章)+$", "", found[2]).strip()
    return Prefix(found[1], person if 2 <= len(person) <= 4 else "", found[3].strip())


def find_overline(reading: Reading) -> Field[str] | None:
    """The line above the headline that is named or marked up as its overline (引题)."""
    founder = reading.prepared.founder.get("introtitle", "")
    if founder:
        return Field(founder, "Founder comment", "comment enpproperty", founder)
    for line in reversed(reading.lines[max(0, reading.headline - 2) : max(reading.headline, 0)]):
        if _is_side_title(reading, line, _OVERNAMED):
            return Field(line.text, "overline above the headline", where(line.owner), line.text)
    return None


def find_subtitle(reading: Reading, first: int) -> Field[str] | None:
    """The line under the headline (and above line *first*) that is its subtitle (副题)."""
    founder = reading.prepared.founder.get("subtitle", "")
    if founder:
        return Field(founder, "Founder comment", "comment enpproperty", founder)
    if reading.headline < 0:
        return None
    for line in reading.lines[reading.headline + 1 : min(first, reading.headline + 4)]:
        if line.text.startswith(("——", "--")) and len(line.text) < 60:
            return Field(line.text, "dash under the headline", where(line.owner), line.text)
        if _is_side_title(reading, line, _SUBNAMED):
            return Field(line.text, "subtitle under the headline", where(line.owner), line.text)
    return None


def _is_side_title(reading: Reading, line: Line, named: re.Pattern[str]) -> bool:
    if line.media is not None or not 4 <= len(line.text) <= 80 or line.links or line.noise:
        return False
    if re.search(r"[:：]|\d{4}[-年/]", line.text) and line.tag not in ("h2", "h3"):
        return False
    head = reading.lines[reading.headline]
    near = line.owner.getparent() is head.owner.getparent()
    return named.search(label(line.owner)) is not None or (near and line.tag in ("h2", "h3", "h4"))
