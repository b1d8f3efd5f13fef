"""The drafts of an article's pages in; one draft of the whole article out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from aggregator.extract.blocks import text_of
from aggregator.extract.clean import clean_tree, drop, parse_fragment
from aggregator.extract.outcome import kind_of
from aggregator.model import Block, Draft, NoArticle
from aggregator.text import squeeze

_HEAD = 4  # first blocks of a later page that may repeat the headline
_PAGE_MARK = re.compile(r"[(（【\[]\s{0,2}(?:第\s{0,2})?\d{1,2}\s{0,2}页?\s{0,2}[)）】\]]\s{0,2}\Z")


def join_pages(first: Draft, rest: Sequence[tuple[str, Draft | NoArticle]]) -> Draft:
    """*first* with the bodies of *rest* (address, what was found there) behind its own, in order.

    Repeated headlines are dropped; editors and the other lines of the foot are those of the last
    page that has them. A page without an article, or with the text of another page again, is
    listed in ``missing_pages``. ``next_pages`` is empty afterwards.
    """
    heads = _heads(first)
    pages = [first]
    missing = list(first.missing_pages)
    seen = {squeeze(first.text)}
    for url, page in rest:
        if isinstance(page, NoArticle) or squeeze(page.text) in seen:
            missing.append(url)
            continue
        seen.add(squeeze(page.text))
        pages.append(_without_heads(page, heads))
    return _joined(first, pages, tuple(missing))


def _joined(first: Draft, pages: list[Draft], missing: tuple[str, ...]) -> Draft:
    blocks = tuple(block for page in pages for block in page.blocks)
    foot = list(reversed(pages))
    return replace(
        first,
        blocks=blocks,
        images=tuple(dict.fromkeys(image for page in pages for image in page.images)),
        attachments=tuple(dict.fromkeys(file for page in pages for file in page.attachments)),
        html="\n".join(page.html for page in pages if page.html),
        text=text_of(blocks),
        kind=kind_of(blocks),
        authors=next((page.authors for page in pages if page.authors), None),
        source=next((page.source for page in pages if page.source), None),
        published=next((page.published for page in pages if page.published), None),
        editors=next((page.editors for page in foot if page.editors), None),
        original_title=next((page.original_title for page in foot if page.original_title), None),
        original_url=next((page.original_url for page in foot if page.original_url), None),
        next_pages=(),
        missing_pages=missing,
    )


def _heads(first: Draft) -> frozenset[str]:
    """What a later page may repeat of the first one's head."""
    fields = (first.title, first.subtitle, first.overline, first.inner_title)
    return frozenset(squeeze(field.value) for field in fields if field) - {""}


def _without_heads(page: Draft, heads: frozenset[str]) -> Draft:
    kept = tuple(
        block
        for place, block in enumerate(page.blocks)
        if place >= _HEAD or not _repeats(block.text, heads)
    )
    if len(kept) == len(page.blocks):
        return page
    html = _html_without(page.html, page.url, _texts(page.blocks) - _texts(kept))
    return replace(page, blocks=kept, html=html)


def _repeats(text: str, heads: frozenset[str]) -> bool:
    return squeeze(_PAGE_MARK.sub("", text)) in heads


def _texts(blocks: Sequence[Block]) -> frozenset[str]:
    return frozenset(squeeze(block.text) for block in blocks)


def _html_without(html: str, base: str, texts: frozenset[str]) -> str:
    """*html* without the first elements that hold nothing but one of *texts*."""
    tree = parse_fragment(html)
    if tree is None:
        return html
    for element in list(tree.iter("p", "div", "h1", "h2", "h3", "h4"))[: _HEAD * 3]:
        if squeeze("".join(element.itertext())) in texts:
            drop(element)
    return clean_tree(tree, base)
