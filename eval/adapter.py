"""Bytes of a page in, the extractor's answer in the form of ../shared/eval/score.py out."""

from __future__ import annotations

from aggregator.extract import extract as extract_article
from aggregator.model import Block, BlockKind, Draft, Person


def extract(html: bytes, url: str | None = None, rules: str = "none") -> dict[str, object]:
    """title, author, source, published, editor, body (list of lines) and images of a page.

    Site rules stay out of it unless *rules* names some: what is measured is the generic part.
    """
    found = extract_article(html, url or "", rules=rules)
    return as_scored(found) if isinstance(found, Draft) else {}


def with_rules(html: bytes, url: str | None = None) -> dict[str, object]:
    """The same with the site rules that fit the address."""
    return extract(html, url, rules="")


def as_scored(draft: Draft) -> dict[str, object]:
    """*draft* as a dict of the scorer; a table gives one line per cell, as its gold does."""
    return {
        "title": draft.title.value if draft.title else None,
        "author": names(draft.authors.value) if draft.authors else None,
        "source": draft.source.value if draft.source else None,
        "published": draft.published.value.instant.isoformat() if draft.published else None,
        "editor": _editors(draft),
        "body": [line for block in draft.blocks for line in _lines(block)],
        "images": [image.url for image in draft.images],
    }


def names(people: tuple[Person, ...]) -> str | None:
    """The names of *people* joined as on the pages."""
    return "、".join(person.name for person in people) or None


def _editors(draft: Draft) -> str | None:
    """The responsible editors; those named only 编辑 where there is no 责任编辑."""
    if draft.editors is None:
        return None
    for roles in (("责任编辑", "责编"), ("编辑", "本网编辑", "网络编辑", "网站编辑")):
        found = tuple(p for p in draft.editors.value if p.role in roles)
        if found:
            return names(found)
    return None


def _lines(block: Block) -> list[str]:
    if block.kind is BlockKind.TABLE:
        return [line for row in block.rows for cell in row for line in cell.splitlines()]
    return block.text.splitlines()
