"""A text and the terms that were found in it -> pieces of (text, is it a hit). Pure.

Hits are found in the text as it stands: letters and digits are compared, and what lies between
them is held against the rule of search (text.norm), so that 两个确立 lights up in “两个确立”.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from unicodedata import normalize

from aggregator.text import norm

Pieces = tuple[tuple[str, bool], ...]

BEFORE = 30  # characters of context before the first hit
LENGTH = 110  # characters of a snippet

_BETWEEN = r"[\W_]{0,4}?"


def pieces(text: str, normals: Sequence[str]) -> Pieces:
    """The whole *text* in pieces, those that match one of the normal forms *normals* marked."""
    return _cut(text, 0, len(text), _spans(text, normals))


def snippet(text: str, normals: Sequence[str]) -> Pieces:
    """About 110 characters of *text* around its first hit, or its beginning."""
    spans = list(_spans(text, normals))
    first = min((start for start, _ in spans), default=0)
    start = max(0, first - BEFORE)
    end = min(len(text), start + LENGTH)
    inside = [span for span in spans if span[0] < end]
    cut = _cut(text, start, max([end, *(e for _, e in inside)]), inside)
    lead = (("…", False),) if start else ()
    tail = (("…", False),) if end < len(text) else ()
    return lead + tuple((piece.replace("\n", " "), hit) for piece, hit in cut) + tail


def _spans(text: str, normals: Sequence[str]) -> list[tuple[int, int]]:
    found = sorted(span for normal in normals for span in _find(text, normal))
    merged: list[tuple[int, int]] = []
    for start, end in found:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _find(text: str, normal: str) -> Iterable[tuple[int, int]]:
    for found in _pattern(normal).finditer(text):
        if norm(found[0]) == normal:
            yield found.span()


@lru_cache(maxsize=512)
def _pattern(normal: str) -> re.Pattern[str]:
    """Letters of *normal* in any width and case, with some punctuation between them."""
    return re.compile(
        _BETWEEN.join(_any_width(c) for c in normal if not c.isspace()), re.IGNORECASE
    )


def _any_width(char: str) -> str:
    wide = chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else ""
    if not wide or normalize("NFKC", wide) != char:
        return re.escape(char)
    return f"[{re.escape(char)}{wide}{wide.upper()}]"


def _cut(text: str, start: int, end: int, spans: Iterable[tuple[int, int]]) -> Pieces:
    made: list[tuple[str, bool]] = []
    at = start
    for first, last in spans:
        made += [(text[at:first], False), (text[first:last], True)]
        at = last
    made.append((text[at:end], False))
    return tuple(piece for piece in made if piece[0])
