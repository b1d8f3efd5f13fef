"""Bytes of a page in; a Draft with every field proved, or why it is no article, out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aggregator.extract.attachments import find_attachments
from aggregator.extract.blocks import parts_of, text_of
from aggregator.extract.body import Container, find_container
from aggregator.extract.compose import html_of
from aggregator.extract.cuts import own_lines, with_lead_media
from aggregator.extract.fields import (
    find_breadcrumb,
    find_column,
    find_keywords,
    find_original_title,
    find_original_url,
    find_paper,
    find_source,
    find_summary,
)
from aggregator.extract.lines import Line
from aggregator.extract.nextpages import find_next_pages
from aggregator.extract.outcome import judge, judge_body, kind_of
from aggregator.extract.override import cut_tree, overridden, ruled_container, ruled_fields
from aggregator.extract.people import INNER_RULE, find_authors, find_editors
from aggregator.extract.prepare import Prepared, prepare
from aggregator.extract.reading import Reading, read, same, where
from aggregator.extract.rules import SiteRule
from aggregator.extract.rules import find as find_rule
from aggregator.extract.times import find_times
from aggregator.extract.title import Prefix, find_overline, find_prefix, find_subtitle, find_title
from aggregator.extract.zones import Zones, zones
from aggregator.model import Draft, Field, NoArticle, NoArticleKind, Person, Sighting

VERSION = 1
_TRY_HIDDEN = (NoArticleKind.EMPTY, NoArticleKind.CHALLENGE)
_MIN_HIDDEN = 100  # characters


def extract(
    body: bytes,
    url: str,
    *,
    charset: str = "",
    sighting: Sighting | None = None,
    rules: str | SiteRule = "",
    timezone: str = "Asia/Shanghai",
) -> Draft | NoArticle:
    """The article on a page, or why there is none. Pure and bounded; never raises.

    *url* is the page's final address ("" when unknown); *charset* overrides the decision on the
    bytes; *sighting* is what the list said, used only where the page is silent; *rules* names the
    site rules ("" = by host, "none" = the generic extractor alone) or is a rule of one's own;
    *timezone* is that of times without a zone.
    """
    rule = rules if isinstance(rules, SiteRule) else find_rule(rules, url or "")
    prepared = prepare(body, charset or (rule.charset if rule else ""))
    page = _Page(url or "", prepared, rule, sighting, timezone)
    found = _read(page, hidden=False)
    if isinstance(found, NoArticle) and found.kind in _TRY_HIDDEN:
        # Some pages show their text by script: what is hidden may be the article.
        again = _read(page, hidden=True)
        return again if isinstance(again, Draft) and len(again.text) > _MIN_HIDDEN else found
    return found


@dataclass(frozen=True, slots=True)
class _Page:
    url: str
    prepared: Prepared
    rule: SiteRule | None
    sighting: Sighting | None
    timezone: str


def _read(page: _Page, *, hidden: bool) -> Draft | NoArticle:
    tree, rule = page.prepared.tree, page.rule
    if tree is None:
        reason = "the answer holds no element"
        return NoArticle(NoArticleKind.EMPTY, reason, page.prepared.encoding)
    claims = ruled_fields(rule, tree, page.prepared.text) if rule else {}
    if rule:
        cut_tree(rule, tree)
    reading = read(page.prepared, tree, page.url, hidden=hidden)
    refused = judge(reading)
    if refused is not None:
        return refused
    container = ruled_container(rule, reading) if rule else None
    found = _article(reading, page, container)
    if rule and isinstance(found, Draft) and (claims or container):
        return overridden(found, rule, claims, page.timezone)
    return found


def _article(reading: Reading, page: _Page, ruled: Container | None) -> Draft | NoArticle:
    sighting = page.sighting
    title = find_title(reading, sighting.title if sighting else "")
    container = ruled or find_container(reading)
    lines = own_lines(reading, container) if container else []
    lines = with_lead_media(reading, lines)
    around = zones(reading, lines)
    times = find_times(reading, around, sighting, page.timezone)
    prefix = find_prefix(title.value) if title else None
    inner = _inner_title(title, prefix, lines)
    authors = find_authors(around, prefix, inner)
    lines = _without_heads(lines, prefix, inner, authors)
    element = container.element if container else reading.tree
    parts = parts_of(lines, element, reading.url)
    blocks = tuple(part.block for part in parts)
    refused = judge_body(
        reading, lines, blocks, (title, times.published), None if ruled else element
    )
    if refused is not None:
        return refused
    draft = Draft(
        url=reading.url,
        title=title,
        overline=find_overline(reading),
        subtitle=find_subtitle(reading, lines[0].number if lines else 0),
        inner_title=_inner_field(inner, prefix),
        authors=authors,
        published=times.published,
        updated=times.updated,
        source=find_source(reading, around, times, prefix, sighting),
        editors=find_editors(around),
        blocks=blocks,
        images=tuple(block.image for block in blocks if block.image),
        attachments=find_attachments(reading.url, element, around),
        next_pages=find_next_pages(reading),
        kind=kind_of(blocks),
        html=html_of(parts, reading.url),
        text=text_of(blocks),
        encoding=reading.prepared.encoding,
        extractor=VERSION,
    )
    return _with_context(draft, reading, around, sighting)


def _with_context(
    draft: Draft, reading: Reading, around: Zones, sighting: Sighting | None
) -> Draft:
    """*draft* with what the page says around the article."""
    trail = find_breadcrumb(reading)
    _, issue, page_number = find_paper((*around.head, *around.foot[:8], *around.above))
    notes = (*around.head, *around.foot, *around.body[:1], *around.body[-2:])
    return replace(
        draft,
        issue=issue,
        page_number=page_number,
        column=find_column(reading, trail, sighting),
        breadcrumb=trail,
        keywords=find_keywords(reading),
        summary=find_summary(reading, around),
        original_title=find_original_title(notes),
        original_url=find_original_url(reading, notes),
    )


# ---------------------------------------------------------------- the heads inside the body


def _inner_title(title: Field[str] | None, prefix: Prefix | None, lines: list[Line]) -> Line | None:
    """The line among the first of the body that is the headline, or its part after a prefix."""
    if title is None:
        return None
    wanted = prefix.inner if prefix else title.value
    texts = [line for line in lines[:12] if line.media is None][: 5 if prefix else 1]
    for line in texts:
        if len(line.text) <= 120 and same(line.text, wanted):
            return line
    return None


def _inner_field(inner: Line | None, prefix: Prefix | None) -> Field[str] | None:
    if inner is not None and prefix is not None:
        return Field(inner.text, "headline again in the body", where(inner.owner), inner.text)
    if prefix is not None:
        return Field(prefix.inner, "headline after its prefix", "title", prefix.inner, 0.8)
    return None


def _without_heads(
    lines: list[Line],
    prefix: Prefix | None,
    inner: Line | None,
    authors: Field[tuple[Person, ...]] | None,
) -> list[Line]:
    """*lines* without a repost's own headline and the author's line under it.

    A headline that only repeats the page's stays: documents begin with their title.
    """
    if inner is None or prefix is None:
        return lines
    drop = {inner.number}
    if authors and authors.rule == INNER_RULE:
        drop |= {line.number for line in lines[:12] if line.text == authors.text}
    before = {line.number for line in lines if line.number < inner.number and line.media is None}
    return [line for line in lines if line.number not in drop | before]
