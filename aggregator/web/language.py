"""What a browser says of languages -> one of our two, and the words of the pages in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

from aggregator.model import Moment, Precision
from aggregator.web.words import WORDS

Language = Literal["zh-CN", "en"]
LANGUAGES: tuple[Language, ...] = ("zh-CN", "en")
# China has one civil time and had no summer time since 1991.
CHINA = timezone(timedelta(hours=8))
_UNITS = ((86_400, "days"), (3600, "hours"), (60, "minutes"), (1, "seconds"))
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def choose(asked: str | None, cookie: str | None, accept: str) -> Language:
    """The language of a page: the ?lang= of its address, else the cookie, else Accept-Language."""
    return _known(asked or "") or _known(cookie or "") or _accepted(accept) or "zh-CN"


def _known(tag: str) -> Language | None:
    main = tag.strip().lower().partition("-")[0]
    return "zh-CN" if main == "zh" else "en" if main == "en" else None


def _accepted(header: str) -> Language | None:
    """The first of our languages by the weights of RFC 9110, 12.5.4; None when neither is named."""
    ranked = []
    for position, part in enumerate(header[:1000].split(",")):
        tag, _, weight = part.partition(";")
        if found := _known(tag):
            ranked.append((-_weight(weight), position, found))
    ranked = [entry for entry in ranked if entry[0] < 0]
    return min(ranked)[2] if ranked else None


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0


@dataclass(frozen=True, slots=True)
class Voice:
    """Says things in one language; ``now`` is the instant that the page is made."""

    language: Language
    now: datetime

    def __call__(self, key: str, **values: object) -> str:
        """The words for *key*, with *values* put in. KeyError for an unknown key."""
        return WORDS[key][LANGUAGES.index(self.language)].format(**values)

    def term(self, group: str, value: object) -> str:
        """The word for one value of a closed list, such as a state; the value itself if unknown."""
        return self(f"{group}.{value}") if f"{group}.{value}" in WORDS else str(value)

    def failure(self, code: str) -> str:
        """Why a visit failed, by its code (docs/fetching.md); http-404 names the status."""
        if code.startswith("http-"):
            return self("failure.http", status=code.removeprefix("http-"))
        return self.term("failure", code)

    def date(self, instant: datetime) -> str:
        """The day in China: 2026年5月17日, or 17 May 2026."""
        day = instant.astimezone(CHINA)
        if self.language == "en":
            return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
        return f"{day.year}年{day.month}月{day.day}日"

    def time(self, instant: datetime | None) -> str:
        """Day and minute in China; "" for None."""
        return f"{self.date(instant)} {instant.astimezone(CHINA):%H:%M}" if instant else ""

    def moment(self, moment: Moment) -> str:
        """A claimed time, no more exact than it was claimed."""
        day = moment.instant.astimezone(CHINA)
        if moment.precision is Precision.YEAR:
            return f"{day.year}年" if self.language == "zh-CN" else f"{day.year}"
        if moment.precision is Precision.MONTH:
            zh = self.language == "zh-CN"
            return f"{day.year}年{day.month}月" if zh else f"{_MONTHS[day.month - 1]} {day.year}"
        if moment.precision is Precision.DAY:
            return self.date(moment.instant)
        return self.time(moment.instant)

    def span(self, length: timedelta) -> str:
        """A length of time in its largest unit: 3 小时, 3 hours."""
        seconds = abs(length.total_seconds())
        size, unit = next((n, u) for n, u in _UNITS if seconds >= n or n == 1)
        number = round(seconds / size)
        return self(f"span.{unit}.one" if number == 1 else f"span.{unit}", n=number)

    def ago(self, instant: datetime | None) -> str:
        """How far *instant* is from now: 3 小时前, in 5 minutes."""
        if instant is None:
            return self("never")
        gap = instant - self.now
        return self("in" if gap > timedelta(0) else "ago", span=self.span(gap))

    def due(self, instant: datetime | None) -> str:
        """When something planned comes: in 5 minutes, or now when it should have come already."""
        return self("due") if instant is not None and instant <= self.now else self.ago(instant)


def voice(
    query: Mapping[str, str], cookies: Mapping[str, str], headers: Mapping[str, str]
) -> Voice:
    """The voice for one request."""
    chosen = choose(query.get("lang"), cookies.get("lang"), headers.get("accept-language", ""))
    return Voice(chosen, datetime.now(UTC))
