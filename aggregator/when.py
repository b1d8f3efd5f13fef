"""Text -> the dates in it, as Moments: all Chinese and numeric forms, and the dates of feeds.

Only the years 1949 to 2100 are dates here. Times without a zone are in the zone that the caller
names; a date without a time is the midnight that begins it, with precision "day".
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from aggregator.model import Moment, Precision

FIRST_YEAR, LAST_YEAR = 1949, 2100
_FEED_CUT = 100  # characters of a feed's date that are looked at
_CHINA = timezone(timedelta(hours=8))

_HOME = dict.fromkeys(("格林尼治标准时间", "格林威治时间", "格林尼治时间"), UTC) | {
    "北京时间": _CHINA
}

# One character for one, so that positions in the folded text are positions in the text.
_FOLD = {
    **{ord("０") + n: str(n) for n in range(10)},
    **dict.fromkeys(map(ord, "：∶﹕︰"), ":"),
    **dict.fromkeys(map(ord, "－—–‐‑−"), "-"),
    **dict.fromkeys(map(ord, "／"), "/"),
    **dict.fromkeys(map(ord, "．"), "."),
    **dict.fromkeys(map(ord, "，"), ","),
    **dict.fromkeys(map(ord, "｜"), "|"),
    **dict.fromkeys(map(ord, "（"), "("),
    **dict.fromkeys(map(ord, "）"), ")"),
    **dict.fromkeys(map(ord, "○Ｏ零"), "〇"),
}
_YEAR = r"(?<!\d)((?:19|20)\d\d|2100)"
_HAN = "〇一二三四五六七八九"
_DATE = re.compile(
    rf"""
      {_YEAR}\s{{0,3}}年\s{{0,3}}(\d{{1,2}})\s{{0,3}}月\s{{0,3}}(\d{{1,2}})(?:\s{{0,3}}[日号]|(?!\d))
    | {_YEAR}\s?[-/.]\s?(\d{{1,2}})\s?[-/.]\s?(\d\d(?=\d\d:\d\d)|\d{{1,2}}(?!\d))
    | {_YEAR}/(\d\d)(\d\d)(?!\d)
    | {_YEAR}(\d\d)/(\d\d)(?:(?!\d)|(?=\d\d:\d\d))
    | {_YEAR}(\d\d)(\d\d)(?=(?:T?\d{{4}}(?:\d\d)?)?(?!\d))
    | {_YEAR}[\s|]{{1,6}}(\d\d)\s?[-/]\s?(\d\d)(?=[\s|]{{0,6}}\d\d:\d\d)
    | ([{_HAN}]{{4}})年([一二三四五六七八九十]{{1,2}})月([一二三四五六七八九十]{{1,3}})[日号]
    """,
    re.X,
)
_ZONE = r"(?P<zone>(?:Z|[A-Z]{1,5}|北京时间)(?![A-Za-z])|(?=[+-]))?\s?(?P<offset>[+-]\d\d:?\d\d(?![\d:])|[+-]\d{1,2}(?![\d:]))?"
_BETWEEN = r"[\s,;|/_T-]{0,12}(?:\(?\s?(?:星期|周)[一二三四五六日天]\s?\)?[\s,;|-]{0,4})?"
_TIME = re.compile(
    rf"""{_BETWEEN}(?P<before>北京时间|格林尼治标准时间|格林威治时间|格林尼治时间)?\s?(?P<half>上午|下午|晚上|早上|中午|凌晨|晚)?\s?
    (?:(?P<h>\d{{1,2}})\s?(?::|时|点)\s?(?P<m>\d{{1,2}})(?!\d)(?:分(?!钟))?
       (?:\s?:?\s?(?P<s>(?<=[:分])\d{{1,2}}|(?<=[:分]\s)\d{{1,2}})(?!\d)秒?(?:[.,]\d{{1,9}})?)?
      |(?P<ch>\d\d)(?P<cm>\d\d)(?P<cs>\d\d)?(?!\d))
    \s{{0,2}}(?P<ampm>[AaPp]\.?[Mm]\.?(?![A-Za-z]))?\s{{0,2}}{_ZONE}""",
    re.X,
)
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}
_CLOCK = r"(?P<h>\d{1,2}):(?P<m>\d{1,2})(?::(?P<s>\d{1,2})(?:\.\d{1,9})?)?\s{0,2}(?P<ampm>[AaPp][Mm](?![A-Za-z]))?"
_DAY_FIRST = re.compile(  # RFC 822, RFC 2822, RFC 850: 25 Jun 2024 10:03:27 +0800
    rf"(?<!\d)(?P<d>\d{{1,2}})[\s-]{{1,3}}(?P<mon>[A-Za-z]{{3,9}})[.,]?[\s-]{{1,3}}(?P<y>\d{{4}}|\d\d)(?!\d)"
    rf"(?:[\s,T]{{1,4}}{_CLOCK}\s{{0,3}}{_ZONE})?"
)
_RFC_822 = re.compile(
    r"(?:[A-Z][a-z][a-z], )?(\d{1,2}) ([A-Z][a-z][a-z]) (\d{4}) (\d\d):(\d\d):(\d\d) (GMT|[+-](?:0\d|1[0-4])[0-5]\d)"
)
_MONTH_FIRST = re.compile(  # June 25, 2024 10:03; asctime and Java: Jun 25 10:03:27 CST 2024
    rf"(?<![A-Za-z])(?P<mon>[A-Za-z]{{3,9}})\.?\s{{1,3}}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s{{1,3}}"
    rf"(?:(?P<y>\d{{4}})(?:[\s,]{{1,4}}{_CLOCK}\s{{0,3}}{_ZONE})?"
    r"|(?P<h2>\d{1,2}):(?P<m2>\d\d):(?P<s2>\d\d)\s{1,3}(?:(?P<zone2>[A-Z]{1,5})\s{1,3})?(?P<y2>\d{4}))"
)
_PART = re.compile(rf"{_YEAR}(?:\s?[-/.年]\s?(\d{{1,2}})\s?月?|\s?年)?")
_EPOCH = re.compile(r"(\d{9,10}|\d{12,13}(?=\D|$))(?:\.\d{1,9})?")
_HOURS = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "BST": 1, "CET": 1, "WEST": 1, "MET": 1,
    "CEST": 2, "EET": 2, "MEST": 2, "EEST": 3, "MSK": 3, "IST": 5.5, "HKT": 8, "SGT": 8, "AWST": 8,
    "BJT": 8, "北京时间": 8, "JST": 9, "KST": 9, "ACST": 9.5, "AEST": 10, "AEDT": 11, "NZST": 12,
    "NZDT": 13, "NST": -3.5, "AST": -4, "ADT": -3, "EST": -5, "EDT": -4, "ET": -5, "CDT": -5,
    "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10,
}  # fmt: skip


def find(text: str, tz: str = "Asia/Shanghai") -> Moment | None:
    """The first date in *text* that is exact to the day or better.

    "2024年6月" or "2024年" is taken (precision month, year) only when it is all the text there is.
    """
    folded = text.translate(_FOLD)
    for match in _DATE.finditer(folded):
        found = _moment(text, folded, match, tz)
        if found:
            return found[2]
    return _english(text, tz) or _partial(text, folded, tz)


def find_all(text: str, tz: str = "Asia/Shanghai") -> list[tuple[int, int, Moment]]:
    """All dates in *text* exact to the day or better: (start, end, moment), in order."""
    folded = text.translate(_FOLD)
    found = (_moment(text, folded, match, tz) for match in _DATE.finditer(folded))
    return [one for one in found if one]


def parse_feed(text: str, tz: str = "Asia/Shanghai") -> Moment | None:
    """The date of a feed's item: RFC 822/2822, RFC 3339, ISO 8601, epoch (s or ms), Chinese.

    Only the first 100 characters are looked at.
    """
    if len(text) > _FEED_CUT:
        text = text[: _FEED_CUT * 2].strip()[:_FEED_CUT]
    text = text.strip()
    if not text:
        return None
    return _standard(text, tz) or _english(text, tz, text) or find(text, tz) or _epoch(text)


def _standard(text: str, tz: str) -> Moment | None:
    """The forms of nine feeds in ten, quickly: RFC 822, RFC 3339, and the latter without a zone."""
    match = _RFC_822.fullmatch(text)
    try:
        if match:
            instant = _rfc_822(*match.groups())
        elif len(text) in (19, 20, 25) and text[10] in "T " and text[4] == text[7] == "-":
            instant = datetime.fromisoformat(text)
        else:
            return None
    except (ValueError, KeyError):  # no such day or month: the other readers decide
        return None
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        return None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=_fixed(_zone(tz).utcoffset(instant)))
    return Moment(text, instant, Precision.SECOND)


def _rfc_822(
    day: str, month: str, year: str, hour: str, minute: str, second: str, zone: str
) -> datetime:
    offset = UTC if zone == "GMT" else _fixed(_minutes(zone))
    number = _MONTHS[month.lower()]
    return datetime(int(year), number, int(day), int(hour), int(minute), int(second), tzinfo=offset)


@lru_cache(maxsize=256)
def _minutes(offset: str) -> timedelta:
    """Of "+0800"."""
    minutes = int(offset[1:3]) * 60 + int(offset[3:])
    return timedelta(minutes=-minutes if offset[0] == "-" else minutes)


# ---------------------------------------------------------------- Chinese and numeric


def _moment(
    text: str, folded: str, match: re.Match[str], tz: str
) -> tuple[int, int, Moment] | None:
    year, month, day = (_number(part) for part in match.groups() if part is not None)
    if not _is_date(year, month, day):
        return None
    clock = _TIME.match(folded, match.end())
    hms = _clock(clock) if clock and _may_follow(clock) else None
    if clock is None or hms is None:
        moment = _build(text[match.start() : match.end()], (year, month, day), (), _zone(tz))
        return match.start(), match.end(), moment
    zone, end = _offset(clock, tz)
    return match.start(), end, _build(text[match.start() : end], (year, month, day), hms, zone)


def _number(digits: str) -> int:
    if digits[0] not in _HAN and digits[0] != "十":
        return int(digits)
    if "十" not in digits:
        return int("".join(str(_HAN.index(sign)) for sign in digits))
    tens, _, ones = digits.partition("十")
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return 0  # no number of a month or day
    return (_HAN.index(tens) if tens else 1) * 10 + (_HAN.index(ones) if ones else 0)


def _may_follow(clock: re.Match[str]) -> bool:
    """Whether the four or six digits without signs are a time (only glued to a compact date)."""
    return clock["ch"] is None or clock.start("ch") - clock.start() <= 1


def _clock(match: re.Match[str]) -> tuple[int, ...] | None:
    """(hour, minute) or (hour, minute, second); None when the clock cannot show it."""
    groups = match.groupdict()
    parts = [groups.get(a) or groups.get(b) for a, b in (("h", "ch"), ("m", "cm"), ("s", "cs"))]
    hour, minute, *second = (int(part) for part in parts if part is not None)
    late = (
        groups.get("half") in ("下午", "晚上", "晚")
        or (groups.get("ampm") or "").lower()[:1] == "p"
    )
    if late and hour < 12:
        hour += 12
    elif hour == 12 and (
        groups.get("half") == "凌晨" or (groups.get("ampm") or "").lower()[:1] == "a"
    ):
        hour = 0
    if (
        hour > 24
        or minute > 59
        or (second and second[0] > 60)
        or (hour == 24 and (minute or any(second)))
    ):
        return None
    return (hour, minute, *(min(one, 59) for one in second))


def _offset(match: re.Match[str], tz: str) -> tuple[tzinfo, int]:
    """The zone of a time, and where it ends in the text."""
    before = match.groupdict().get("before")
    name, offset = match["zone"] or "", match["offset"] or ""
    if offset and (name or match["s"] or len(offset) == 5 or "T" in match[0]):
        return _shift(offset) or _zone(tz), match.end("offset")
    named = _named(name, tz)
    if named:
        return named, match.end("zone")
    ends = (
        match.end(group)
        for group in ("h", "m", "s", "cm", "cs", "ampm")
        if group in match.groupdict()
    )
    end = max(ends)
    zone = _HOME.get(before or "") or _zone(tz)
    return zone, end + (match.string[end : end + 1] in ("分", "秒") and end < match.end())


def _partial(text: str, folded: str, tz: str) -> Moment | None:
    match = _PART.fullmatch(folded[:40].strip()) if len(folded) < 40 else None
    if not match:
        return None
    month = int(match[2]) if match[2] else 1
    if not _is_date(int(match[1]), month, 1):
        return None
    precision = Precision.MONTH if match[2] else Precision.YEAR
    day = _build(text.strip(), (int(match[1]), month, 1), (), _zone(tz))
    return replace(day, precision=precision)


# ---------------------------------------------------------------- English and epoch


def _english(text: str, tz: str, shown: str = "") -> Moment | None:
    for pattern in (_DAY_FIRST, _MONTH_FIRST):
        for match in pattern.finditer(text):
            found = _english_moment(match, tz, shown or match[0])
            if found:
                return found
    return None


def _english_moment(match: re.Match[str], tz: str, shown: str) -> Moment | None:
    groups = match.groupdict()
    month = _MONTHS.get(match["mon"][:3].lower(), 0)
    year = _full_year(groups["y"] or groups["y2"])
    if not _is_date(year, month, int(match["d"])):
        return None
    zone = _zone(tz)
    hms: tuple[int, ...] | None = None
    if groups["h"]:
        hms, (zone, _) = _clock(match), _offset(match, tz)
    elif groups.get("h2"):
        hms = (int(match["h2"]), int(match["m2"]), int(match["s2"]))
        zone = _named(match["zone2"] or "", tz) or zone
    return _build(shown, (year, month, int(match["d"])), hms or (), zone)


def _full_year(digits: str) -> int:
    """RFC 2822, 4.3: two digits below 50 are 20xx, the others 19xx."""
    year = int(digits)
    if len(digits) > 2:
        return year
    return year + (2000 if year < 50 else 1900)


def _epoch(text: str) -> Moment | None:
    match = _EPOCH.fullmatch(text)
    if not match:
        return None
    seconds = int(match[1]) if len(match[1]) < 11 else int(match[1]) // 1000
    instant = datetime.fromtimestamp(seconds, _CHINA)
    return Moment(text, instant, Precision.SECOND) if _is_date(instant.year, 1, 1) else None


# ---------------------------------------------------------------- instants and zones


def _is_date(year: int, month: int, day: int) -> bool:
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12 and 1 <= day <= 31):
        return False
    return day <= 28 or day <= _month_length(year, month)


def _month_length(year: int, month: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


def _build(text: str, day: tuple[int, int, int], hms: tuple[int, ...], zone: tzinfo) -> Moment:
    if hms and (hms[0] > 24 or max(hms[1:]) > 59):
        hms = ()
    hour, minute, second = (*hms, 0, 0, 0)[:3]
    instant = datetime(*day, hour % 24, minute, second, tzinfo=zone)
    if hour == 24:
        instant += timedelta(days=1)
    precision = (Precision.DAY, Precision.DAY, Precision.MINUTE, Precision.SECOND)[len(hms)]
    # A fixed offset: it says the same everywhere, whatever time zone data is installed.
    return Moment(text, instant.replace(tzinfo=_fixed(instant.utcoffset())), precision)


@lru_cache(maxsize=256)
def _fixed(offset: timedelta | None) -> timezone:
    return timezone(offset or timedelta())


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    """The zone called *name* (or "+08:00"); China's when there is none of that name."""
    shifted = _shift(name)
    if shifted:
        return shifted
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # KeyError: ZoneInfoNotFoundError
        return _CHINA


@lru_cache(maxsize=256)
def _shift(offset: str) -> tzinfo | None:
    """The zone of "+0800", "+08:00" or "+8"; None when it is beyond what is in use (±15 h)."""
    match = re.fullmatch(r"([+-])(\d{1,2}):?(\d\d)?", offset)
    if not match:
        return None
    minutes = int(match[2]) * 60 + int(match[3] or 0)
    if minutes > 15 * 60 or int(match[3] or 0) > 59:
        return None
    return _fixed(timedelta(minutes=-minutes if match[1] == "-" else minutes))


def _named(name: str, tz: str) -> tzinfo | None:
    """The zone of an abbreviation; CST is China's, or America's where the source is not in +08."""
    if name == "CST":
        zone = _zone(tz)
        home = zone.utcoffset(datetime(2024, 1, 1)) == timedelta(hours=8)  # noqa: DTZ001
        return _CHINA if home else _fixed(timedelta(hours=-6))
    hours = _HOURS.get(name)
    return None if hours is None else _fixed(timedelta(hours=hours))
