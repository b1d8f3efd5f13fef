"""Bytes of a page in; a bounded lxml tree, and what the page's comments hide, out.

Guards, all before the first tree exists: a page is cut at MAX_PARSED, attribute values longer than
MAX_ATTRIBUTE are emptied, start tags longer than MAX_TAG are dropped (libxml2 is quadratic in the
number of attributes), inner ``</html>`` and ``</body>`` are removed (libxml2 drops what follows the
first of them). libxml2's own limits stay on (depth 256, text nodes of 10 MB).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

from aggregator.charset import decode

MAX_BYTES = 64_000_000  # what is behind is not even decoded
MAX_PARSED = 4_000_000  # bytes of UTF-8, below libxml2's 10 MB for one text; saved pages: < 1 MB
MAX_CHARS = 3_000_000  # of the text that patterns look at
MAX_ATTRIBUTE = 8_192
MAX_TAG = 16_384
_HARMLESS = 200_000  # bytes; in less, even one tag of attributes is read in time

_LONG_TAG = re.compile(rb"<[a-zA-Z][^<>]{%d,}+" % MAX_TAG)
_LONG_VALUE = re.compile(
    rb"""=\s*(?:"[^"<>]{%d,}+"?|'[^'<>]{%d,}+'?)""" % (MAX_ATTRIBUTE, MAX_ATTRIBUTE)
)
_INNER_END = re.compile(rb"</\s*(?:html|body)\s*>", re.IGNORECASE)
_INLINE_TAG = re.compile(
    rb"</?(?:font|span|b|strong|i|em|u|a|small|big|s|o:p|center)\b[^<>]*>", re.IGNORECASE
)
_BLOCK_TAG = re.compile(
    rb"(?:</?(?:div|section|article|table|tbody|tr|td|th|ul|ol|li|dl|dd|dt|blockquote|form|main)\b[^<>]*>\s*)+",
    re.IGNORECASE,
)
_CONTROLS = bytes(b for b in range(32) if b not in b"\t\n\r")
_FOUNDER = re.compile(
    r"<!--\s*enpproperty(.{1,20000}?)(?:/enpproperty\s*)?-->", re.DOTALL | re.IGNORECASE
)
_PROPERTY = re.compile(r"<(\w{1,30})>([^<]{0,2000})</\1>")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A page ready to be read. ``tree`` is None when it holds no element."""

    tree: etree._Element | None
    text: str
    encoding: str
    founder: dict[str, str] = field(default_factory=dict)  # of a Founder CMS comment


def prepare(body: bytes, charset: str = "") -> Prepared:
    """Decode, guard and parse *body*. Never raises; *charset* overrides the decision."""
    text, how = decode(body[:MAX_BYTES], "", charset)
    valid = how == "utf-8 (valid)" and len(body) <= MAX_BYTES
    data = _guard(body if valid else text.encode("utf-8", "replace"))
    if len(data) > MAX_PARSED:
        data = data[:MAX_PARSED].decode("utf-8", "ignore").encode()
    text = text[:MAX_CHARS]
    return Prepared(_parse(data), text, how, _founder(text))


def _guard(data: bytes) -> bytes:
    if len(data) > _HARMLESS:
        parts = data.split(b">")
        if max(map(len, parts)) > MAX_ATTRIBUTE:
            data = b">".join([p if len(p) <= MAX_ATTRIBUTE else _shortened(p) for p in parts])
    return _INNER_END.sub(b"", data.translate(None, _CONTROLS))


def _shortened(part: bytes) -> bytes:
    """What stands between two ">", without long attribute values and without a long start tag."""
    return _LONG_TAG.sub(b"<x ", _LONG_VALUE.sub(b'=""', part))


def _parse(data: bytes) -> etree._Element | None:
    """The tree of *data*; what is nested too deep for libxml2 is flattened rather than lost."""
    for pattern, put in ((None, b""), (_INLINE_TAG, b""), (_BLOCK_TAG, b"<br>")):
        data = pattern.sub(put, data) if pattern else data
        parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
        try:
            tree = etree.fromstring(data, parser)
        except (etree.ParserError, etree.XMLSyntaxError):
            return None
        if not any("depth" in entry.message for entry in parser.error_log):
            break
    return tree


def _founder(text: str) -> dict[str, str]:
    found = _FOUNDER.search(text) if "enpproperty" in text else None
    return {k.lower(): v.strip() for k, v in _PROPERTY.findall(found[1])} if found else {}
