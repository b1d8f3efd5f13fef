"""The lines of an article in; its blocks (paragraph, subhead, quote, list, table, image …) out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from aggregator.extract.lines import Element, Line, label
from aggregator.extract.pictures import film, is_caption, picture
from aggregator.model import Block, BlockKind

_NUMBERED = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[)）]|第[一二三四五六七八九十]{1,3}[章节部])"
)
_FOOTNOTE = re.compile(r"^(?:注释?\s?\d?\s?[:：]|[\[〔【]\d{1,2}[\]〕】]|[①-⑳])")
_QUOTE = re.compile(r"^[●]")
_ENDS = re.compile(r"[。；，、]$")


def blocks_of(lines: list[Line], container: Element, base: str) -> tuple[Block, ...]:
    """*lines* as blocks in reading order; addresses are made absolute by *base*."""
    found: list[Block] = []
    groups = Groups(container)
    index = 0
    while index < len(lines):
        line = lines[index]
        group = groups.of(line)
        if group is not None:
            end = index
            while end < len(lines) and groups.of(lines[end]) is group:
                end += 1
            found.extend(_grouped(group, lines[index:end], base))
            index = end
        elif line.media is not None:
            caption = lines[index + 1] if index + 1 < len(lines) else None
            taken = (
                caption is not None
                and picture(line, base) is not None
                and is_caption(caption, line)
            )
            found.extend(_media(line, caption.text if caption and taken else "", base))
            index += 1 + taken
        else:
            found.append(Block(_kind(line, container, index * 3 > len(lines) * 2), line.text))
            index += 1
    return tuple(found)


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
        return element
    return element if element.tag == "table" and is_data_table(element) else None


def is_data_table(table: Element) -> bool:
    """Whether *table* holds rows of data (two rows and two columns), not a layout of text."""
    rows = list(table.iter("tr"))
    if len(rows) < 2:
        return False
    widths = [sum(1 for cell in row if cell.tag in ("td", "th")) for row in rows[:60]]
    return sum(width >= 2 for width in widths) * 2 > len(widths)


def _grouped(group: Element, lines: list[Line], base: str) -> Iterator[Block]:
    texts = [line for line in lines if line.media is None]
    if group.tag == "table":
        rows = _rows(texts)
        if rows:
            yield Block(BlockKind.TABLE, "\n".join(map(_flat, rows)), rows)
    elif texts:
        items = tuple((line.text,) for line in texts)
        yield Block(BlockKind.LIST, "\n".join(item[0] for item in items), items)
    for line in lines:
        if line.media is not None:
            yield from _media(line, "", base)


def _rows(lines: list[Line]) -> tuple[tuple[str, ...], ...]:
    """Cells by row; a cell of several lines keeps them."""
    rows: dict[Element, dict[Element, str]] = {}
    for line in lines:
        cell = _up_to(line.owner, ("td", "th", "caption"))
        row = _up_to(cell, ("tr", "caption")) if cell is not None else None
        if cell is not None and row is not None:
            cells = rows.setdefault(row, {})
            cells[cell] = f"{cells[cell]}\n{line.text}" if cell in cells else line.text
    return tuple(tuple(cells.values()) for cells in rows.values())


def _flat(row: tuple[str, ...]) -> str:
    return "\t".join(cell.replace("\n", " ") for cell in row)


def _up_to(element: Element, tags: tuple[str, ...]) -> Element | None:
    found: Element | None = element
    while found is not None and found.tag not in tags:
        found = found.getparent()
    return found


def _media(line: Line, caption: str, base: str) -> Iterator[Block]:
    image = picture(line, base)
    if image is not None:
        yield Block(BlockKind.IMAGE, caption, image=replace(image, caption=caption))
        return
    href = film(line, base)
    if href is not None:
        yield Block(BlockKind.VIDEO, href=href)


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


__all__ = ["blocks_of", "is_data_table", "label", "text_of"]
