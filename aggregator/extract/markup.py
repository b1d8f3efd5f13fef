"""The tree and the article's lines in; the article's clean HTML and its attachments out."""

from __future__ import annotations

import re

from aggregator.extract.clean import clean_tree
from aggregator.extract.lines import SKIPPED, Element, Line, is_hidden, squash
from aggregator.extract.pictures import picture
from aggregator.extract.reading import Reading
from aggregator.extract.zones import Zones
from aggregator.model import Attachment
from aggregator.url import join

_FILE = re.compile(r"\.(pdf|docx?|xlsx?|pptx?|wps|et|ofd|zip|rar|7z|csv)(?:$|[?#])", re.IGNORECASE)
_TYPES = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "ofd": "application/ofd",
    "zip": "application/zip",
    "rar": "application/vnd.rar",
    "7z": "application/x-7z-compressed",
    "csv": "text/csv",
}
_MAX_ATTACHMENTS = 100
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FEW = 20  # children; an element with more is not looked through for emptiness


def find_attachments(base: str, container: Element, around: Zones) -> tuple[Attachment, ...]:
    """Files linked in the body or right after it, in order, without repetition."""
    found: dict[str, Attachment] = {}
    areas = [container, *(line.owner for line in around.foot if line.links)]
    for link in (link for area in areas for link in area.iter("a")):
        href = link.get("href") or ""
        kind = _FILE.search(href)
        url = join(base, href) if kind else ""
        if kind and url and url not in found and len(found) < _MAX_ATTACHMENTS:
            text = squash("".join(link.itertext())) or (link.get("title") or "")
            found[url] = Attachment(url, text[:200], _TYPES.get(kind[1].lower(), ""))
    return tuple(found.values())


def body_html(reading: Reading, container: Element, lines: list[Line]) -> str:
    """Clean HTML of *container* with only *lines* in it. The tree is changed by this."""
    kept = {line.number for line in lines}
    first, last = reading.spans.get(container, (0, -1))
    inside = [line for line in reading.lines[first : last + 1] if line.number not in kept]
    for line in inside:
        _take_out(line)
    for line in inside:
        _drop_emptied(line.owner, container)
    for line in lines:
        _show_picture(line, reading.url)
    _drop_unseen(container)
    container.tail = None
    return clean_tree(container, reading.url)


def _take_out(line: Line) -> None:
    if line.media is not None:
        remove(line.media)
    for element, is_tail in line.pieces:
        if is_tail:
            element.tail = None
        else:
            element.text = None


def _drop_emptied(element: Element, container: Element) -> None:
    """Remove *element*, and what it leaves empty above, when no text or child is left in it."""
    while element is not container and element.getparent() is not None:
        if len(element) > _FEW or any(c.tag not in ("br", "span") or len(c) for c in element):
            return
        if "".join(element.itertext()).strip():
            return
        parent = element.getparent()
        remove(element)
        element = parent if parent is not None else container


def _show_picture(line: Line, base: str) -> None:
    image = picture(line, base)
    if image is not None and line.media is not None:
        line.media.set("src", image.url)
    elif line.media is not None and line.media.tag == "img":
        remove(line.media)


def _drop_unseen(container: Element) -> None:
    for element in list(container.iter()):
        if element is not container and (element.tag in SKIPPED or is_hidden(element)):
            remove(element)


def remove(element: Element) -> None:
    """Take *element* out of its tree; the text after it stays."""
    parent = element.getparent()
    if parent is None:
        return
    tail, before = _NOT_XML.sub("", element.tail or ""), element.getprevious()
    if tail and before is not None:
        before.tail = (before.tail or "") + tail
    elif tail:
        parent.text = (parent.text or "") + tail
    parent.remove(element)
