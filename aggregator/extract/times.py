"""The zones of a page in; when it was published and updated out, as claimed.

A shown date goes before every meta date (right on 106 of 109 pages against 100): meta dates of
government sites are often the time of a migration. They complete the minute of the same day, or
stand in where no date is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from aggregator.extract.lines import Line
from aggregator.extract.reading import Reading, where
from aggregator.extract.zones import Zones
from aggregator.model import Field, Moment, Precision, Sighting
from aggregator.when import find, find_all

_PUBLISHED = re.compile(
    r"(?:发布|发表|创建|发稿|刊发|刊登|上传|录入|添加|时间|日期|日\s期|时\s间|Date)[^:：]{0,6}[:：]?\s*$",
    re.IGNORECASE,
)
_UPDATED = re.compile(r"(?:更新|修改|编辑)(?:时间|日期|于)?\s*[:：]?\s*$")
_OTHER = re.compile(
    r"(?:成文|印发|发文|生成|生效|实施|废止|截止|有效|活动|会议|公开|起始|结束)[^:：\s]{0,4}\s*[:：]?\s*$|页面生成"
)
_METAS = (
    "pubdate", "publishdate", "article:published_time", "og:release_date", "firstpublishedtime",
    "weibo:article:create_at", "weibo: article:create_at", "og:published_time", "og:time", "datepublished",
    "publish_time", "publishtime", "_pubtime", "apub:time", "date", "dc.date",
)  # fmt: skip
_UPDATE_METAS = ("lastmodifiedtime", "article:modified_time", "og:updated_time", "datemodified")
_JSON_DATE = re.compile(r'"(?:datePublished|pubDate)"\s*:\s*"([^"]{8,40})"')
_URL_DAY = re.compile(r"/((?:19|20)\d\d)[-/]?(\d\d)[-/]?(\d\d)(?=\D|$)|[/_]t((?:19|20)\d{6})_")
_YEAR = re.compile(r"(?:19|20|２０)\d\d|[一二]\w{3}年")
_NO_YEAR = re.compile(
    r"(?<![\d./年-])(\d{1,2})\s?(?:[-/]\s?(\d\d(?=\d\d[:：∶])|\d{1,2}(?!\d))|月\s?(\d{1,2})\s?日)"
    r"(?:\s{0,3}([0-2]?\d[:：∶][0-5]\d(?:[:：∶][0-5]\d)?))?(?![\d%./-])"
)
_CLOCK_ALONE = re.compile(r"^[0-2]?\d[:：∶][0-5]\d(?:[:：∶][0-5]\d)?$")
_YEAR_ALONE = re.compile(r"^(?:19|20)\d\d\s?[|年/-]?$")
_FINE = (Precision.MINUTE, Precision.SECOND)
_GOV_TIME = re.compile(r"(\d{4}-\d\d-\d\d)-(\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class _Shown:
    """A date as it stands on the page, and the label before it."""

    moment: Moment
    line: Line
    label: str  # published, updated, other or ""
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Times:
    """What a page claims about its own time; ``line`` is where the publication time stands."""

    published: Field[Moment] | None = None
    updated: Field[Moment] | None = None
    line: Line | None = None
    span: tuple[int, int] = (0, 0)


def find_times(reading: Reading, zones: Zones, sighting: Sighting | None, tz: str) -> Times:
    """Publication and update time of the article."""
    shown = _best_shown(zones, tz)
    updated = _updated(reading, zones, tz)
    if shown is None:
        partial = next(_without_year(reading, zones, sighting, tz), None)
        return (
            replace(partial, updated=updated)
            if partial
            else Times(_unshown(reading, sighting, tz), updated)
        )
    rule = f"shown date{f' ({shown.label})' if shown.label else ''}"
    confidence = 1.0 if shown.label == "published" or shown.line in zones.head else 0.8
    claim = Field(shown.moment, rule, where(shown.line.owner), shown.moment.text, confidence)
    if shown.label == "updated" and updated and updated.value == shown.moment:
        updated = None if shown.moment.precision == Precision.DAY else updated
    return Times(_completed(claim, reading, sighting, tz), updated, shown.line, shown.span)


def _best_shown(zones: Zones, tz: str) -> _Shown | None:
    """The date of the info line: labelled first, then the first one, then foot, then above."""
    head = list(_shown(zones.head, tz))
    for label in ("published", "", "updated"):
        for found in head:
            if found.label == label:
                return found
    edge = [line for line in zones.foot if _tells_time(line)]
    above = [line for line in zones.above if len(line.text) < 80 and not line.links]
    for found in (*_shown(edge, tz), *reversed(list(_shown(above, tz)))):
        if found.label in ("published", ""):
            return found
    return None


def _tells_time(line: Line) -> bool:
    return len(line.text) < 120 and line.links * 2 < len(line.text)


def _shown(lines: Iterable[Line], tz: str) -> Iterator[_Shown]:
    """The dates of *lines*; a label may stand alone in the line before."""
    rows = list(lines)
    before = ""
    for index, line in enumerate(rows):
        text = line.text
        if len(text) <= 400 and _YEAR.search(text):
            if _YEAR_ALONE.match(text):  # year, day and time each in an element of its own
                text = " ".join(row.text for row in rows[index : index + 4])
            for start, end, moment in _whole(text, rows[index + 1 : index + 4], tz):
                lead = (before + " " if start < 2 else "") + text[:start]
                yield _Shown(moment, line, _label(lead), (start, end))
        before = text if len(text) < 20 else ""


def _whole(text: str, after: list[Line], tz: str) -> Iterator[tuple[int, int, Moment]]:
    """The dates in *text*; a day gets the time that stands alone in one of the lines *after*."""
    for start, end, moment in find_all(text, tz):
        clock = next((row.text for row in after if _CLOCK_ALONE.match(row.text)), "")
        fuller = find(f"{moment.text} {clock}", tz) if clock else None
        lone = moment.precision is Precision.DAY and end == len(text)
        yield start, end, fuller if lone and fuller else moment


def _label(lead: str) -> str:
    if _OTHER.search(lead):
        return "other"
    if _UPDATED.search(lead):
        return "updated"
    return "published" if _PUBLISHED.search(lead) else ""


def _without_year(
    reading: Reading, zones: Zones, sighting: Sighting | None, tz: str
) -> Iterator[Times]:
    """Dates such as 10-08 12:00 beside the headline, in the year of the address or the list.

    That must tell the same month and day: without such a witness no year is guessed.
    """
    witnesses = list(_url_day(reading.url, tz))
    if sighting and sighting.published:
        text = sighting.published.text
        witnesses.append(Field(sighting.published, "list", "list", text))
    for line in zones.head if witnesses else ():
        for found in _NO_YEAR.finditer(line.text) if len(line.text) < 120 else ():
            if _label(line.text[: found.start()]) in ("other", "updated"):
                continue
            for one in witnesses:
                moment = _in_year_of(found, one.value, tz)
                if moment:
                    rule = f"shown date without a year, year of {one.rule}"
                    claim = Field(moment, rule, where(line.owner), found[0], 0.7)
                    yield Times(claim, None, line, found.span())


def _in_year_of(found: re.Match[str], witness: Moment, tz: str) -> Moment | None:
    """The date without a year in the year of *witness*, if that is the same day."""
    day = witness.instant
    if (int(found[1]), int(found[2] or found[3])) != (day.month, day.day):
        return None
    moment = find(f"{day:%Y-%m-%d} {found[4] or ''}", tz)
    return replace(moment, text=found[0].strip()) if moment else None


def _completed(
    claim: Field[Moment], reading: Reading, sighting: Sighting | None, tz: str
) -> Field[Moment]:
    """*claim*, its minute taken from a meta date of the same day where it shows only the day."""
    if claim.value.precision in _FINE:
        return claim
    for other in _unshown_all(reading, sighting, tz):
        moment = other.value
        if moment.precision in _FINE and moment.instant.date() == claim.value.instant.date():
            rule = f"{claim.rule}, minute of {other.rule}"
            return replace(claim, value=moment, rule=rule)
    return claim


def _unshown(reading: Reading, sighting: Sighting | None, tz: str) -> Field[Moment] | None:
    found = list(_unshown_all(reading, sighting, tz))
    for claim in found[:1]:
        return _completed(claim, reading, sighting, tz)
    return None


def _unshown_all(reading: Reading, sighting: Sighting | None, tz: str) -> Iterator[Field[Moment]]:
    """Dates that the page does not show, the most trustworthy first."""
    founder = reading.prepared.founder.get("date", "")
    claims = [("Founder comment", "comment enpproperty", founder.removesuffix(".0"))]
    claims.append(("TRS counter", "span#NewsArticlePubDay", reading.counters.get("published", "")))
    claims += [(f"meta {name}", f"meta[{name}]", reading.metas.get(name, "")) for name in _METAS]
    data = (
        _JSON_DATE.search(reading.prepared.text)
        if "datePublished" in reading.prepared.text
        else None
    )
    claims.append(("JSON-LD", "script", data[1] if data else ""))
    for rule, place, text in claims:
        moment = find(_GOV_TIME.sub(r"\1 \2", text), tz) if text else None
        if moment:
            yield Field(moment, rule, place, text, 0.7)
    if sighting and sighting.published:
        yield Field(sighting.published, "list", "list", sighting.published.text, 0.8)
    yield from _url_day(reading.url, tz)


def _url_day(url: str, tz: str) -> Iterator[Field[Moment]]:
    found = _URL_DAY.search(url)
    if not found:
        return
    day = found[4] or "".join(found.group(1, 2, 3))
    moment = find(f"{day[:4]}-{day[4:6]}-{day[6:]}", tz)
    if moment:
        yield Field(moment, "URL", "URL", found[0], 0.5)


def _updated(reading: Reading, zones: Zones, tz: str) -> Field[Moment] | None:
    for found in _shown((*zones.head, *zones.foot), tz):
        if found.label == "updated":
            return Field(
                found.moment, "shown date (updated)", where(found.line.owner), found.moment.text
            )
    for name in _UPDATE_METAS:
        text = reading.metas.get(name, "")
        moment = find(_GOV_TIME.sub(r"\1 \2", text), tz) if text else None
        if moment:
            return Field(moment, f"meta {name}", f"meta[{name}]", text, 0.7)
    return None


def first_moment(texts: Sequence[str], tz: str) -> Moment | None:
    """The first date in the first of *texts* that has one."""
    return next((moment for moment in (find(text, tz) for text in texts) if moment), None)
