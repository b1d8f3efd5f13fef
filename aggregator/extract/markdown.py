"""A Draft in, Markdown (CommonMark with GitHub's tables) out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from aggregator.model import Block, BlockKind, Draft, Field, Person

_SPECIAL = re.compile(r"([\\`*_\[\]<>])")
_LINE_START = re.compile(r"^(\s{0,3})([#+>=~-]|\d{1,9}(?=[.)]))")


def to_markdown(draft: Draft, *, front_matter: bool = False) -> str:
    """The article as Markdown: headline, byline, then the blocks in reading order.

    With *front_matter* the fields stand before it as YAML (every value is a JSON string, which
    YAML reads as it is) and the byline is left out.
    """
    parts = [*_title(draft), *([] if front_matter else _byline(draft))]
    parts += [text for block in draft.blocks if (text := _block(block))]
    parts += [_attachments(draft)] if draft.attachments else []
    head = _front_matter(draft) if front_matter else ""
    return head + "\n\n".join(parts) + "\n"


def escape(text: str) -> str:
    """*text* so that Markdown shows it as it is."""
    lines = (_LINE_START.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", line)) for line in text.split("\n"))
    return "  \n".join(lines)


def _title(draft: Draft) -> Iterator[str]:
    if draft.overline:
        yield f"*{escape(draft.overline.value)}*"
    if draft.title:
        yield f"# {escape(draft.title.value)}"
    if draft.subtitle:
        yield f"*{escape(draft.subtitle.value)}*"


def _byline(draft: Draft) -> Iterator[str]:
    parts = [
        _names(draft.authors),
        draft.source.value if draft.source else "",
        draft.published.value.text if draft.published else "",
    ]
    line = " · ".join(escape(part) for part in parts if part)
    if line:
        yield line


def _names(people: Field[tuple[Person, ...]] | None) -> str:
    return "、".join(person.name for person in people.value) if people else ""


def _block(block: Block) -> str:
    match block.kind:
        case BlockKind.SUBHEAD:
            return f"## {escape(block.text)}"
        case BlockKind.QUOTE:
            return "\n".join(f"> {line}" for line in escape(block.text).split("\n"))
        case BlockKind.LIST:
            return "\n".join(f"- {escape(row[0])}" for row in block.rows if row)
        case BlockKind.TABLE:
            return _table(block.rows)
        case BlockKind.IMAGE:
            return _image(block)
        case BlockKind.VIDEO:
            return f"[{escape(block.text) or '视频'}]({_target(block.href)})"
        case _:
            return escape(block.text)


def _image(block: Block) -> str:
    if block.image is None:
        return ""
    caption = escape(block.image.caption or block.text)
    picture = f"![{caption}]({_target(block.image.url)})"
    return f"{picture}\n\n*{caption}*" if caption else picture


def _table(rows: tuple[tuple[str, ...], ...]) -> str:
    width = max(map(len, rows), default=0)
    lines = [_row(row, width) for row in rows]
    return "\n".join([*lines[:1], "| " + " | ".join(["---"] * width) + " |", *lines[1:]])


def _row(row: tuple[str, ...], width: int) -> str:
    cells = [_SPECIAL.sub(r"\\\1", cell).replace("|", "\\|").replace("\n", " ") for cell in row]
    return "| " + " | ".join(cells + [""] * (width - len(row))) + " |"


def _target(url: str) -> str:
    return re.sub(r"[()\s<>]", lambda sign: f"%{ord(sign[0]):02X}", url)


def _attachments(draft: Draft) -> str:
    rows = (f"- [{escape(a.title) or a.url}]({_target(a.url)})" for a in draft.attachments)
    return "\n".join(["**附件**", "", *rows])


def _front_matter(draft: Draft) -> str:
    values: dict[str, object] = {
        "title": draft.title.value if draft.title else "",
        "authors": [p.name for p in draft.authors.value] if draft.authors else [],
        "source": draft.source.value if draft.source else "",
        "published": draft.published.value.instant.isoformat() if draft.published else "",
        "editors": [p.name for p in draft.editors.value] if draft.editors else [],
        "column": draft.column.value if draft.column else "",
        "url": draft.url,
    }
    rows = (
        f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in values.items() if value
    )
    return "\n".join(["---", *rows, "---", "", ""])
