"""The text of a feed as it came -> XML text that begins with its root, mended where it is damaged.

Gone: what stands before the root (PHP warnings, declarations, DOCTYPE), characters that XML forbids.
Mended: bare "&" and "<", HTML's named entities, character references to no character.
"""

from __future__ import annotations

import html
import re
from collections import deque
from dataclasses import dataclass
from html.entities import html5

from aggregator.errors import ReadError

_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?(rss|feed|rdf|channel|entry)(?=[\s/>])", re.I)
_HTML = re.compile(r"<(?:html|head|body)(?=[\s>])", re.I)
_ENTITY = re.compile(
    r"""<!ENTITY\s+(?:%\s+)?([\w.:-]{1,80})\s+(?:(SYSTEM|PUBLIC)\b|"([^"]*)"|'([^']*)')""", re.I
)
_MAX_VALUE = 200  # characters of an entity that a feed may define
_MAX_ENTITIES = 300
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:(\d{1,7})|[xX]([0-9A-Fa-f]{1,6}));")
_SPOILED = re.compile(
    r"&#(?:(\d{1,7})|[xX]([0-9A-Fa-f]{1,6}));|&([A-Za-z][\w.:-]{0,39});|&|<(?![A-Za-z_/!?:])"
)
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_END = re.compile(r"</(?:[\w.-]{1,40}:)?(?:rss|feed|rdf|channel)\s*(?:>|\Z)", re.I)
_ITEM = re.compile(r"<(/?)(?:[\w.-]{1,40}:)?(?:item|entry)(?=[\s/>])", re.I)


@dataclass(frozen=True, slots=True)
class FeedText:
    """XML text from the root on; ``netscape`` is a DOCTYPE of RSS 0.91; ``notes`` say the mends.

    ``raw`` is the same with its bare signs as they stood.
    """

    text: str
    raw: str
    netscape: bool
    notes: tuple[str, ...]

    def bare(self) -> str:
        """``raw`` without references to no character, for a parser that takes bare signs."""
        return _REFERENCE.sub(_character, self.raw)


def prepare(text: str) -> FeedText | None:
    """The feed in *text*, or None when there is none.

    Raises ReadError("malformed") for entities that multiply (an entity bomb).
    """
    found = _root(text)
    if found is None:
        return None
    start, doctype = found
    notes = []
    entities, outside = _entities(doctype)
    if outside:
        notes.append("references to outside entities were not followed")
    junk = (
        re.sub(r"<\?xml[^>]*>|<\?[^>]*\?>|\ufeff", "", text[:start].replace(doctype, ""))
        if start < 20_000
        else "junk"
    )
    if junk.strip() and not junk.strip().startswith("<!--"):
        notes.append(f"{start} characters stand before the feed")
    body, forbidden = _FORBIDDEN.subn("", text[start:])
    if forbidden:
        notes.append(f"{forbidden} characters that XML forbids were dropped")
    text, mends = _mend(body, entities)
    if mends:
        notes.append(f"{mends} bare signs or unknown entities were mended")
    return FeedText(text, body, "netscape" in doctype.lower(), tuple(notes))


def mended(text: str) -> str:
    """XML of any kind without forbidden characters and bare signs."""
    return _mend(_FORBIDDEN.sub("", text), {})[0]


def is_cut(text: str) -> tuple[bool, bool]:
    """(whether the feed ends before its root does, whether its last item is incomplete)."""
    root = _ROOT.match(text)
    if root and root[1].lower() == "entry":
        return False, False
    last = next(iter(deque(_ITEM.finditer(text), maxlen=1)), None)
    tail = text[last.start() :] if last else text
    if _END.search(tail, 1):
        return False, False
    return True, last is not None and not last[1]


def _root(text: str) -> tuple[int, str] | None:
    """Where the root of a feed begins, and the DOCTYPE before it; None for HTML or no root."""
    doctype = ""
    place = text.find("<")
    while place >= 0:
        if text.startswith("<!--", place):
            end = text.find("-->", place + 4)
            if end < 0:
                return None
            place = text.find("<", end)
            continue
        if _HTML.match(text, place):
            return None
        if _ROOT.match(text, place):
            return place, doctype
        if text[place : place + 9].upper() == "<!DOCTYPE" and not doctype:
            doctype = _doctype(text, place)
            place += len(doctype) - 1
        place = text.find("<", place + 1)
    return None


def _doctype(text: str, start: int) -> str:
    """The whole declaration, with its internal subset."""
    close, subset = text.find(">", start), text.find("[", start)
    if 0 <= subset < close:
        root = _ROOT.search(text, subset)
        end = text.rfind("]", subset, root.start() if root else len(text))
        close = text.find(">", end) if end >= 0 else close
    return text[start : close + 1] if close >= 0 else text[start : start + 9]


def _entities(doctype: str) -> tuple[dict[str, str], bool]:
    """The entities a feed defines for itself, and whether it also refers to outside ones."""
    values: dict[str, str] = {}
    outside = False
    for name, external, double, single in _ENTITY.findall(doctype):
        value = html.unescape(double or single)
        if external:
            outside = True
        elif (
            len(value) > _MAX_VALUE
            or re.search(r"&[\w.:-]+;", value)
            or len(values) >= _MAX_ENTITIES
        ):
            raise ReadError("malformed", "the feed defines entities that multiply (an entity bomb); it is not read")  # fmt: skip
        else:
            values[name] = value
    return values, outside


def _mend(text: str, entities: dict[str, str]) -> tuple[str, int]:
    """*text* with its bare signs escaped, outside of CDATA sections; and how many there were."""
    count = 0

    def one(match: re.Match[str]) -> str:
        nonlocal count
        right = _right(match, entities)
        count += right != match[0]
        return right

    first, *rest = text.split("<![CDATA[")
    out = [_SPOILED.sub(one, first)]
    for part in rest:
        inside, close, outside = part.partition("]]>")
        out += ["<![CDATA[", inside, close, _SPOILED.sub(one, outside)]
    return "".join(out), count


def _character(match: re.Match[str]) -> str:
    """The reference as it is, or U+FFFD when it is to no character of XML 1.0 (production 2)."""
    code = int(match[1]) if match[1] else int(match[2], 16)
    right = code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE
    return match[0] if right or 0xFFFF < code < 0x110000 else "\ufffd"


def _right(match: re.Match[str], entities: dict[str, str]) -> str:
    if match[1] or match[2]:
        return _character(match)
    name = match[3]
    if name is None:
        return "&amp;" if match[0] == "&" else "&lt;"
    if name in _XML_NAMES:
        return match[0]
    if name in entities:
        return html.escape(entities[name])
    char = html5.get(name + ";")
    return html.escape(char) if char else f"&amp;{name};"
