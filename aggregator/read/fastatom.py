"""The root of a plain Atom 1.0 feed -> Listing, or UnsureError. Source: RFC 4287."""

from __future__ import annotations

from dataclasses import dataclass, field

from aggregator.model import Listing, Sighting
from aggregator.read import feedfields as fields
from aggregator.read.fastparts import (
    ATOM,
    Element,
    Files,
    Texts,
    address,
    atom_link,
    demand,
    leaf,
    moment,
    once,
    sure_texts,
)

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ONCE = frozenset(
    ATOM + name for name in ("title", "id", "published", "updated", "summary", "content")
)
_UNUSED = frozenset(ATOM + name for name in ("rights", "generator", "subtitle", "icon", "logo"))
_KINDS = {None: False, "text": False, "html": True, "text/html": True, "text/plain": False}


@dataclass(slots=True)
class _Parts:
    """What the elements of an entry say; ``html`` names the texts that are HTML."""

    texts: Texts = field(default_factory=dict)
    html: set[str] = field(default_factory=set)
    rels: Texts = field(default_factory=dict)
    authors: list[str] = field(default_factory=list)
    terms: list[str] = field(default_factory=list)
    files: Files = field(default_factory=list)


def read_atom(root: Element, context: fields.Context, latin: bool) -> Listing:
    demand(root.tag == ATOM + "feed" and root.keys() in ([], [_LANG]))
    feed: Texts = {}
    rels: Texts = {}
    authors: list[str] = []
    entries: list[Element] = []
    html_title = False
    for element in root:
        tag = str(element.tag)
        if tag == ATOM + "entry":
            entries.append(element)
        elif tag == ATOM + "link":
            atom_link(element, rels)
        elif tag == ATOM + "author":
            authors += _author(element)
        elif tag == ATOM + "title":
            html_title = _typed(feed, element, tag)
        elif tag in (ATOM + "id", ATOM + "updated"):
            once(feed, element, tag)
        else:
            _unused(element)
    if latin:
        sure_texts((*feed.values(), *authors))
    inherited = fields.people(authors)
    return Listing(
        format="atom10",
        sightings=tuple(
            _entry(entry, place, context, inherited, latin)
            for place, entry in enumerate(entries[: context.max_items + 1])
        ),
        title=fields.title(feed.get(ATOM + "title", ""), html_title),
        home_url=fields.link(context.base, rels.get("alternate", "")),
        self_url=fields.link(context.base, rels.get("self", "")),
        hub_url=fields.link(context.base, rels.get("hub", "")),
        next_page=fields.link(context.base, rels.get("next", "")),
        language=(root.get(_LANG) or "").replace("_", "-")[:100],
        encoding=context.encoding,
    )


def _entry(
    entry: Element, place: int, context: fields.Context, inherited: tuple[str, ...], latin: bool
) -> Sighting:
    demand(not entry.keys())
    parts = _Parts()
    for element in entry:
        _note(parts, element, context)
    if latin:
        sure_texts((*parts.texts.values(), *parts.authors))
    demand(len(parts.terms) <= fields.MAX_MANY >= len(parts.files))
    return _sighting(parts, place, context, inherited)


def _note(parts: _Parts, element: Element, context: fields.Context) -> None:
    tag = str(element.tag)
    if tag in _ONCE:
        if _typed(parts.texts, element, tag):
            parts.html.add(tag)
    elif tag == ATOM + "link":
        atom_link(element, parts.rels, parts.files, context)
    elif tag == ATOM + "author":
        parts.authors += _author(element)
    elif tag == ATOM + "category":
        parts.terms.append(_term(element))
    else:
        _unused(element)


def _unused(element: Element) -> None:
    """A leaf that is known and not read."""
    demand(element.tag in _UNUSED and not len(element))
    demand({"type", "uri", "version"}.issuperset(element.keys()))


def _term(element: Element) -> str:
    demand(not element.text and {"term", "label", "scheme"}.issuperset(element.keys()))
    return element.get("label") or element.get("term") or ""


def _sighting(
    parts: _Parts, place: int, context: fields.Context, inherited: tuple[str, ...]
) -> Sighting:
    texts = parts.texts
    guid = texts.get(ATOM + "id", "")
    ref = parts.rels.get("alternate") or fields.address_in(guid)
    content, summary = _body(parts, ATOM + "content"), _body(parts, ATOM + "summary")
    files = fields.enclosures(parts.files) if parts.files else ()
    return Sighting(
        url=address(ref, context) if ref else "",
        title=fields.title(texts.get(ATOM + "title", ""), ATOM + "title" in parts.html),
        guid=guid,
        published=moment(texts, ATOM + "published", context),
        updated=moment(texts, ATOM + "updated", context),
        authors=fields.people(parts.authors) or inherited,
        summary="" if summary == content else summary,
        content=content,
        categories=fields.people(parts.terms),
        enclosures=files,
        image=fields.picture(base=context.base, files=files) if files else "",
        position=place,
    )


def _typed(texts: Texts, element: Element, tag: str) -> bool:
    """Note a text construct (RFC 4287, 3.1); whether it is HTML."""
    kind = element.get("type")
    demand(tag not in texts and kind in _KINDS and len(element.keys()) == (kind is not None))
    texts[tag] = leaf(element)
    return _KINDS[kind]


def _body(parts: _Parts, tag: str) -> str:
    text = parts.texts.get(tag, "")
    return text if tag in parts.html else fields.html_of(text)


def _author(element: Element) -> list[str]:
    """The name of a person construct; one without a name is for feedparser."""
    names = []
    for part in element:
        demand(part.tag in (ATOM + "name", ATOM + "email", ATOM + "uri") and not part.attrib)
        text = leaf(part)
        if part.tag == ATOM + "name":
            names.append(text)
    demand(len(names) == 1 and names[0] and not element.attrib)
    return names
