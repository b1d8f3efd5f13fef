"""An lxml tree in, its visible text as lines (one per block or <br>) in reading order out.

A line knows its pieces of text in the tree, so that a line that is no part of the article can be
taken out of the tree later. At most MAX_NODES elements are read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

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
_LONE = _MEDIA | {"br"}
_INLINE, _BLOCK, _MARK, _SKIP = range(4)
_KINDS = {
    **dict.fromkeys(BLOCKS, _BLOCK),
    **dict.fromkeys(_MEDIA | _BOLD | {"a", "br"}, _MARK),
    **dict.fromkeys(SKIPPED, _SKIP),
}
_PLAYER = re.compile(r"\.(?:mp4|m3u8)(?:$|\?)|player|v\.qq\.com|youku|bilibili", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_NOISE = re.compile(
    r"comment|pinglun|relat(?!iv)|recommend|tuijian|footer|copyright|share|sidebar|breadcrumb|"
    r"guess|hotnews|(?<![a-z])hot-|rank|login|qrcode|ewm|erweima|toolbar|friendlink|pagination|crumb|"
    r"bshare|jiathis|(?<![a-z])ad[-_]|[-_]ad(?![a-z])|popup|modal|dialog|xgyd|xgxw|nav\b|[-_]nav|navbar|menu",
    re.IGNORECASE,
)
_SURE_NOISE = re.compile(
    r"comments?(?![a-z])|pinglun|recommend|tuijian|copyright|related|breadcrumb", re.IGNORECASE
)
_NOISE_TAGS = frozenset(("footer", "nav", "aside", "menu"))
_CONTENT = re.compile(
    r"content|article|detail|body|main|zoom|text|news|wrap|container", re.IGNORECASE
)
_BLANKS = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\u00ad\x00-\x1f\x7f\ufffe\uffff]+")


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


@dataclass(slots=True)
class Lines:
    """The lines of a tree, its meta elements, and the first and last line's number in each element.

    Elements without children that are no blocks have no numbers.
    """

    lines: list[Line]
    spans: dict[Element, tuple[int, int]]
    metas: list[Element]


def lines_of(root: Element, *, hidden: bool = False) -> list[Line]:
    """The lines of *root* alone."""
    return read_lines(root, hidden=hidden).lines


def read_lines(root: Element, *, hidden: bool = False) -> Lines:
    """The lines of *root*; with *hidden* also those of elements that are not displayed."""
    reader = _Reader(root)
    enter, leave, kinds = reader.open, reader.close, _KINDS
    enter(root, _BLOCK)
    nodes = 0
    # An own stack: trees are as deep as libxml2 allows, whatever the caller's stack holds.
    stack = [(root, iter(root), _BLOCK)]
    while stack:
        element, children, own = stack[-1]
        for child in children:
            nodes += 1
            kind = kinds.get(child.tag, _INLINE)  # type: ignore[arg-type]  # a parsed tag is str
            if kind == _SKIP or (not hidden and is_hidden(child)):
                reader.skip(child)
            elif len(child):
                enter(child, kind)
                stack.append((child, iter(child), kind))
                break
            elif kind != _BLOCK:
                reader.leaf(child, kind)
            elif child.text:
                enter(child, kind)
                leave(child, kind)
            else:
                reader.gap(child)
        else:
            stack.pop()
            leave(element, own)
        if nodes > MAX_NODES:
            _cut_behind(stack[-1][0] if stack else root)
            break
    reader.finish()
    return Lines(reader.lines, reader.spans, reader.metas)


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
        self.spans: dict[Element, tuple[int, int]] = {}
        self.metas: list[Element] = []
        self._starts: list[int] = []  # number of the first line in each open element
        self._pieces: list[tuple[Element, bool]] = []
        self._parts: list[str] = []
        self._owners = [root]
        self._links = self._link_depth = 0
        self._noise: tuple[Element, ...] = ()
        self._bold = self._bold_depth = 0
        self._left = MAX_MEDIA

    def open(self, element: Element, kind: int) -> None:
        if kind == _BLOCK:
            if self._parts:
                self.flush()
            self._owners.append(element)
            if is_noise(element):
                self._noise = (*self._noise, element)
        elif kind == _MARK:
            self._mark(element, 1)
        # A line that began before this element is not its own.
        self._starts.append(len(self.lines) + (1 if self._parts else 0))
        text = element.text
        if text and not text.isspace():
            self._add(element, text, tail=False)
        elif text and self._parts:
            self._parts.append(" ")

    def close(self, element: Element, kind: int) -> None:
        if kind == _BLOCK:
            if self._parts:
                self.flush()
            self._owners.pop()
            if self._noise and self._noise[-1] is element:
                self._noise = self._noise[:-1]
        elif kind == _MARK:
            self._mark(element, -1)
        first, count = self._starts.pop(), len(self.lines)
        if count > first:
            self.spans[element] = (first, count - 1)
        self._tail(element)

    def leaf(self, element: Element, kind: int) -> None:
        """Read an element without children that is no block: it needs no span of its own."""
        text = element.text
        marked = kind == _MARK
        if marked and (text or element.tag in _LONE):
            self._mark(element, 1)
        if text and not text.isspace():
            self._add(element, text, tail=False)
        elif text and self._parts:
            self._parts.append(" ")
        if marked and text:
            self._mark(element, -1)
        self._tail(element)

    def gap(self, element: Element) -> None:
        """Pass a block without text and children: it only ends the line."""
        if self._parts:
            self.flush()
        self._tail(element)

    def skip(self, element: Element) -> None:
        """Pass over *element*; a player in a frame is kept as a film, a meta for its content."""
        tag = element.tag
        if tag == "meta":
            self.metas.append(element)
        elif tag == "head":
            self.metas.extend(element.iter("meta"))
        elif tag == "iframe" and _PLAYER.search(element.get("src") or ""):
            self._media(element)
        self._tail(element)

    def _tail(self, element: Element) -> None:
        tail = element.tail
        if tail and not tail.isspace():
            self._add(element, tail, tail=True)
        elif tail and self._parts:
            self._parts.append(" ")

    def _mark(self, element: Element, step: int) -> None:
        """Note the begin (*step* 1) or end (-1) of an element that is no block but has a meaning."""
        tag = element.tag
        if tag == "a":
            self._link_depth += step
        elif tag in _BOLD:
            self._bold_depth += step
        elif step > 0 and tag == "br":
            self.flush()
        elif step > 0:
            self._media(element)

    def finish(self) -> None:
        """End the last line, and the elements that a cut left open."""
        self.flush()
        last = len(self.lines) - 1
        element: Element | None = self._owners[-1]
        while element is not None and last >= 0:
            first, _ = self.spans.get(element, (self._first_in(element, last), last))
            self.spans[element] = (first, last)
            element = element.getparent()

    def _first_in(self, element: Element, last: int) -> int:
        """The number of the first line in *element*, which is still open."""
        inside = (self.spans[child][0] for child in element if child in self.spans)
        return min(inside, default=last)

    def flush(self) -> None:
        """End the current line."""
        if not self._parts:
            return
        parts = self._parts
        text = squash(parts[0] if len(parts) == 1 else "".join(parts))
        if text:
            self._append(text, None)
        self._parts.clear()
        self._pieces = []
        self._links = self._bold = 0

    def _add(self, element: Element, text: str, *, tail: bool) -> None:
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
        size = len(text)
        line = Line(
            text,
            min(self._links, size),
            self._owners[-1],
            self._noise,
            len(self.lines),
            0 < size <= self._bold,
            media,
            self._pieces,
        )
        self.lines.append(line)


def squash(text: str) -> str:
    """*text* with every run of blanks (zero-width ones too) as one space, none at the ends."""
    text = text.strip()
    if text.isprintable() and "  " not in text:  # most lines: the only blank is a lone space
        return text
    return _BLANKS.sub(" ", text).strip()


def without_blanks(text: str) -> str:
    """*text* without any blank (zero-width ones too)."""
    return _BLANKS.sub("", text)


def is_hidden(element: Element) -> bool:
    """Whether the element's own attributes say that it is not displayed."""
    style = element.get("style")
    return bool(style and _hides(style)) or element.get("hidden") is not None


@lru_cache(maxsize=4096)
def _hides(style: str) -> bool:
    return _HIDDEN.search(style) is not None


def is_noise(element: Element) -> bool:
    """Whether the element is named like a side part of a page (share bar, related, footer)."""
    names, ident = element.get("class"), element.get("id")
    named = (names or ident) and _noisy(names or "", ident or "")
    return bool(named) or element.tag in _NOISE_TAGS


@lru_cache(maxsize=4096)
def _noisy(classes: str, ident: str) -> bool:
    names = f"{classes} {ident}"
    if len(names) < 3 or _NOISE.search(names) is None:
        return False
    return _CONTENT.search(names) is None or _SURE_NOISE.search(names) is not None


def in_comments(line: Line) -> bool:
    """Whether the line stands among readers' comments, recommendations and the like."""
    return any(_SURE_NOISE.search(label(element)) for element in line.noise)


def label(element: Element) -> str:
    """Class and id of *element* in one string."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"
