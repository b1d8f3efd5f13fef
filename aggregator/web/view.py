"""A draft or article view -> the lines that pages show: fields, changes, delays; in one language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aggregator.model import Draft, Field, Moment, Person
from aggregator.render.xmltext import line
from aggregator.store.query import ArticleRow, ArticleView
from aggregator.web import diff
from aggregator.web.language import Voice

# The fields of a draft in the order in which a reader looks for them.
FIELDS = (
    "overline", "title", "subtitle", "inner_title", "authors", "source", "published", "updated",
    "issue", "page_number", "editors", "column", "breadcrumb", "keywords", "summary",
    "original_title", "original_url",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """One field of a draft as a page shows it."""

    name: str
    value: str
    field: Field[Any]


def value_text(value: object, say: Voice) -> str:
    """A field's value as one line."""
    if isinstance(value, Moment):
        return say.moment(value)
    if isinstance(value, Person):
        # The label says 作者 already; other roles (记者, 责任编辑, 通讯员) add something.
        role = "" if value.role == "作者" else value.role
        return line(f"{value.name}（{role}）" if role else value.name)
    if isinstance(value, tuple):
        return ("、" if say.language == "zh-CN" else ", ").join(value_text(v, say) for v in value)
    return line(str(value))


def shown_fields(draft: Draft, say: Voice) -> list[Shown]:
    """The fields that the draft has."""
    found = ((name, getattr(draft, name)) for name in FIELDS)
    return [Shown(name, value_text(f.value, say), f) for name, f in found if f is not None]


@dataclass(frozen=True, slots=True)
class Change:
    """A field whose value differs between two revisions, with the differing pieces marked."""

    name: str
    pieces: tuple[tuple[diff.Mark, str], ...]


def changed_fields(old: Draft, new: Draft, say: Voice) -> list[Change]:
    """The fields that are not the same in both drafts."""
    before = {shown.name: shown.value for shown in shown_fields(old, say)}
    after = {shown.name: shown.value for shown in shown_fields(new, say)}
    pairs = ((name, before.get(name, ""), after.get(name, "")) for name in FIELDS)
    return [Change(name, diff.pieces(a, b)) for name, a, b in pairs if a != b]


@dataclass(frozen=True, slots=True)
class Spread:
    """An appearance of a work and how long after the first one it came, in words."""

    row: ArticleRow
    delay: str


def spread(view: ArticleView, say: Voice) -> list[Spread]:
    """All appearances of the work in the order of their times."""

    def instant(row: ArticleRow) -> datetime:
        return row.published_at or row.first_seen_at

    rows = sorted([view.row, *view.appearances], key=instant)
    first = instant(rows[0])
    return [Spread(row, _delay(instant(row) - first, say)) for row in rows]


def _delay(length: timedelta, say: Voice) -> str:
    return say("later", span=say.span(length)) if length else ""
