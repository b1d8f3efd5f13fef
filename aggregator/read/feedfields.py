"""The rules of single fields that all feed readers share: raw values of a feed -> model values."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urljoin

from aggregator import url, when
from aggregator.model import Enclosure, Listing, Moment, PaceHints, Sighting

MAX_TITLE = 2000  # characters
MAX_AUTHOR = 500
MAX_MANY = 100  # authors, categories, enclosures of one item

_TAG = re.compile(r"<(?:/?[A-Za-z][^<>]*|![^<>]*)>")
_MARKUP = re.compile(
    r"</[A-Za-z]|<[A-Za-z][A-Za-z0-9]*(?:\s[^<>]*)?/?>|&(?:#\d+|#[xX][0-9A-Fa-f]+|[A-Za-z]\w*);"
)
# Addresses that are in normal form already, so that url.join would give them back as they are.
_SEGMENT = r"[A-Za-z0-9_~-][A-Za-z0-9_.~-]*"
_NORMAL = re.compile(
    r"https?://[a-z0-9]+(?:[.-][a-z0-9]+)*(?::(?!80/|443/)[1-9]\d{1,4}(?!\d))?"
    rf"/(?:{_SEGMENT}(?:/{_SEGMENT})*/?)?(?:\?[A-Za-z0-9_.~=&-]+)?"
)
_REF = re.compile(
    r"""(<[a-z][^<>]{0,2000}?\s(?:href|src|poster|cite|longdesc)\s{0,3}=\s{0,3}["'])([^"'<>]{1,4000})(?=["'])""",
    re.I,
)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Context:
    """What the readers of one answer need: *base* of relative addresses, zone, bound, charset."""

    base: str
    tz: str
    max_items: int
    encoding: str = ""


def title(value: str, is_html: bool | None = None) -> str:
    """A title as one line of plain text. *is_html* None: guess, as RSS does not say it."""
    if is_html or (is_html is None and is_markup(value)):
        value = html.unescape(_TAG.sub("", value))
    return " ".join(value[:MAX_TITLE].split())


def is_markup(value: str) -> bool:
    """Whether *value* looks like HTML: it has a tag or a reference."""
    return ("<" in value or "&" in value) and bool(_MARKUP.search(value))


def html_of(value: str) -> str:
    """Plain text as HTML: escaped, one paragraph a line where there are several."""
    escaped = html.escape(value, quote=False)
    if "\n" not in escaped:
        return escaped
    return "".join(f"<p>{line.strip()}</p>" for line in escaped.split("\n") if line.strip())


def link(base: str, ref: str) -> str:
    """*ref* as an absolute http(s) address in normal form, or ""."""
    ref = ref.strip()
    if is_normal(ref):
        return ref
    return url.join(base, ref) if ref else ""


def address_in(guid: str) -> str:
    """A guid that is an address itself, or ""; whether it calls itself a permalink does not help."""
    return guid if guid[:8].lower().startswith(("http://", "https://")) else ""


def is_normal(ref: str) -> bool:
    """Whether *ref* is surely an absolute address in normal form (a quick test, may miss some)."""
    return len(ref) < 2000 and _NORMAL.fullmatch(ref) is not None


def absolute(content: str, *bases: str) -> str:
    """HTML with its relative addresses resolved against *bases* (the page's, then each xml:base)."""
    base = ""
    for one in bases:
        base = _joined(base, one)

    def resolve(match: re.Match[str]) -> str:
        ref = html.unescape(match[2]).strip()
        if ref.startswith("#") or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", ref):
            return match[0]
        return match[1] + html.escape(_joined(base, ref))

    return _REF.sub(resolve, content)


def _joined(base: str, ref: str) -> str:
    try:
        return urljoin(base, ref)
    except ValueError:  # such as "//[x": left as it stood, cleaning drops it
        return ref


def moment(text: str | None, tz: str) -> Moment | None:
    """A feed's date (see when.parse_feed)."""
    return when.parse_feed(text, tz) if text else None


def people(names: Iterable[str]) -> tuple[str, ...]:
    """Names, in order, none empty, none twice."""
    short = [" ".join(name[:MAX_AUTHOR].split()) for name in names]
    if len(short) < 2:  # the usual case, quickly
        return tuple(short) if short and short[0] else ()
    return tuple(dict.fromkeys(name for name in short if name))[:MAX_MANY]


def enclosure(
    base: str, ref: str, kind: str = "", length: str = "", name: str = ""
) -> Enclosure | None:
    """A file of an item, or None when its address is not http(s)."""
    address = link(base, ref)
    if not address:
        return None
    length = length.strip()
    size = int(length) if length.isascii() and length.isdigit() and len(length) < 16 else None
    return Enclosure(address, kind.strip()[:100], size or None, title(name))


def enclosures(found: Iterable[Enclosure | None]) -> tuple[Enclosure, ...]:
    """Files, in order, none twice."""
    return tuple({one.url: one for one in reversed([f for f in found if f])}.values())[::-1][
        :MAX_MANY
    ]


def picture(*refs: str, base: str, files: Sequence[Enclosure] = ()) -> str:
    """The item's picture: the first of *refs* that is an address, else the first picture file."""
    named = (link(base, ref) for ref in refs if ref)
    filed = (one.url for one in files if one.type.startswith("image"))
    return next((ref for ref in named if ref), "") or next(filed, "")


def dates(
    published: Moment | None, updated: Moment | None, *, rss: bool
) -> tuple[Moment | None, Moment | None]:
    """(published, updated). In RSS a lone dc:date is the time of publication."""
    if rss and published is None:
        return updated, None
    return published, updated


def hints(
    ttl: str = "",
    hours: Iterable[str] = (),
    days: Iterable[str] = (),
    period: str = "",
    frequency: str = "",
) -> PaceHints:
    """What a feed says about how often to come; what cannot be read is left out."""
    wanted = [_number(hour) for hour in hours]
    names = [day.strip().lower() for day in days]
    seconds = _PERIODS.get(period.strip().lower())
    if seconds is not None:
        seconds //= max(1, _number(frequency) or 1)
    minutes = _number(ttl)
    return PaceHints(
        ttl_minutes=minutes if minutes and minutes <= 525_600 else None,
        skip_hours=frozenset(hour % 24 for hour in wanted if hour is not None and hour <= 24),
        skip_days=frozenset(_DAYS.index(name) for name in names if name in _DAYS),
        update_period_seconds=seconds or None,
    )


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def finish(listing: Listing, max_items: int, *, more: bool = False) -> Listing:
    """*listing* within its bound, same items once; says what was left out.

    Items are the same when guid and address are the same; without a guid the title must be, too.
    """
    notes = list(listing.warnings)
    kept: list[Sighting] = []
    seen: set[tuple[str, str]] = set()
    for item in listing.sightings:
        key = (item.guid or f"title {item.title}", item.url)
        if key in seen and (item.guid or item.url):
            continue
        seen.add(key)
        kept.append(item)
    doubles = len(listing.sightings) - len(kept)
    if doubles:
        notes.append(f"{doubles} items stood there twice (same guid and link)")
    if more or len(kept) > max_items:
        notes.append(f"only the first {max_items} items were read (max_items)")
    if not kept:
        notes.append("the feed has no items")
    numbered = listing.sightings[:max_items]
    if doubles:
        numbered = tuple(replace(item, position=n) for n, item in enumerate(kept[:max_items]))
    return replace(listing, sightings=numbered, warnings=tuple(notes))
