"""Stored records -> today's reading of them: the whole archive re-read offline, change by change."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Protocol

from aggregator.config import SourceOptions
from aggregator.errors import AggregatorError
from aggregator.model import (
    Capture,
    Draft,
    Field,
    NoArticle,
    NoArticleKind,
    Page,
    Sighting,
    Snapshot,
)
from aggregator.text import printable
from aggregator.url import identity
from aggregator.work.article import declared_charset
from aggregator.work.tasks import capture_entries, extract_page, finish_page, read_listing
from aggregator.work.visit import Parts

BATCH = 32  # revisions that are read at a time

# What is compared: everything that people see; html follows from the blocks.
_COMPARED = tuple(
    f.name for f in fields(Draft) if f.name not in ("url", "encoding", "extractor", "rules", "html")
)


class Stored(Protocol):
    """A revision that was read from a kept record."""

    @property
    def article_id(self) -> int: ...
    @property
    def number(self) -> int: ...
    @property
    def key(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def snapshot(self) -> Snapshot: ...
    @property
    def options(self) -> SourceOptions: ...
    @property
    def sighting(self) -> Sighting: ...
    @property
    def draft(self) -> Draft: ...


class Shelf(Protocol):
    """The reading side of the archive, as far as re-reading needs it."""

    def readings(self, after: tuple[int, int], limit: int) -> Sequence[Stored]:
        """The next revisions after (article, number)."""
        ...

    def snapshot(self, url: str, at: datetime) -> Snapshot | None:
        """The record of *url* made nearest to *at*."""
        ...


# Puts a capture in the place of a revision; whether anything differed.
Put = Callable[[Capture, int], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Reread:
    """What re-reading one revision came to: (field, before, after), or why it could not be read."""

    article_id: int
    number: int
    changes: tuple[tuple[str, str, str], ...] = ()
    problem: str = ""


async def reread_all(
    parts: Parts, shelf: Shelf, report: Callable[[Reread], None], put: Put | None = None
) -> None:
    """Read all stored revisions again, in their order; changes are stored through *put*."""
    after = (0, 0)
    while batch := await asyncio.to_thread(shelf.readings, after, BATCH):
        after = (batch[-1].article_id, batch[-1].number)
        for result in await asyncio.gather(*(_one(parts, shelf, stored, put) for stored in batch)):
            report(result)


async def _one(parts: Parts, shelf: Shelf, stored: Stored, put: Put | None) -> Reread:
    found = Reread(stored.article_id, stored.number)
    try:
        capture = await _capture(parts, shelf, stored)
    except AggregatorError as error:
        return replace(found, problem=str(error))
    if isinstance(capture, str):
        return replace(found, problem=capture)
    if put:
        await put(replace(capture, snapshot=stored.snapshot), stored.number)
    return replace(found, changes=differences(stored.draft, capture.draft))


async def _capture(parts: Parts, shelf: Shelf, stored: Stored) -> Capture | str:
    """Today's reading of a revision, or why there is none."""
    page = await asyncio.to_thread(parts.vault.read, stored.snapshot)
    # An article that came whole from a feed was read from the feed's record, not from a page's.
    if identity(stored.snapshot.url) != stored.key:
        return await _from_listing(parts, stored, page)
    first = await _extract(parts, stored, page)
    if isinstance(first, NoArticle):
        return f"today's rules find no article: {first.reason}"
    rest = [await _further(parts, shelf, stored, url, page) for url in first.next_pages]
    return await parts.workers.run(
        finish_page, stored.key, stored.url, first, rest, page.fetched_at
    )


async def _from_listing(parts: Parts, stored: Stored, page: Page) -> Capture | str:
    read = await parts.workers.run(read_listing, page, stored.options)
    items = [(k.key, k.sighting) for k in read.keyed if k.key == stored.key]
    if not items:
        return "today's rules do not find it in the feed that it came from"
    found = await parts.workers.run(capture_entries, items, stored.options, page.fetched_at)
    return found[0]


async def _extract(parts: Parts, stored: Stored, page: Page) -> Draft | NoArticle:
    charset = declared_charset(page)
    rules = parts.rules_for(stored.options, page.final_url)
    return await parts.workers.run(
        extract_page, page.body, page.final_url, charset, stored.sighting, stored.options, rules
    )


async def _further(
    parts: Parts, shelf: Shelf, stored: Stored, url: str, first: Page
) -> tuple[str, Draft | NoArticle]:
    kept = await asyncio.to_thread(shelf.snapshot, url, first.fetched_at)
    if kept is None:
        return url, NoArticle(NoArticleKind.SOFT_NOT_FOUND, "not in the archive")
    return url, await _extract(parts, stored, await asyncio.to_thread(parts.vault.read, kept))


def differences(old: Draft, new: Draft) -> tuple[tuple[str, str, str], ...]:
    """The fields whose values differ, with both values as short text."""
    pairs = ((name, getattr(old, name), getattr(new, name)) for name in _COMPARED)
    return tuple(
        (name, _short(a, b), _short(b, a)) for name, a, b in pairs if _value(a) != _value(b)
    )


def _value(found: object) -> object:
    return found.value if isinstance(found, Field) else found


def _short(value: object, other: object) -> str:
    """*value* as text from a little before the place where it begins to differ from *other*."""
    ours, theirs = repr(_value(value)), repr(_value(other))
    same = next((i for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), 0)
    start = max(0, same - 20)
    return ("…" if start else "") + printable(ours[start:], 80)
