"""A regular expression of a site rule in; whether its time is bounded on any text, out."""

from __future__ import annotations

import re

PATTERN_WAYS = 2_000  # upper bound on the paths a pattern may try from one position
_QUANTIFIER = re.compile(
    r"(?P<skip>\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?[a-zA-Z:=!<>-]*)"
    r"|(?P<group>\))?(?:(?P<open>[*+]|\{\d+,\})|(?P<opt>\?)|\{(?P<low>\d*)(?:,(?P<high>\d+))?\})[?+]?"
    r"|(?P<bar>\|)",
    re.S,
)


def unbounded(pattern: str) -> str:
    """Why *pattern* could run too long, or "".

    Without open-ended and nested repeats the product of all choices bounds the paths that the
    matcher can try from one position, so the whole search is linear in the text.
    """
    ways = 1
    for token in _QUANTIFIER.finditer(pattern):
        if token["skip"]:
            continue
        if token["open"]:
            return f"repeats without an end ({token['open']})"
        if token["group"] and not token["opt"]:
            return "repeats a group"
        ways *= _choices(token)
    return f"can match in {ways} ways, {PATTERN_WAYS} are allowed" if ways > PATTERN_WAYS else ""


def _choices(token: re.Match[str]) -> int:
    if token["bar"] or token["opt"]:
        return 2
    low = int(token["low"] or 0)
    return max(1, int(token["high"] or low) - low + 1)
