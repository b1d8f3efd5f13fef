"""The parts of an article in; its clean HTML, built anew from them and cleaned once, out.

Nothing of a page's own layout is kept: text is paragraphs, subheads, quotes, lists, tables of data
and figures; inside a line stand links, bold, emphasis, sub- and superscript. No element is empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby
from urllib.parse import quote

from aggregator.extract.blocks import Part, cells_of
from aggregator.extract.clean import absolute, cleaned_once, pixels
from aggregator.extract.lines import Element, Line, without_blanks
from aggregator.model import BlockKind, Image

Mark = tuple[str, str]  # the tag of a mark, and the address of a link

_MARKS = {"strong": "strong", "b": "strong", "em": "em", "i": "em", "sub": "sub", "sup": "sup"}
_ORDER = {"a": 0, "strong": 1, "em": 2, "sub": 3, "sup": 4}
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ADDRESS = "!*'()\"#$%&+,/:;<=>?@[\\]^`{|}~"  # what libxml2 leaves in an address as it is
_FILM = re.compile(r"\.(?:mp4|m3u8|webm|ogg|mov|flv|mp3|m4a|wav)(?:$|[?#])", re.IGNORECASE)
_PLAIN = {BlockKind.SUBHEAD: "h3", BlockKind.FOOTNOTE: "p", BlockKind.PARAGRAPH: "p"}


def html_of(parts: Sequence[Part], base: str) -> str:
    """*parts* as HTML that nh3 has passed; links and pictures absolute by *base*."""
    rows: list[str] = []
    for quoted, run in groupby(parts, key=lambda part: part.block.kind is BlockKind.QUOTE):
        inner = [html for part in run if (html := _part(part, base))]
        if quoted:
            rows.append(f"<blockquote>{''.join(inner)}</blockquote>")
        else:
            rows += inner
    return cleaned_once("\n".join(rows), base)


def _part(part: Part, base: str) -> str:
    match part.block.kind:
        case BlockKind.TABLE:
            return _table(part, base)
        case BlockKind.LIST:
            return _list(part, base)
        case BlockKind.IMAGE:
            return _figure(part, base)
        case BlockKind.VIDEO:
            return _film(part)
        case BlockKind.SUBHEAD:
            return f"<h3>{_inline(part.lines[0], base, frozenset({'strong'}))}</h3>"
        case _:
            return f"<p>{_inline(part.lines[0], base)}</p>"


def _list(part: Part, base: str) -> str:
    group = part.group
    ordered = group is not None and group.tag == "ol"
    start = pixels(group.get("start")) if group is not None and ordered else None
    items = "".join(f"<li>{_inline(line, base)}</li>" for line in part.lines)
    first = f' start="{start}"' if start and 1 < start <= 1000 else ""
    return f"<ol{first}>{items}</ol>" if ordered else f"<ul>{items}</ul>"


def _table(part: Part, base: str) -> str:
    head = ""
    rows: list[str] = []
    for row, cells in cells_of(part.lines).items():
        texts = {cell: _joined(lines, base) for cell, lines in cells.items()}
        if row.tag == "caption" and not head and not rows:
            head = f"<caption>{''.join(texts.values())}</caption>"
        elif row.tag == "caption":
            rows.append(f"<tr><td>{''.join(texts.values())}</td></tr>")
        else:
            places = [cell for cell in row if cell.tag in ("td", "th")]
            rows.append(f"<tr>{''.join(_cell(one, texts.get(one, '')) for one in places)}</tr>")
    return f"<table>{head}<tbody>{''.join(rows)}</tbody></table>"


def _cell(cell: Element, inner: str) -> str:
    spans = ((key, pixels(cell.get(key))) for key in ("colspan", "rowspan"))
    shape = "".join(f' {key}="{n}"' for key, n in spans if n and 1 < n <= 1000)
    tag = "th" if cell.tag == "th" else "td"
    return f"<{tag}{shape}>{inner}</{tag}>"


def _joined(lines: Iterable[Line], base: str) -> str:
    return "<br>".join(_inline(line, base) for line in lines)


def _figure(part: Part, base: str) -> str:
    image, caption = part.block.image, part.lines[1:]
    below = "".join(f"<figcaption>{_inline(line, base)}</figcaption>" for line in caption)
    media = part.lines[0].media
    if image is None or media is None or not image.url.startswith(("http://", "https://")):
        return "".join(f"<p>{_inline(line, base)}</p>" for line in caption)
    return f"<figure>{_img(image, media)}{below}</figure>"


def _img(image: Image, media: Element) -> str:
    size = (("width", image.width), ("height", image.height))
    shape = "".join(f' {key}="{n}"' for key, n in size if n)
    alt = " ".join((media.get("alt") or "").split())
    return f'<img src="{_address(image.url)}" alt="{_attribute(alt)}"{shape}>'


def _film(part: Part) -> str:
    href = part.block.href
    if not href.startswith(("http://", "https://")):
        return ""
    media = part.lines[0].media
    if _FILM.search(href) or (media is not None and media.tag in ("video", "audio")):
        return f'<figure><video src="{_address(href)}" controls=""></video></figure>'
    return f'<p><a href="{_address(href)}" rel="noopener noreferrer">视频</a></p>'


# ---------------------------------------------------------------- inside a line


def _inline(line: Line, base: str, without: frozenset[str] = frozenset()) -> str:
    """The line's text with its marks, except those *without*."""
    if not line.bold and all(one is line.owner and not tail for one, tail in line.pieces):
        return _text(line.text)
    known: dict[Element, frozenset[Mark]] = {}
    runs = [(_count(text), _marks(line, one, base, known)) for one, text in _pieces(line)]
    everywhere = {("strong", "")} if line.bold else set()
    own = [
        (size, tuple(sorted((m for m in marks | everywhere if m[0] not in without), key=_rank)))
        for size, marks in runs
        if size
    ]
    if not any(marks for _, marks in own):
        return _text(line.text)
    return "".join(_marked(line.text, own))


