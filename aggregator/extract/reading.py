"""A prepared page in, everything that the field readers look at out: lines, metas, hidden values.

Nothing here decides; the readers (title, body, times, people, fields …) do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from lxml import etree

from aggregator.extract.lines import Element, Line, label, read_lines, squash
from aggregator.extract.prepare import Prepared
from aggregator.text import squeeze

_MAX_HIDDEN = 2_000
_MAX_TITLE_TAG = 500
_TAG = re.compile(r"<[^<>]{1,200}>")
_COUNTED = ("NewsArticle", "share-title")
# TRS counters: <span id="NewsArticleTitle" style="display:none">…</span>
_COUNTERS = {
    "newsarticletitle": "title",
    "newsarticlepubday": "published",
    "newsarticlesource": "source",
    "newsarticleauthor": "author",
    "share-title": "title",
}


@dataclass(slots=True)
class Reading:
    """A page while it is read. ``start`` and ``stop`` bound the body's lines once it is found."""

    url: str
    prepared: Prepared
    tree: Element
    lines: list[Line]
    metas: dict[str, str]  # by lower-case name or property; the first that is not empty
    title_tag: str
    counters: dict[str, str] = field(default_factory=dict)
    headline: int = -1  # number of the headline's line, -1 when it is not shown
    spans: dict[Element, tuple[int, int]] = field(default_factory=dict)
    footer: int = 1 << 30  # number of the first line of the page's footer


def read(prepared: Prepared, tree: Element, url: str, *, hidden: bool = False) -> Reading:
    """*prepared* and its *tree* as a Reading; with *hidden*, of what is not displayed too."""
    found = read_lines(tree, hidden=hidden)
    return Reading(
        url=url,
        prepared=prepared,
        tree=tree,
        lines=found.lines,
        metas=_metas(found.metas),
        title_tag=_title_tag(tree),
        counters=_counters(tree) if any(one in prepared.text for one in _COUNTED) else {},
        spans=found.spans,
    )


def _title_tag(tree: Element) -> str:
    title = next(tree.iter("title"), None)
    return squash("".join(title.itertext()))[:_MAX_TITLE_TAG] if title is not None else ""


def _metas(elements: Iterable[Element]) -> dict[str, str]:
    metas: dict[str, str] = {}
    for element in elements:
        name = element.get("name") or element.get("property") or element.get("itemprop")
        content = squash(_TAG.sub("", element.get("content") or ""))
        if name and content:
            metas.setdefault(name.strip().lower(), content)
    return metas


def _counters(tree: Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in tree.xpath("//*[@id][starts-with(@id,'NewsArticle') or @id='share-title']"):
        key = _COUNTERS.get(element.get("id").lower())
        text = squash("".join(element.itertext())) if len(element) < 20 else ""
        if key and text and len(text) < _MAX_HIDDEN:
            found.setdefault(key, text)
    return found


def where(element: Element | None, depth: int = 2) -> str:
    """A short path to *element* such as ``div.info>span``, for people."""
    steps: list[str] = []
    while element is not None and len(steps) < depth:
        steps.append(_step(element))
        if element.get("id"):
            break
        element = element.getparent()
    return ">".join(reversed(steps))


def _step(element: Element) -> str:
    tag = str(element.tag)
    if element.get("id"):
        return f"{tag}#{(element.get('id') or '').strip()[:40]}"
    names = (element.get("class") or "").split()
    return f"{tag}.{names[0][:40]}" if names else tag


def same(one: str, other: str) -> bool:
    """Whether two texts are equal but for blanks, width and punctuation."""
    return squeeze(one) == squeeze(other)


__all__ = ["Element", "Line", "Reading", "etree", "label", "read", "same", "where"]
