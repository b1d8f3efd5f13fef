"""Parts of the strict readers: values of an XML element, or UnsureError where feedparser shall read."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml import etree

from aggregator import when
from aggregator.model import Enclosure, Moment
from aggregator.read import feedfields as fields

ATOM = "{http://www.w3.org/2005/Atom}"
_RELS = frozenset(
    {None, "alternate", "self", "hub", "next", "enclosure", "related", "via", "replies", "edit"}
)
_LINK_ATTRIBUTES = {"rel", "href", "type", "title", "length"}
_CONTROL = re.compile("[\x80-\x9f]")  # feedparser reads these as Windows-1252
Element = etree._Element
Texts = dict[str, str]
Files = list[Enclosure | None]


class UnsureError(Exception):
    """This feed is for feedparser."""


def demand(sure: object) -> None:
    if not sure:
        raise UnsureError


def leaf(element: Element) -> str:
    """The text of an element without children."""
    demand(not len(element))
    return (element.text or "").strip()


def once(found: Texts, element: Element, tag: str) -> None:
    demand(tag not in found and not element.attrib)
    found[tag] = leaf(element)


def sure_texts(texts: Iterable[str]) -> None:
    """No text may be such that feedparser takes it for UTF-8 or Windows-1252 read as Latin-1."""
    for text in texts:
        demand(text.isascii() or not (_CONTROL.search(text) or _is_mojibake(text)))


def _is_mojibake(text: str) -> bool:
    try:
        text.encode("iso-8859-1").decode("utf-8")
    except UnicodeError:
        return False
    return True


def sure_link(ref: str) -> str:
    """An address on which no rule of feedparser or ours works."""
    if not fields.is_normal(ref):
        demand(
            ref.startswith(("http://", "https://", "/")) and ";" not in ref and ":///" not in ref
        )
    return ref


def address(ref: str, context: fields.Context) -> str:
    """An item's address. One that cannot be used is for feedparsed, which looks for another."""
    if fields.is_normal(ref):
        return ref
    found = fields.link(context.base, sure_link(ref))
    demand(found)
    return found


def moment(texts: Texts, tag: str, context: fields.Context) -> Moment | None:
    text = texts.get(tag)
    if not text:
        return None
    found = when.parse_feed(text, context.tz)
    demand(found)
    return found


def atom_link(
    element: Element,
    rels: Texts,
    files: Files | None = None,
    context: fields.Context | None = None,
    within: frozenset[str | None] = _RELS,
) -> None:
    rel, ref = element.get("rel"), element.get("href", "")
    demand(rel in within and not element.text and _LINK_ATTRIBUTES.issuperset(element.keys()))
    kind = element.get("type", "")
    if rel == "enclosure":
        if files is not None and context is not None:
            name, length = element.get("title", ""), element.get("length", "")
            files.append(fields.enclosure(context.base, sure_link(ref), kind.lower(), length, name))
        return
    rel = rel or "alternate"
    demand(rel not in rels or rel not in ("alternate", "self", "hub", "next"))
    demand(rel != "alternate" or kind in ("", "text/html"))
    rels[rel] = sure_link(ref)
