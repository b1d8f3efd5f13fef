"""A feed entry that carries its full text in; the same Draft that its page would give out.

No page is fetched for such an entry, so its fields are what the feed says of it; the body goes the
way of a page's body: the same lines, the same blocks, the same clean HTML.
"""

from __future__ import annotations

import re
from html import unescape

from aggregator.config import SourceOptions
from aggregator.extract.article import VERSION
from aggregator.extract.attachments import find_attachments
from aggregator.extract.blocks import parts_of, text_of
from aggregator.extract.clean import Element, parse_fragment
from aggregator.extract.compose import html_of
from aggregator.extract.furniture import is_furniture
from aggregator.extract.lines import Line, lines_of, squash
from aggregator.extract.outcome import kind_of
from aggregator.extract.people import find_authors, find_editors, names_of
from aggregator.extract.zones import Zones
from aggregator.model import Attachment, Draft, Field, Person, Sighting

_EDGE = 4  # lines at the end of an entry that may be those of editor, share bar or counter
_TAG = re.compile(r"<[!/?a-zA-Z][^<>]{0,2000}>")
_MAIL = re.compile(r"\s{0,4}[\w.+-]{1,64}@[\w.-]{1,255}\s{0,4}")
_CELLS = frozenset(("td", "th", "li"))
_NO_ZONES = Zones((), (), (), ())


def entry_draft(sighting: Sighting, options: SourceOptions) -> Draft:
    """The article of an entry whose ``content`` (or ``summary``) is its full text.

    Never raises; bounded as ``clean_html`` is. Fields that only the feed can know carry the rule
    "feed …"; the editor of a closing line and a byline are found as on a page.
    """
    tree = parse_fragment(sighting.content or sighting.summary)
    lines, cut = _own_lines(lines_of(tree)) if tree is not None else ([], [])
    zones = Zones((), (), tuple(line for line in lines if line.media is None), tuple(cut))
    parts = parts_of(lines, tree, sighting.url) if tree is not None else ()
    blocks = tuple(part.block for part in parts)
    return Draft(
        url=sighting.url,
        title=_field(_plain(sighting.title), "feed title"),
        subtitle=_field(_plain(sighting.subtitle), "feed subtitle"),
        authors=_authors(sighting) or find_authors(zones, None, None),
        source=_field(_plain(sighting.source), "feed source"),
        published=Field(sighting.published, "feed date", "entry", sighting.published.text)
        if sighting.published
        else None,
        updated=Field(sighting.updated, "feed date of change", "entry", sighting.updated.text)
        if sighting.updated
        else None,
        editors=_editors(sighting) or find_editors(zones),
        column=_field(options.column, "column of the source"),
        keywords=Field(sighting.categories, "feed categories", "entry")
        if sighting.categories
        else None,
        summary=_summary(sighting),
        blocks=blocks,
        images=tuple(block.image for block in blocks if block.image),
        attachments=_attachments(sighting, tree),
        kind=kind_of(blocks),
        html=html_of(parts, sighting.url),
        text=text_of(blocks),
        extractor=VERSION,
    )


def _own_lines(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """The article's lines, and the closing ones (editor, share bar) that are none of it."""
    edge = max(0, len(lines) - _EDGE)
    cut = [line for line in lines[edge:] if _is_closing(line)]
    return [line for line in lines if line not in cut] if cut else lines, cut


def _is_closing(line: Line) -> bool:
    return line.media is None and line.owner.tag not in _CELLS and is_furniture(line)


# ---------------------------------------------------------------- fields


def _field(value: str, rule: str) -> Field[str] | None:
    return Field(value, rule, "entry", value) if value else None


def _plain(text: str) -> str:
    return squash(unescape(_TAG.sub("", text)) if "<" in text or "&" in text else text)


def _authors(sighting: Sighting) -> Field[tuple[Person, ...]] | None:
    people = [p for name in sighting.authors for p in names_of(_without_mail(name), "作者")]
    if not people:
        return None
    return Field(tuple(dict.fromkeys(people)), "feed author", "entry", "、".join(sighting.authors))


def _without_mail(name: str) -> str:
    """RSS wants "address (name)"; the address is nobody's name."""
    return _MAIL.sub("", name).strip(" ()（）<>") if "@" in name else name


def _editors(sighting: Sighting) -> Field[tuple[Person, ...]] | None:
    people = names_of(sighting.editor, "责任编辑") if sighting.editor else ()
    return Field(people, "feed editor", "entry", sighting.editor) if people else None


def _summary(sighting: Sighting) -> Field[str] | None:
    """The entry's summary where it is not the text itself."""
    if not sighting.content or sighting.summary == sighting.content:
        return None
    return _field(_plain(sighting.summary), "feed summary")


def _attachments(sighting: Sighting, tree: Element | None) -> tuple[Attachment, ...]:
    enclosed = {
        one.url: Attachment(one.url, squash(one.title), one.type) for one in sighting.enclosures
    }
    linked = find_attachments(sighting.url, tree, _NO_ZONES) if tree is not None else ()
    return (*enclosed.values(), *(one for one in linked if one.url not in enclosed))