def _pieces(line: Line) -> Iterator[tuple[Element, str]]:
    """The innermost element around each piece of the line's text, and the text."""
    for element, tail in line.pieces:
        around = element.getparent() if tail else element
        if around is not None:
            yield around, (element.tail if tail else element.text) or ""


def _count(text: str) -> int:
    return len(without_blanks(text))


def _marks(
    line: Line, element: Element, base: str, known: dict[Element, frozenset[Mark]]
) -> frozenset[Mark]:
    """The marks on text right in *element*; *known* has those of elements around it."""
    path = []
    around: Element | None = element
    while around is not None and around is not line.owner and around not in known:
        path.append(around)
        around = around.getparent()
    marks = known.get(around, frozenset()) if around is not None else frozenset()
    for inner in reversed(path):
        marks = known[inner] = marks | _mark(inner, base, marks)
    return marks


def _mark(element: Element, base: str, around: frozenset[Mark]) -> frozenset[Mark]:
    """The mark that *element* is, none for a link in a link."""
    if element.tag == "a":
        url = "" if any(tag == "a" for tag, _ in around) else element.get("href")
        url = absolute(base, url or "")
        return frozenset({("a", url)}) if url else frozenset()
    tag = _MARKS.get(str(element.tag))
    return frozenset({(tag, "")}) if tag else frozenset()


def _rank(mark: Mark) -> int:
    return _ORDER[mark[0]]


def _marked(text: str, runs: list[tuple[int, tuple[Mark, ...]]]) -> Iterator[str]:
    """*text* with marks around its runs (characters that are no blanks, marks)."""
    opened: list[Mark] = []
    position = 0
    for size, marks in runs:
        end = _after(text, position, size)
        piece, position = text[position:end], end
        shared = 0
        while shared < min(len(opened), len(marks)) and opened[shared] == marks[shared]:
            shared += 1
        yield from (f"</{tag}>" for tag, _ in reversed(opened[shared:]))
        yield " " if piece.startswith(" ") else ""
        yield from (_open(mark) for mark in marks[shared:])
        yield _text(piece.removeprefix(" "))
        opened = list(marks)
    yield _text(text[position:])
    yield from (f"</{tag}>" for tag, _ in reversed(opened))


def _after(text: str, start: int, size: int) -> int:
    """The place in *text* behind *size* characters that are no blanks, from *start*."""
    end = min(start + size, len(text))
    missing = text.count(" ", start, end)
    while missing and end < len(text):
        more = min(end + missing, len(text))
        missing, end = text.count(" ", end, more), more
    return end


def _open(mark: Mark) -> str:
    tag, url = mark
    return f'<a href="{_address(url)}" rel="noopener noreferrer">' if tag == "a" else f"<{tag}>"


def _text(text: str) -> str:
    return escape(_UNFIT.sub("", text), quote=False)


def _attribute(text: str) -> str:
    return _text(text).replace('"', "&quot;")


def _address(url: str) -> str:
    """*url* in ASCII, as both parsers leave it."""
    return _attribute(quote(url, safe=_ADDRESS, errors="replace"))
