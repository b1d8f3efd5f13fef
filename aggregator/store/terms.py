"""A search as typed -> its terms, or a QueryError that points at the fault. Pure.

Terms stand between blanks; "…" and “…” hold a phrase. All terms must match (AND). A term matches
when norm(term) is a substring of the article's normalised text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aggregator.errors import QueryError
from aggregator.text import norm, query_windows

MAX_LENGTH = 200  # characters of a query
MAX_TERMS = 16

_TERM = re.compile(r'"(?P<plain>[^"]*)"|“(?P<curly>[^”]*)”|(?P<word>[^\s"“]+)|(?P<open>["“])')


@dataclass(frozen=True, slots=True)
class Term:
    """One term: as typed, in normal form, and what the index must hold for it to match."""

    typed: str
    normal: str
    windows: tuple[str, ...]
    prefixes: tuple[str, ...]


def parse(query: str) -> tuple[Term, ...]:
    """The terms of *query*, each once. Raises QueryError."""
    if len(query) > MAX_LENGTH:
        raise QueryError(query, MAX_LENGTH, f"a search has at most {MAX_LENGTH} characters")
    terms: dict[str, Term] = {}
    for found in _TERM.finditer(query):
        if found["open"]:
            raise QueryError(query, found.start(), "this quotation mark is never closed")
        typed = found["plain"] or found["curly"] or found["word"] or ""
        term = _term(query, found.start(), typed)
        terms.setdefault(term.normal, term)
        if len(terms) > MAX_TERMS:
            raise QueryError(query, found.start(), f"a search has at most {MAX_TERMS} terms")
    if not terms:
        raise QueryError(query, 0, "there is nothing to look for")
    if not any(t.windows or t.prefixes for t in terms.values()):
        raise QueryError(query, 0, "a search needs a letter, a character or a digit")
    return tuple(terms.values())


def _term(query: str, at: int, typed: str) -> Term:
    normal = norm(typed)
    if not normal:
        raise QueryError(query, at, "there is nothing to look for in this term")
    windows, prefixes = query_windows(typed)
    return Term(typed, normal, windows, prefixes)


def match_expression(terms: Sequence[Term], *, prefixes: bool = True) -> str:
    """What the full-text index is asked: all windows, and single characters as prefixes."""
    parts = dict.fromkeys(f'"{w}"' for t in terms for w in t.windows)
    if prefixes:
        parts |= dict.fromkeys(f'"{p}"*' for t in terms for p in t.prefixes)
    return " AND ".join(parts)
