"""A value as written in TOML -> the value that is meant, or ValueError saying what is wrong.

Each check is a marker for ``Annotated``. pydantic calls it before its own type check, so that
importing the options costs nothing; the heavy libraries of a check are imported when it runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic_core import core_schema

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SIZES = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}  # fmt: skip
_ZONE_OFFSET = re.compile(r"[+-]\d{1,2}(:?\d\d)?")


@dataclass(frozen=True, slots=True)
class Check:
    """Marks a type: its values go through ``convert``, which may change them or raise ValueError."""

    convert: Callable[[Any], Any]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: Callable[[Any], core_schema.CoreSchema]
    ) -> core_schema.CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(self.convert, handler(source))


def seconds(low: float = 0, high: float = 366 * 86_400) -> Check:
    """A duration in seconds: a number, or a text such as "30s", "15m", "1h", "7d", "2w"."""

    def convert(value: object) -> object:
        if isinstance(value, str):
            match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhdw])", value.strip())
            if not match:
                raise ValueError(
                    f'{value!r} is no duration: write seconds, or "30s" "15m" "1h" "7d"'
                )
            value = float(match[1]) * _UNITS[match[2]]
        return _within(value, low, high, "seconds")

    return Check(convert)


def size(low: int = 1024, high: int = 10**12) -> Check:
    """A size in bytes: a whole number, or a text such as "500KB", "20MB", "1GiB"."""

    def convert(value: object) -> object:
        if isinstance(value, str):
            match = re.fullmatch(r"(\d+)\s*([A-Za-z]*)", value.strip())
            if not match or match[2].upper() not in _SIZES:
                raise ValueError(f'{value!r} is no size: write bytes, or "500KB" "20MB" "1GB"')
            value = int(match[1]) * _SIZES[match[2].upper()]
        return _within(value, low, high, "bytes")

    return Check(convert)


def number(low: int, high: int) -> Check:
    """A whole number between *low* and *high*."""
    return Check(lambda value: _within(value, low, high, ""))


def _within(value: object, low: float, high: float, unit: str) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool) and not low <= value <= high:
        raise ValueError(
            f"{value} is out of bounds: it must be {low:,} to {high:,} {unit}".rstrip()
        )
    return value


def _texts(value: object) -> object:
    """One text is the list of it."""
    if isinstance(value, str):
        return (value,)
    # Behind a check pydantic is strict about tuples, also in JSON mode.
    return tuple(value) if isinstance(value, list) else value


def _web_address(value: object) -> object:
    from aggregator.url import canonical

    if isinstance(value, str) and value and not canonical(value):
        raise ValueError(
            f"{value!r} is no web address: it must begin with http:// or https:// and name a host"
        )
    return value


def _patterns(value: object) -> object:
    value = _texts(value)
    for one in value if isinstance(value, list | tuple) else ():
        _pattern(one)
    return value


def _pattern(value: object) -> object:
    if isinstance(value, str):
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"{value!r} is no regular expression: {error}") from None
    return value


def _selector(value: object) -> object:
    if isinstance(value, str) and value:
        import soupsieve

        try:
            soupsieve.compile(value)
        except soupsieve.SelectorSyntaxError as error:
            reason = str(error).splitlines()[0]
            raise ValueError(f"{value!r} is no CSS selector: {reason}") from None
    return value


def _selectors(value: object) -> object:
    value = _texts(value)
    for one in value if isinstance(value, list | tuple) else ():
        _selector(one)
    return value


def _charset(value: object) -> object:
    from aggregator.charset import known

    if isinstance(value, str) and value and not known(value):
        raise ValueError(
            f'{value!r} is no known charset: write for example "gb18030", "big5" or "utf-8"'
        )
    return value


def _zone(value: object) -> object:
    import zoneinfo

    if not isinstance(value, str) or _ZONE_OFFSET.fullmatch(value) or value == "Asia/Shanghai":
        return value
    try:
        zoneinfo.ZoneInfo(value)
    except (OSError, ValueError, KeyError):
        raise ValueError(
            f'{value!r} is no time zone: write for example "Asia/Shanghai" or "+08:00"'
        ) from None
    return value


def _paging(value: object) -> object:
    if isinstance(value, str) and value and not re.search(r"\{n(-1)?\}", value):
        raise ValueError(
            f'{value!r} has no page number in it: write "{{n}}" or "{{n-1}}" where it stands'
        )
    return value


def _pairs(value: object) -> object:
    """A table of texts is the list of its pairs."""
    if isinstance(value, dict):
        return tuple(value.items())
    if isinstance(value, list):
        return tuple(tuple(pair) if isinstance(pair, list) else pair for pair in value)
    return value


def _tag_date(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", value):
        raise ValueError(f'{value!r} is no date of a tag URI: write "2026" or "2026-01-31"')
    return value


def _authority(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(
        r"([\w.+-]+@)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", value
    ):
        raise ValueError(
            f"{value!r} can own no tag URI: write a domain or an e-mail address, as in RFC 4151"
        )
    return value


def _database(value: object) -> object:
    if isinstance(value, str) and not re.match(r"[a-z][a-z0-9+]*://", value):
        raise ValueError(
            f'{value!r} is no database address: write "sqlite:///archive/aggregator.sqlite"'
        )
    return value


TEXTS = Check(_texts)
WEB_ADDRESS = Check(_web_address)
PATTERNS = Check(_patterns)
PATTERN = Check(_pattern)
SELECTOR = Check(_selector)
SELECTORS = Check(_selectors)
CHARSET = Check(_charset)
ZONE = Check(_zone)
PAGING = Check(_paging)
PAIRS = Check(_pairs)
TAG_DATE = Check(_tag_date)
AUTHORITY = Check(_authority)
DATABASE = Check(_database)
