"""Draft -> the text that full-text search looks at; the store's recheck uses the same one."""

from __future__ import annotations

from aggregator.model import Draft
from aggregator.text import search_tokens


def searchable(draft: Draft) -> str:
    """Titles, source, names and body of *draft*, a line each: a phrase never crosses a line."""
    found = (draft.overline, draft.title, draft.subtitle, draft.inner_title, draft.source)
    names = [p.name for people in (draft.authors, draft.editors) if people for p in people.value]
    return "\n".join([*(f.value for f in found if f), *names, draft.text])


def tokens(draft: Draft) -> str:
    """The full-text tokens of *draft* (Capture.tokens)."""
    return search_tokens(searchable(draft))
