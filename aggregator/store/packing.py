"""Draft <-> the columns of a revision: the body's text is stored once, as plain text.

A block's text is part of the draft's text, so the JSON holds only its length wherever the blocks
follow each other in the text.
"""

from __future__ import annotations

import json
from array import array
from dataclasses import dataclass
from sys import byteorder
from typing import Any, cast

from aggregator.model import Draft
from aggregator.store.codec import clean, decoder, encoder, to_json

_LENGTH = "text#"  # in place of "text": so many characters of the draft's text, from where we are


@dataclass(frozen=True, slots=True)
class PackedDraft:
    """A draft as three texts."""

    draft: str  # JSON
    text: str
    html: str


def pack(draft: Draft) -> PackedDraft:
    """The columns for *draft*."""
    plain = encoder(Draft)(draft)
    text = clean(plain.pop("text", ""))
    html = clean(plain.pop("html", ""))
    at = 0
    for block in plain.get("blocks", ()):
        words = block.get("text", "")
        if words and text.startswith(words, at):
            block[_LENGTH] = len(words)
            del block["text"]
            at += len(words) + 1  # the line's end
    return PackedDraft(to_json(plain), text, html)


def unpack(draft: str, text: str, html: str) -> Draft:
    """The draft whose columns these are."""
    plain: dict[str, Any] = json.loads(draft)
    at = 0
    for block in plain.get("blocks", ()):
        length = block.pop(_LENGTH, None)
        if length is not None:
            block["text"] = text[at : at + length]
            at += length + 1
    return cast("Draft", decoder(Draft)(plain | {"text": text, "html": html}))


def pack_clauses(clauses: tuple[int, ...]) -> bytes:
    """Signed 64-bit numbers, little endian."""
    numbers = array("q", clauses)
    if byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def unpack_clauses(packed: bytes) -> tuple[int, ...]:
    """The numbers that pack_clauses packed."""
    numbers = array("q", packed)
    if byteorder == "big":
        numbers.byteswap()
    return tuple(numbers)
