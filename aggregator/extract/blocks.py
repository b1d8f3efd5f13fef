"""The lines of an article in; its blocks (paragraph, subhead, list, table …), with their lines, out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from aggregator.extract.lines import Element, Line
from aggregator.extract.pictures import film, is_caption, picture
from aggregator.model import Block, BlockKind

_NUMBERED = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[)）]|第[一二三四五六七八九十]{1,3}[章节部])"
)
_FOOTNOTE = re.compile(r"^(?:注释?\s?\d?\s?[:：]|[\[〔【]\d{1,2}[\]〕】]|[①-⑳])")
_QUOTE = re.compile(r"^[●]")
_LAYOUT_TEXT = 200  # characters; a cell with more may be a page of its own
_LAYOUT_SHARE = 0.8
_ENDS = re.compile(r"[。；，、]$")


@dataclass(frozen=True, slots=True)
class Part:
    """A block, the lines it was made of, and the table or list that they stand in."""

    block: Block
    lines: list[Line]
    group: Element | None = None


def parts_of(lines: list[Line], container: Element, base: str) -> tuple[Part, ...]:
    """*lines* as blocks in reading order; addresses are made absolute by *base*."""
    found: list[Part] = []
    groups = Groups(container)
    index = 0
    while index < len(lines):
        line = lines[index]
        group = groups.of(line)
        end = index + 1
        if group is not None:
            while end < len(lines) and groups.of(lines[end]) is group:
                end += 1
            found.extend(_grouped(group, lines[index:end], base))
        elif line.media is not None:
            end += int(end < len(lines) and _captioned(line, lines[end], base))
            found.extend(_media(lines[index:end], base))
        else:
            kind = _kind(line, container, index * 3 > len(lines) * 2)
            found.append(Part(Block(kind, line.text), [line]))
        index = end
    return tuple(found)


def _captioned(line: Line, after: Line, base: str) -> bool:
    return is_caption(after, line) and picture(line, base) is not None


class Groups:
    """Finds the outermost data table or list around a line, once for each element."""

    def __init__(self, container: Element) -> None:
        self._known: dict[Element, Element | None] = {container: None}

    def of(self, line: Line) -> Element | None:
        """The group of *line* inside the container, None when it stands alone."""
        path: list[Element] = []
        element: Element | None = line.owner
        while element is not None and element not in self._known:
            path.append(element)
            element = element.getparent()
        group = self._known[element] if element is not None else None
        for below in reversed(path):
            group = group if group is not None else _as_group(below)
            self._known[below] = group
        return group

    def is_cell(self, line: Line) -> bool:
        """Whether *line* stands in a data table."""
        group = self.of(line)
        return group is not None and group.tag == "table"


def _as_group(element: Element) -> Element | None:
    if element.tag in ("ul", "ol"):
        return element if _is_list(element) else None
    return element if element.tag == "table" and is_data_table(element) else None


def _is_list(element: Element) -> bool:
    """Whether items stand in a list that are no columns of paragraphs."""
    items = [child for child in element if child.tag == "li"]
    return bool(items) and all(sum(1 for _ in item.iter("p")) <= 1 for item in items[:200])


def is_data_table(table: Element) -> bool:
    """Whether *table* holds rows of data (two rows and two columns), not a layout of text.

    A layout has most of its text in one cell, or as many pictures as cells with text.
    """
    rows = list(table.iter("tr"))
    if len(rows) < 2:
        return False
    widths = [sum(1 for cell in row if cell.tag in ("td", "th")) for row in rows[:60]]
    if sum(width >= 2 for width in widths) * 2 <= len(widths):
        return False
    cells = [cell for row in rows[:60] for cell in row if cell.tag in ("td", "th")]
    sizes = [len("".join("".join(cell.itertext()).split())) for cell in cells[:200]]
    largest, filled = max(sizes, default=0), sum(map(bool, sizes))
    if largest > _LAYOUT_TEXT and largest > _LAYOUT_SHARE * sum(sizes):
        return False
    return sum(1 for _ in table.iter("img")) < max(filled, 1)


def _grouped(group: Element, lines: list[Line], base: str) -> Iterator[Part]:
    texts = [line for line in lines if line.media is None]
    if group.tag == "table":
        rows = tuple(
            tuple("\n".join(line.text for line in cell) for cell in cells.values())
            for cells in cells_of(texts).values()
        )
        if rows:
            yield Part(Block(BlockKind.TABLE, "\n".join(map(_flat, rows)), rows), texts, group)
    elif texts:
        items = tuple((line.text,) for line in texts)
        text = "\n".join(item[0] for item in items)
        yield Part(Block(BlockKind.LIST, text, items), texts, group)
    for line in lines:
        if line.media is not None:
            yield from _media([line], base)


def cells_of(lines: list[Line]) -> dict[Element, dict[Element, list[Line]]]:
    """The lines of a table by row and cell; a caption is a row of one cell."""
    rows: dict[Element, dict[Element, list[Line]]] = {}
    for line in lines:
        cell = _up_to(line.owner, ("td", "th", "caption"))
        row = _up_to(cell, ("tr", "caption")) if cell is not None else None
        if cell is not None and row is not None:
            rows.setdefault(row, {}).setdefault(cell, []).append(line)
    return rows


def _flat(row: tuple[str, ...]) -> str:
    return "\t".join(cell.replace("\n", " ") for cell in row)


def _up_to(element: Element, tags: tuple[str, ...]) -> Element | None:
    found: Element | None = element
    while found is not None and found.tag not in tags:
        found = found.getparent()
    return found


def _media(lines: list[Line], base: str) -> Iterator[Part]:
    """The picture (and its caption) or film of *lines*."""
    image = picture(lines[0], base)
    caption = lines[1].text if len(lines) > 1 else ""
    if image is not None:
        yield Part(Block(BlockKind.IMAGE, caption, image=replace(image, caption=caption)), lines)
        return
    href = film(lines[0], base)
    if href is not None:
        yield Part(Block(BlockKind.VIDEO, href=href), lines)


def _kind(line: Line, container: Element, late: bool) -> BlockKind:
    text = line.text
    if _QUOTE.match(text) or _inside(line.owner, container, "blockquote"):
        return BlockKind.QUOTE
    if late and _FOOTNOTE.match(text):
        return BlockKind.FOOTNOTE
    short = len(text) <= 40 and not _ENDS.search(text)
    heading = line.tag in ("h1", "h2", "h3", "h4", "h5", "h6")
    if short and (heading or line.bold or _NUMBERED.match(text)):
        return BlockKind.SUBHEAD
    return BlockKind.PARAGRAPH


def _inside(element: Element, container: Element, tag: str) -> bool:
    found: Element | None = element
    while found is not None and found is not container:
        if found.tag == tag:
            return True
        found = found.getparent()
    return False


def text_of(blocks: tuple[Block, ...]) -> str:
    """The plain text of *blocks*, one block a line (rows and items one line each)."""
    return "\n".join(block.text for block in blocks if block.text)
