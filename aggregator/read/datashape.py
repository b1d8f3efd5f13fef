"""Text that holds data -> the DataRules that would read the lists in it, found by their values.

A list is an array of tables most of which hold an address; the keys of title and date are those
whose values look like them. Names that DataRule knows by default are preferred and left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from aggregator import when
from aggregator.config import DataRule
from aggregator.read.anchors import title_weight
from aggregator.read.literal import LiteralError, Value, find_variables, parse_at
from aggregator.read.looks import is_page
from aggregator.read.rows import looks_like_article
from aggregator.url import join

_SCRIPT = re.compile(r"<script\b[^>]{0,500}>(.*?)</script", re.IGNORECASE | re.DOTALL)
_CALL = re.compile(r"[\s;]{0,200}[A-Za-z_$][\w$.]{0,100}\s{0,20}\(")
_ADDRESS = re.compile(r"(?:https?:)?//\S+|\.{0,2}/\S+|[\w./-]{1,300}\.s?html?(?:[?#]\S*)?", re.I)
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|mp4|mp3|css|js)(?:$|[?#])", re.I)
_TIME_KEY = re.compile(r"time|date|day|_at$", re.I)
_SOURCE = ("miOrigin", "originName", "sourceName", "source", "from")
_AUTHOR = ("miAuthor", "author")
_EDITOR = ("miRespAuthor", "editor")
_SUMMARY = ("miSummary", "summary", "abstract", "description", "intro")
_ROWS = 30  # rows that are looked at
_MOST = 0.6  # share of rows that must have what a key is taken for
_DEPTH = 4
_DATE_LENGTH = 40  # characters; a longer text only mentions a date


@dataclass(frozen=True, slots=True)
class _Found:
    """A list of rows: the variable that holds it, the path inside, and the first rows."""

    variable: str
    path: str
    size: int
    rows: tuple[dict[str, str], ...]


def data_rules(text: str, url: str, limit: int = 3) -> tuple[DataRule, ...]:
    """The rules that read the lists of articles in *text* (JSON, JSONP, script, page), longest first."""
    if "<record>" in text:
        return (DataRule(),)
    found = [one for name, value in _values(text) for one in _lists(name, value, "", _DEPTH)]
    found.sort(key=lambda one: one.size, reverse=True)
    rules = (_rule(one, url) for one in found)
    return tuple(rule for rule in rules if rule is not None)[:limit]


def _values(text: str) -> Iterator[tuple[str, Value]]:
    """(variable, value) of all data in *text*; no variable for JSON and JSONP."""
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith(("{", "[")):
        yield from (("", value) for value in _json(start))
    elif is_page(text):
        yield from find_variables("\n;\n".join(_SCRIPT.findall(text))).items()
    elif call := _CALL.match(text):
        yield from (("", value) for value in _literal(text, call.end()))
    else:
        yield from find_variables(text).items()


def _json(text: str) -> Iterator[Value]:
    try:
        yield json.loads(text)
    except (ValueError, RecursionError):
        yield from _literal(text, 0)


def _literal(text: str, at: int) -> Iterator[Value]:
    try:
        yield parse_at(text, at)[0]
    except LiteralError:
        return  # no data: there is nothing to offer


def _lists(variable: str, value: Value, path: str, depth: int) -> Iterator[_Found]:
    if isinstance(value, list):
        rows = tuple(_flat(row) for row in value[:_ROWS] if isinstance(row, dict))
        if rows and len(rows) * 2 >= min(len(value), _ROWS):
            yield _Found(variable, path, len(value), rows)
    elif isinstance(value, dict) and depth:
        for key, inner in value.items():
            if "." not in key:
                yield from _lists(variable, inner, f"{path}.{key}" if path else key, depth - 1)


def _flat(row: dict[str, Value]) -> dict[str, str]:
    """The texts and numbers of a row by path, two levels deep."""
    flat: dict[str, str] = {}
    for key, value in row.items():
        inner = value.items() if isinstance(value, dict) else ()
        for path, one in ((key, value), *((f"{key}.{k}", v) for k, v in inner)):
            if isinstance(one, str | int | float) and not isinstance(one, bool):
                flat[path] = str(one).strip()
    return flat


# ---------------------------------------------------------------- which key is what


def _rule(found: _Found, url: str) -> DataRule | None:
    """The rule for a list, or None when its rows lead nowhere."""
    default = DataRule()
    address = _keys(found.rows, default.url, lambda _, text: _is_address(text, url))
    title = _keys(found.rows, default.title, lambda _, text: title_weight(text) >= 4, _headline)
    if address is None or title is None:
        return None
    date = _keys(found.rows, default.date, _is_date, _brevity) or default.date
    return replace(
        default,
        variable=found.variable,
        items=found.path,
        url=address,
        title=title,
        date=date,
        source=_present(found.rows, _SOURCE),
        author=_present(found.rows, _AUTHOR),
        editor=_present(found.rows, _EDITOR),
        summary=_present(found.rows, _SUMMARY),
    )


def _keys(
    rows: Sequence[dict[str, str]],
    known: tuple[str, ...],
    fits: Callable[[str, str], bool],
    weigh: Callable[[Sequence[str]], float] = len,
) -> tuple[str, ...] | None:
    """*known*, if those keys give most rows a fitting value, else the key that does it best."""
    given = [next(((k, row[k]) for k in known if row.get(k)), None) for row in rows]
    if _share([pair is not None and fits(*pair) for pair in given]) >= _MOST:
        return known
    names = dict.fromkeys(name for row in rows for name in row)
    fitting = {
        name: [row[name] for row in rows if row.get(name) and fits(name, row[name])]
        for name in names
    }
    good = {name: values for name, values in fitting.items() if len(values) >= _MOST * len(rows)}
    return (max(good, key=lambda name: weigh(good[name])),) if good else None


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else 0.0


def _is_address(text: str, base: str) -> bool:
    if not _ADDRESS.fullmatch(text) or _PICTURE.search(text):
        return False
    return looks_like_article(join(base, text))


def _is_date(name: str, text: str) -> bool:
    bare = text.isdigit() and not _TIME_KEY.search(name)  # an id may look like seconds since 1970
    if bare or len(text) > _DATE_LENGTH or _ADDRESS.fullmatch(text):
        return False
    return when.parse_feed(text) is not None


def _brevity(values: Sequence[str]) -> float:
    """How little the values hold beside a date."""
    return -median(map(len, values))


def _headline(values: Sequence[str]) -> float:
    """How much the values of a key look like headlines: long, but no summaries, and all different."""
    size = median(title_weight(value) for value in values)
    return len(set(values)) / len(values) * (min(size, 20) if size <= 60 else 1)


def _present(rows: Sequence[dict[str, str]], names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if any(row.get(name) for row in rows))[:1]
