"""A list held as data -> Listing: JSON, JSONP, JavaScript variables in a page or script, and
records in a data island (大汉 jpage). Where a page only names its data file, the Listing is empty
and ``next_page`` is that file.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from aggregator import charset, when
from aggregator.config import DataRule, SourceOptions
from aggregator.errors import ReadError
from aggregator.model import Listing, Moment, Page, Sighting
from aggregator.read.anchors import MAX_TITLE, link_of, squash, title_weight
from aggregator.read.items import http_charset, keep_items
from aggregator.read.listpage import read_records, tree
from aggregator.read.literal import (
    SAFE_INTEGER,
    LiteralError,
    Value,
    find_value,
    find_variables,
    parse_at,
)
from aggregator.read.refusal import refuse
from aggregator.read.rows import Seen
from aggregator.url import canonical, join

_JSONP = re.compile(r"(?:\s|/\*.{0,200}?\*/|;|try\s*\{)*[A-Za-z_$][\w$.]{0,100}\s*\(", re.DOTALL)
_HTML = re.compile(r"\s*(?:<!--.{0,500}?-->\s*)*<(?:!doctype|html|head|body|meta|script|div|title|datastore)\b", re.IGNORECASE | re.DOTALL)  # fmt: skip
_TAGS = re.compile(r"<[^<>]{0,2000}>")
_FIELD = re.compile(r"\{([^{}]{1,100})\}")
_DEPTH = 5  # levels at which a list is looked for when no path is given
_LABEL = 4  # Chinese characters; shorter links of a row ("全文", "专题 |") are no articles


@dataclass(frozen=True, slots=True)
class _Context:
    """What every row of one list needs."""

    base: str
    rule: DataRule
    seen: Seen


def read_data(page: Page, options: SourceOptions) -> Listing:
    """The items of a data list in its order, each article once.

    Raises ReadError: "malformed" (no data, with the place of the fault), "not-a-list" (the path
    or variable leads nowhere), "empty-list", and what a page of another kind is.
    """
    text, how = charset.decode(page.body, http_charset(page), options.charset)
    try:
        return _read(page, text, how, options)
    except ReadError as error:
        raise ReadError(error.code, error.message, url=page.final_url) from error


def _read(page: Page, text: str, how: str, options: SourceOptions) -> Listing:
    context = _Context(
        options.base or page.final_url, options.data, Seen(page.fetched_at, options.timezone)
    )
    target = _data_file(text, context)
    if target:
        return Listing("data-file", (), home_url=page.final_url, next_page=target, encoding=how)
    records = _records(text)
    if records:
        kind, found = "records", read_records(records, context.base, context.seen)
    else:
        kind, value = _load(text, page.final_url, options.data.variable)
        rows = _rows(value, options.data)
        found = [item for row in rows for item in _sightings(row, context)]
        _refuse_empty(rows, found, options.data)
    sightings, warnings = keep_items(found, options)
    return Listing(kind, sightings, home_url=page.final_url, encoding=how, warnings=warnings)


def _refuse_empty(rows: list[Value], found: list[Sighting], rule: DataRule) -> None:
    if found:
        return
    if not rows:
        raise ReadError("empty-list", "the data holds an empty list")
    first = rows[0]
    shape = f"keys {', '.join(first)}" if isinstance(first, dict) else f"{first!r:.60}"
    wanted = " or ".join(rule.url)
    raise ReadError(
        "empty-list",
        f"none of the {len(rows)} rows has an address under {wanted} (a row has {shape}): "
        "set data.url, or data.template",
    )


# ---------------------------------------------------------------- finding the data


def _data_file(text: str, context: _Context) -> str:
    """The address of the data file that a page names, or "" when *text* is the data."""
    rule = context.rule
    if not rule.file or not _HTML.match(text):
        return ""
    match = re.search(rule.file, text)
    if not match:
        raise ReadError(
            "not-a-list", f"the page names no data file: data.file = {rule.file!r} is not in it"
        )
    parts = ("", *(group or "" for group in match.groups()))
    named = re.sub(
        r"\{(\d)\}", lambda m: parts[int(m[1])] if int(m[1]) < len(parts) else m[0], rule.file_url
    )
    return canonical(join(context.base, named if match.groups() else match[0]))


def _records(text: str) -> list[str]:
    """The HTML of the records of a data island, or none."""
    if "<record>" not in text:
        return []
    found = []
    for part in text.split("<record>")[1:]:
        inner = part.partition("</record>")[0].strip()
        found.append(inner.removeprefix("<![CDATA[").removesuffix("]]>").strip())
    return [html.unescape(f) if f.startswith("&lt;") else f for f in found if f]


def _load(text: str, url: str, variable: str) -> tuple[str, Value]:
    """(format, value) of the data in *text*. Raises ReadError "malformed" or "not-a-list"."""
    try:
        if variable:
            return "js", find_value(text, variable)[0]
        return _guess(text)
    except LiteralError as error:
        if _HTML.match(text):
            raise _not_data(text, url, error) from error
        raise ReadError("malformed", f"the data is damaged: {error}") from error


def _guess(text: str) -> tuple[str, Value]:
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith(("{", "[")):
        return "json", _json(start)
    if _HTML.match(text):
        return "js", _longest(find_variables(_scripts(text)))
    call = _JSONP.match(text)
    if call:
        return "jsonp", parse_at(text, call.end())[0]
    return "js", _longest(find_variables(text))


def _json(text: str) -> Value:
    try:
        value: Value = json.loads(text, parse_int=_whole, parse_constant=lambda _: None)
    except (ValueError, RecursionError):  # not strict JSON: single quotes, comments, commas
        value = parse_at(text, 0)[0]
    return value


def _whole(digits: str) -> int | str:
    # 64-bit ids are kept as text, as literal.py does.
    return digits if len(digits) > 16 or abs(int(digits)) > SAFE_INTEGER else int(digits)


def _scripts(text: str) -> str:
    return "\n;\n".join(script.get_text() for script in tree(text).find_all("script"))


def _longest(variables: dict[str, Value]) -> Value:
    """The variable with the longest list of rows."""
    lists = [v for v in variables.values() if isinstance(v, list) and _is_rows(v)]
    if lists:
        return max(lists, key=len)
    if variables:
        return dict(variables)
    raise LiteralError("no list in any variable", 0)


def _not_data(text: str, url: str, error: LiteralError) -> ReadError:
    """What an HTML page is, that should have been data."""
    other = refuse(tree(text), text, url, url)
    if other.code != "not-a-list":
        return other
    mend = 'for a page of links use kind = "list", or name the variable with data.variable'
    return ReadError("not-a-list", f"the page holds no list as data ({error}): {mend}")


# ---------------------------------------------------------------- rows


def _rows(value: Value, rule: DataRule) -> list[Value]:
    """The rows at the path ``items``, or those of the first list of rows there is."""
    if rule.items:
        found = _at(value, rule.items)
        if isinstance(found, dict):
            found = list(found.values())
        if not isinstance(found, list):
            known = ", ".join(value) if isinstance(value, dict) else type(value).__name__
            raise ReadError(
                "not-a-list",
                f"there is no list at data.items = {rule.items!r}; at the top there is: {known}",
            )
        return found
    found = _search([value], _DEPTH)
    if found is None:
        raise ReadError(
            "not-a-list", "the data holds no list of rows: name its path with data.items"
        )
    return found


def _search(level: Sequence[Value], depth: int) -> list[Value] | None:
    """The list of rows nearest to the top; an empty list when there is nothing else."""
    lists = [value for value in level if isinstance(value, list)]
    rows = next((one for one in lists if _is_rows(one)), None)
    if rows is None and depth:
        rows = _search([child for value in level for child in _children(value)], depth - 1)
    return rows if rows is not None else next((one for one in lists if not one), None)


def _children(value: Value) -> list[Value]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _is_rows(value: list[Value]) -> bool:
    """Whether a list holds rows: tables that name a title and an address, or links as text."""
    rows = [row for row in value[:5] if isinstance(row, dict)]
    return any(sum(isinstance(v, str) for v in row.values()) >= 2 for row in rows)


def _at(value: Value, path: str) -> Value:
    """What stands at a path such as "data.list" or "covers.0.url", or None."""
    for key in path.split("."):
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def _text(row: Value, paths: Iterable[str]) -> str:
    """The first non-empty text or number at *paths*."""
    for path in paths:
        value = _at(row, path)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
    return ""


def _sightings(row: Value, context: _Context) -> Iterator[Sighting]:
    """The articles of a row: those of its links, those in its title's markup, or its own."""
    rule = context.rule
    published = _date(row, context)
    raw_title = _text(row, rule.title)
    several = [*_linked(row, context), *_marked_up(raw_title, context)]
    if several:
        for url, title in several:
            yield Sighting(
                url=url, title=title, published=published, source=_plain(_text(row, rule.source))
            )
        return
    url = _absolute(context.base, _address(row, rule))
    if url:
        yield _own(row, url, _plain(raw_title)[:MAX_TITLE], published, rule)


