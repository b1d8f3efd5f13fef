"""An HTML tree -> its links as an editor meant them: address, title as shown, identity.

Used by list pages with selectors and without. A title that the page cut short is completed from
its title attribute; a date or counter inside the link is no part of the title.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bs4 import Tag

from aggregator.url import canonical, identity, join

MAX_TITLE = 300  # characters
MAX_LABEL = 60  # characters
_MAX_PIECES = 2000  # strings of an element that are looked at for its length
_MAX_DEPTH = 50  # levels inside a row
MAX_LABEL_WORDS = 16  # Chinese characters beside a date, before it is part of a sentence
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")

_BLANKS = re.compile(r"\s+")
_BULLET = re.compile(r"^[\s·•●▪■◆◇★☆※○►▶>»›|∙・\u3000-]+(?=\S)")
_CUT = re.compile(r"(?:\.{2,}|…+|⋯+)\s*$")
_DATE_ONLY = re.compile(r"[\s\[\]()【】（）]*(?:\d{2,4}\s*[-/.年]\s*)?\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?[\s\[\]()【】（）]*(?:\d{1,2}:\d\d(?::\d\d)?)?[\s\])】）]*")  # fmt: skip
_TITLE_CLASS = re.compile(
    r"(?:^|[-_])(?:title|tit|bt|biaoti|headline|subject)(?:$|[-_\d])", re.IGNORECASE
)
_BLOCKS = ("p", "div", "li", "dt", "dd")
_SKIPPED = ("script", "style", "template")


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """One link of the page: where it leads, what it is called, what article it is."""

    tag: Tag
    url: str
    key: str
    title: str


def squash(text: str) -> str:
    """*text* with every run of white space as one blank."""
    return _BLANKS.sub(" ", text).strip()


def text_of(tag: Tag) -> str:
    """The text of *tag*, its pieces divided by blanks; scripts, styles and comments left out."""
    return squash(" ".join(tag.strings))


def exceeds(tag: Tag, characters: int) -> bool:
    """Whether *tag* holds more text than that (or very many empty pieces); never reads it all."""
    length = 0
    for count, piece in enumerate(tag.strings):
        length += len(piece.strip())
        if length > characters or count > _MAX_PIECES:
            return True
    return False


def labels(tag: Tag, without: Tag | None = None) -> list[str]:
    """The texts of the largest parts of *tag* that are labels (dates, sources), not sentences."""
    text, pieces = _labelled(tag, without, 0)
    return [text] if is_label(text) else pieces


def is_label(text: str) -> bool:
    """Whether *text* is short enough to stand beside a title as its date or source."""
    return 0 < len(text) <= MAX_LABEL and title_weight(text) <= MAX_LABEL_WORDS


def _labelled(tag: Tag, without: Tag | None, depth: int) -> tuple[str, list[str]]:
    """(text of *tag*, its labels); what is nested very deep is left out."""
    texts: list[str] = []
    found: list[str] = []
    for child in tag.children if depth < _MAX_DEPTH else ():
        if isinstance(child, Tag):
            if child is without or child.name in _SKIPPED:
                continue
            text, inner = _labelled(child, without, depth + 1)
        elif type(child).__name__ == "NavigableString":  # comments and CDATA are subclasses
            text, inner = squash(str(child)), []
        else:
            continue
        texts.append(text)
        found += [text] if is_label(text) else inner
    return squash(" ".join(texts)), found


def title_weight(title: str) -> float:
    """The length of a title in Chinese characters; two Latin letters count as one, digits as none."""
    wide = sum(1 for c in title if "\u3400" <= c <= "\u9fff")
    return wide + sum(0.5 for c in title if c.isascii() and c.isalpha())


def inline_text(tag: Tag) -> str:
    """The text as it is read in one line: no blanks where the page has none (双<em>百</em>)."""
    return squash("".join(tag.strings))


def link_title(tag: Tag) -> str:
    """What a link is called: its heading or text, else its title attribute, else a picture's alt."""
    attribute = squash(str(tag.get("title") or ""))
    shown = _tidy(_shown_title(tag))
    if _CUT.search(shown):
        stem = _CUT.sub("", shown)
        if len(attribute) > len(stem) and attribute.startswith(stem[:8]):
            return attribute[:MAX_TITLE]
    if not shown:
        image = tag.find("img")
        alt = squash(str(image.get("alt") or "")) if isinstance(image, Tag) else ""
        shown = attribute or alt
    return shown[:MAX_TITLE]


def _shown_title(tag: Tag) -> str:
    """The title among what a link shows: a heading, a first paragraph, or all but the dates."""
    if tag.find(True) is None:
        return inline_text(tag)
    inner = tag.find(HEADINGS) or tag.find(class_=_TITLE_CLASS)
    if isinstance(inner, Tag) and inline_text(inner):
        return inline_text(inner)
    leaves = (block for block in tag.find_all(_BLOCKS, limit=20) if not block.find(_BLOCKS))
    blocks = [text for block in leaves if (text := _undated(block))]
    if len(blocks) >= 2:
        return squash(str(tag.get("title") or "")) or next(
            (b for b in blocks if title_weight(b) >= 4), blocks[0]
        )
    return _undated(tag)


def _undated(tag: Tag) -> str:
    """The text of *tag* in one line without the parts that are only a date."""
    dates = {id(part) for part in tag.find_all(True) if _DATE_ONLY.fullmatch(inline_text(part))}
    if not dates:
        text = inline_text(tag)
        return "" if _DATE_ONLY.fullmatch(text) else text
    kept = [s for s in tag.strings if not any(id(parent) in dates for parent in s.parents)]
    return squash(" ".join(kept))


def _tidy(title: str) -> str:
    return _BULLET.sub("", title)


def link_of(tag: Tag, base: str, page_key: str) -> Link | None:
    """*tag* as a link to another page, or None."""
    href = tag.get("href")
    if not isinstance(href, str):
        return None
    url = canonical(join(base, href)) if not href.strip().startswith("#") else ""
    key = identity(url)
    if not key or key == page_key:
        return None
    return Link(tag, url, key, link_title(tag))
