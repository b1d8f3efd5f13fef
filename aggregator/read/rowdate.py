"""The text of a list's row -> the date it shows, also without year, in parts, or relative to today.

The year that a row leaves out is the one that its URL names, else the last one in which the day
is not later than the visit. Dates in the future of the visit by more than two days are not taken.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from aggregator import when
from aggregator.model import Moment, Precision

_DAY_APART = re.compile(  # the day in a box of its own: "17 2023-05", "2023.05 / 17", "05-17 2023"
    r"(?<![\d:.\-/])(?P<d1>\d{1,2})日?[\s/|]{1,4}(?P<y1>(?:19|20)\d\d)\s?[-/.年]\s?(?P<m1>\d{1,2})月?(?![-/.]?\d)"
    r"|(?<!\d)(?P<y2>(?:19|20)\d\d)\s?[-/.年]\s?(?P<m2>\d{1,2})月?[\s/|]{1,4}(?P<d2>\d{1,2})(?![\d:])"
    r"|(?<![\d:.\-/])(?P<m3>\d{1,2})[-/.月](?P<d3>\d{1,2})日?[\s/|]{1,4}(?P<y3>(?:19|20)\d\d)(?!\d|[-/.年])"
)
_NO_YEAR = re.compile(r"(?<![\d:.\-/年])(\d{1,2})\s?(?:[-/]|月)\s?(\d{1,2})日?(?![\d%]|[-/.:]\d)")
_RELATIVE = re.compile(
    r"(?P<word>今天|昨天|前天)(?:\s*(?P<h>\d{1,2}):(?P<min>\d\d))?|刚刚"
    r"|(?P<count>\d{1,3})\s*(?P<unit>分钟|小时|天)前"
)
_UNITS = {"分钟": "minutes", "小时": "hours", "天": "days"}
_DAYS_AGO = {"今天": 0, "昨天": 1, "前天": 2}
_AHEAD = timedelta(days=2)  # clocks of sites run ahead, and tomorrow's paper is listed today


def row_date(text: str, url: str, seen_at: datetime, tz: str) -> Moment | None:
    """The date that *text* shows, or None. *text* is the row's without its title."""
    full = [m for _, _, m in when.find_all(text, tz) if m.instant <= seen_at + _AHEAD]
    if full:
        return full[0]
    return (
        _apart(text, tz, seen_at)
        or _relative(text, seen_at, tz)
        or _yearless(text, url, seen_at, tz)
    )


def url_date(url: str, seen_at: datetime, tz: str) -> Moment | None:
    """The date in a URL's path, such as /2023-05/17/ or /t20230517_12.html, or None."""
    path = url.partition("://")[2].partition("/")[2].partition("?")[0]
    for _, _, moment in when.find_all("/" + path, tz):
        if moment.instant <= seen_at + _AHEAD:
            day = moment.instant.replace(hour=0, minute=0, second=0)
            return Moment(moment.text, day, Precision.DAY)
    return None


def _apart(text: str, tz: str, seen_at: datetime) -> Moment | None:
    for match in _DAY_APART.finditer(text):
        parts = {k[0]: int(v) for k, v in match.groupdict().items() if v}
        moment = _day(match[0], parts["y"], parts["m"], parts["d"], tz)
        if moment and moment.instant <= seen_at + _AHEAD:
            return moment
    return None


def _yearless(text: str, url: str, seen_at: datetime, tz: str) -> Moment | None:
    for match in _NO_YEAR.finditer(text):
        month, day = int(match[1]), int(match[2])
        hint = url_date(url, seen_at, tz)
        years = (hint.instant.year, hint.instant.year + 1) if hint else ()
        for year in (*years, seen_at.year, seen_at.year - 1):
            moment = _day(match[0], year, month, day, tz)
            if moment and moment.instant <= seen_at + _AHEAD:
                return moment
    return None


def _day(shown: str, year: int, month: int, day: int, tz: str) -> Moment | None:
    found = when.find(f"{year:04d}-{month:02d}-{day:02d}", tz) if day and month else None
    return Moment(shown.strip(), found.instant, Precision.DAY) if found else None


def _relative(text: str, seen_at: datetime, tz: str) -> Moment | None:
    """ "3小时前" and its like, exact to the day only: it must not change from visit to visit."""
    match = _RELATIVE.search(text)
    if not match:
        return None
    if match["word"]:
        return _clocked(match, _local_day(match[0], seen_at, _DAYS_AGO[match["word"]], tz))
    ago = (
        timedelta(**{_UNITS[match["unit"]]: int(match["count"])}) if match["count"] else timedelta()
    )
    return _local_day(match[0], seen_at - ago, 0, tz)


def _clocked(match: re.Match[str], day: Moment | None) -> Moment | None:
    if not day or not match["h"] or int(match["h"]) > 23 or int(match["min"]) > 59:
        return day
    instant = day.instant + timedelta(hours=int(match["h"]), minutes=int(match["min"]))
    return Moment(match[0], instant, Precision.MINUTE)


def _local_day(shown: str, seen_at: datetime, days: int, tz: str) -> Moment | None:
    """The day *days* before the one that it is in *tz* at *seen_at*."""
    zone = when.find("2000-01-01", tz)
    if zone is None:
        return None
    day = (seen_at - timedelta(days=days)).astimezone(zone.instant.tzinfo)
    return _day(shown, day.year, day.month, day.day, tz)
