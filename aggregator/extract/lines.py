"""An lxml tree in, its visible text as lines (one per block or <br>) in reading order out.

A line knows its pieces of text in the tree, so that a line that is no part of the article can be
taken out of the tree later. At most MAX_NODES elements are read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice

from lxml import etree

Element = etree._Element

MAX_NODES = 60_000  # elements; the largest saved page has under 11,000
MAX_MEDIA = 3_000

BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "video",
        "audio",
        "ucapcontent",
    ]
)
SKIPPED = frozenset(
    [
        "head",
        "option",
        "select",
        "script",
        "style",
        "noscript",
        "template",
        "title",
        "meta",
        "link",
        "svg",
        "canvas",
        "textarea",
        "object",
        "iframe",
        "button",
        "input",
        "applet",
        "map",
        "math",
    ]
)
_MEDIA = frozenset(("img", "video", "audio", "embed"))
_BOLD = frozenset(("strong", "b"))
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_NOISE = re.compile(
    r"comment|pinglun|relat|recommend|tuijian|footer|copyright|share|sidebar|breadcrumb|"
    r"guess|hotnews|hot-|rank|login|qrcode|ewm|erweima|toolbar|friendlink|pagination|crumb|"
    r"bshare|jiathis|ad[-_]|[-_]ad\b|popup|modal|dialog|xgyd|xgxw|nav\b|[-_]nav|navbar|menu",
    re.IGNORECASE,
)
_SURE_NOISE = re.compile(
    r"comments?(?![a-z])|pinglun|recommend|tuijian|copyright|related|breadcrumb", re.IGNORECASE
)
_NOISE_TAGS = frozenset(("footer", "nav", "aside", "menu"))
_CONTENT = re.compile(
    r"content|article|detail|body|main|zoom|text|news|wrap|container", re.IGNORECASE
)
_BLANKS = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\u00ad]+")


@dataclass(slots=True, eq=False)
class Line:
    """One line of visible text (or one picture or film) and where it stands."""

    text: str
    links: int  # characters of it that are link text
    owner: Element  # the innermost block element around it
    noise: tuple[Element, ...]  # elements around it that are named like side parts of a page
    number: int = 0
    bold: bool = False  # wholly in <strong>/<b>
    media: Element | None = None
    pieces: list[tuple[Element, bool]] = field(default_factory=list)  # (element, is tail)

    @property
    def tag(self) -> str:
        """Tag of the owner."""
        return str(self.owner.tag)


def lines_of(root: Element, *, hidden: bool = False) -> list[Line]:
    """The lines of *root*; with *hidden* also those of elements that are not displayed."""
    reader = _Reader(root)
    walk = etree.iterwalk(root, events=("start", "end"))
    element = root
    for event, element in islice(walk, MAX_NODES * 2):
        if event == "end":
            reader.close(element)
        elif element.tag in SKIPPED or (not hidden and is_hidden(element)):
            reader.skipped = element
            walk.skip_subtree()
        else:
            reader.open(element)
    reader.flush()
    if next(walk, None) is not None:
        _cut_behind(element)
    return reader.lines


def _cut_behind(element: Element) -> None:
    """Remove all that follows *element* in its tree."""
    for place in [element, *element.iterancestors()]:
        parent = place.getparent()
        if parent is not None:
            del parent[parent.index(place) + 1 :]


class _Reader:
    """Collects pieces of text until a block begins or ends."""

    def __init__(self, root: Element) -> None:
        self.lines: list[Line] = []
        self.skipped: Element | None = None
        self._pieces: list[tuple[Element, bool]] = []
        self._parts: list[str] = []
        self._owners = [root]
        self._links = self._link_depth = 0
        self._noise: tuple[Element, ...] = ()
        self._bold = self._bold_depth = 0
        self._left = MAX_MEDIA

    def open(self, element: Element) -> None:
        tag = element.tag
        if tag in BLOCKS:
            self.flush()
            self._owners.append(element)
            if is_noise(element):
                self._noise = (*self._noise, element)
        elif tag == "br":
            self.flush()
        elif tag == "a":
            self._link_depth += 1
        elif tag in _BOLD:
            self._bold_depth += 1
        if tag in _MEDIA:
            self._media(element)
        self._add(element, element.text, tail=False)

    def close(self, element: Element) -> None:
        tag = element.tag
        if self.skipped is element:
            self.skipped = None
        elif tag in BLOCKS:
            self.flush()
            self._owners.pop()
            if self._noise and self._noise[-1] is element:
                self._noise = self._noise[:-1]
        elif tag == "a":
            self._link_depth -= 1
        elif tag in _BOLD:
            self._bold_depth -= 1
        self._add(element, element.tail, tail=True)

    def flush(self) -> None:
        """End the current line."""
        if not self._parts:
            return
        text = squash("".join(self._parts))
        if text:
            self._append(text, None)
        self._parts.clear()
        self._pieces.clear()
        self._links = self._bold = 0

    def _add(self, element: Element, text: str | None, *, tail: bool) -> None:
        if not text:
            return
        self._parts.append(text)
        self._pieces.append((element, tail))
        if self._link_depth:
            self._links += len(text.strip())
        if self._bold_depth:
            self._bold += len(text.strip())

    def _media(self, element: Element) -> None:
        self.flush()
        self._left -= 1
        if self._left >= 0:
            self._append("", element)

    def _append(self, text: str, media: Element | None) -> None:
        self.lines.append(
            Line(
                text=text,
                links=min(self._links, len(text)),
                owner=self._owners[-1],
                noise=self._noise,
                number=len(self.lines),
                bold=bool(text) and self._bold >= len(text),
                media=media,
                pieces=self._pieces[:],
            )
        )


def squash(text: str) -> str:
    """*text* with every run of blanks (zero-width ones too) as one space, none at the ends."""
    return _BLANKS.sub(" ", text).strip()


def is_hidden(element: Element) -> bool:
    """Whether the element's own attributes say that it is not displayed."""
    style = element.get("style")
    return (style is not None and _HIDDEN.search(style) is not None) or (
        element.get("hidden") is not None
    )


def is_noise(element: Element) -> bool:
    """Whether the element is named like a side part of a page (share bar, related, footer)."""
    if element.tag in _NOISE_TAGS:
        return True
    names = label(element)
    if len(names) < 2 or _NOISE.search(names) is None:
        return False
    return _CONTENT.search(names) is None or _SURE_NOISE.search(names) is not None


def label(element: Element) -> str:
    """Class and id of *element* in one string."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"
