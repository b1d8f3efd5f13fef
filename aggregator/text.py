"""Text that compares equal when people would say it is equal: normal forms for search and identity.

``norm`` is the one meaning of search: a term matches when norm(term) is a substring of norm(text).
Rules: NFKC (full width, ligatures, compatibility forms), lower case, zero-width characters gone;
*soft* punctuation (quotation marks, 、, ·, book-title marks, brackets) vanishes, so that 拥护两个确立
finds 拥护“两个确立”; a blank between two Chinese characters vanishes; *hard* punctuation (，。！？；：
and line ends) and any other run of blanks become one space, so that no phrase crosses a clause.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import chain
from operator import add

TOKENS_VERSION = 1

_SOFT = "“”‘’„‟\"'`´「」『』〝〞《》〈〉<>()[]{}【】〔〕〖〗、·•・‧●◆■*_"
_ZERO_WIDTH = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"
_DROP = re.compile(f"[{re.escape(_SOFT + _ZERO_WIDTH)}]+")
_INVISIBLE = re.compile(f"[{_ZERO_WIDTH}]+")
_HARD = re.compile(r"[。!?;…~\s|—–]+")
# A comma or colon inside a number or a time, a point inside a number or address are no ends.
_SEPARATOR = re.compile(r"[,:.](?:(?<=\.)(?![0-9a-z])|(?<=[,:])(?!\d)|(?<=[,:])(?<!\d[,:]))")
_CJK = "\u2e80-\u2fff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CJK_BLANK = re.compile(rf"(?<=[{_CJK}])[ \t\u00a0]+(?=[{_CJK}])")
_NOT_WORD = re.compile(r"[\W_]+")
_QUOTES = (("“”„‟「」『』〝〞", '"'), ("‘’‚‛`´", "'"), ("—–―‐", "-"))
# What nearly every Chinese text has that NFKC changes, none of which composes with a neighbour.
_WIDE = tuple(
    zip("，；：！？（）％　…", (",", ";", ":", "!", "?", "(", ")", "%", " ", "..."), strict=True)
)


def nfkc(text: str) -> str:
    """The NFKC form of *text*; five times as fast as the library's for ordinary Chinese text."""
    for wide, narrow in _WIDE:
        text = text.replace(wide, narrow)
    if unicodedata.is_normalized("NFKC", text):
        return text
    return unicodedata.normalize("NFKC", text)


def norm(text: str) -> str:
    """*text* in the normal form in which searches are decided (see the module's rules)."""
    folded = _CJK_BLANK.sub("", _DROP.sub("", nfkc(text).lower()))
    return " ".join(_SEPARATOR.sub(" ", _HARD.sub(" ", folded)).split())


def fold(text: str) -> str:
    """*text* for comparing two versions: NFKC, no blanks, one form of quotation marks and dashes.

    Punctuation and case are kept: a changed comma is a change, a changed width is not.
    """
    folded = nfkc(text)
    for many, one in _QUOTES:
        for quote in many:
            folded = folded.replace(quote, one)
    return "".join(_INVISIBLE.sub("", folded).split())


def squeeze(text: str) -> str:
    """Letters and digits only, NFKC and lower case: for hashing clauses and comparing titles."""
    return _NOT_WORD.sub("", nfkc(text).lower())


def search_tokens(text: str) -> str:
    """The distinct full-text tokens of *text*, joined by blanks.

    A run ABC of letters and digits in norm(text) gives "AB BC C": all windows of two characters
    and the run's last character, so that a prefix query finds single characters.
    """
    return tokens_of(norm(text))


def tokens_of(normal: str) -> str:
    """The tokens of a text that is in the normal form of ``norm`` already."""
    runs = [run for run in _NOT_WORD.split(normal) if run]
    windows = chain.from_iterable(map(add, run, run[1:]) for run in runs)
    return " ".join(dict.fromkeys(chain(windows, (run[-1] for run in runs))))


def query_windows(term: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the index must hold for *term* to match: (whole tokens, prefixes of tokens)."""
    whole: dict[str, None] = {}
    prefixes: dict[str, None] = {}
    for run in _NOT_WORD.split(norm(term)):
        if len(run) == 1:
            prefixes[run] = None
        whole.update(dict.fromkeys(map(add, run, run[1:])))
    return tuple(whole), tuple(prefixes)


def printable(text: str, limit: int = 500) -> str:
    """*text* on one line for logs and terminals: control characters escaped, cut at *limit*."""
    short = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in short)