def _own(row: Value, url: str, title: str, published: Moment | None, rule: DataRule) -> Sighting:
    author = _plain(_text(row, rule.author))
    return Sighting(
        url=url,
        title=title,
        published=published,
        authors=(author,) if author else (),
        source=_plain(_text(row, rule.source)),
        editor=_plain(_text(row, rule.editor)),
        summary=_text(row, rule.summary),
        content=_text(row, rule.content),
        subtitle=_plain(_text(row, rule.subtitle)),
        categories=tuple(filter(None, [_plain(_text(row, rule.category))])),
        image=_absolute(url, _text(row, rule.image)),
    )


def _absolute(base: str, address: str) -> str:
    """*address* made absolute; "" for none, and for one that leads back to the list."""
    return canonical(join(base, address)) if address and not address.startswith("#") else ""


def _address(row: Value, rule: DataRule) -> str:
    if not rule.template:
        return _text(row, rule.url)
    missing = False

    def fill(match: re.Match[str]) -> str:
        nonlocal missing
        value = _text(row, [match[1]])
        missing = missing or not value
        return value

    address = _FIELD.sub(fill, rule.template)
    return "" if missing else address


def _linked(row: Value, context: _Context) -> Iterator[tuple[str, str]]:
    """(address, title) of the further articles that a row lists."""
    inner = _at(row, context.rule.links) if context.rule.links else None
    for link in inner if isinstance(inner, list) else []:
        title = _plain(_text(link, context.rule.link_title))
        url = _absolute(context.base, _text(link, context.rule.link_url))
        if url and title_weight(title) >= _LABEL:
            yield url, title[:MAX_TITLE]


def _marked_up(title: str, context: _Context) -> Iterator[tuple[str, str]]:
    """(address, title) of the links that a title is made of."""
    if "<a" not in title.lower():
        return
    for tag in tree(title).find_all("a", href=True):
        link = link_of(tag, context.base, "")
        if link and title_weight(link.title) >= _LABEL:
            yield link.url, link.title


def _date(row: Value, context: _Context) -> Moment | None:
    for path in context.rule.date:
        value = _at(row, path)
        shown = _text(value, ["time"]) if isinstance(value, dict) else _text(row, [path])
        found = when.parse_feed(shown, context.seen.timezone) if shown else None
        if found:
            return found
    return None


def _plain(text: str) -> str:
    """Text without markup (search interfaces mark hits with <em>)."""
    return (
        squash(html.unescape(_TAGS.sub("", text))) if "<" in text or "&" in text else squash(text)
    )
