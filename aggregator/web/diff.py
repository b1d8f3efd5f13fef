"""Two versions of a text -> rows of paragraphs with the changed pieces marked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Literal

Mark = Literal["same", "del", "ins"]
# A figure or Latin word is one piece: 1200 -> 1300 must not read as a changed "2".
_PIECE = re.compile(r"\d+(?:[.,．]\d+)*[%％]?|[A-Za-z]+|\s+|.", re.DOTALL)
# SequenceMatcher is cubic at worst. Above these bounds a part is shown as replaced as a whole:
# pieces of one paragraph, paragraphs between the first and the last change, pieces of a page.
MAX_PIECES = 800
MAX_PARAGRAPHS = 600
MAX_ALL_PIECES = 60_000
# Below this likeness two paragraphs are different ones, not one that was edited.
ALIKE = 0.35


@dataclass(frozen=True, slots=True)
class Row:
    """One paragraph: its kind of change, and its text as (mark, piece) pairs."""

    kind: Literal["same", "changed", "ins", "del"]
    pieces: tuple[tuple[Mark, str], ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """Unchanged paragraphs far from any change, which a page may fold away."""

    rows: tuple[Row, ...]


def compare(old: str, new: str) -> list[Row]:
    """The paragraphs (lines) of both texts in reading order."""
    before, after = old.split("\n"), new.split("\n")
    head, tail = _common(before, after)
    left, right = before[head : len(before) - tail], after[head : len(after) - tail]
    middle = list(_compared(left, right))
    return [*map(_same, after[:head]), *middle, *map(_same, after[len(after) - tail :])]


def _common(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many items both begin with, and how many of the others both end with."""
    most = min(len(old), len(new))
    head = next((i for i in range(most) if old[i] != new[i]), most)
    rest = most - head
    return head, next((i for i in range(rest) if old[-1 - i] != new[-1 - i]), rest)


def _same(text: str) -> Row:
    return Row("same", (("same", text),))


def _compared(before: Sequence[str], after: Sequence[str]) -> Iterator[Row]:
    if max(len(before), len(after)) > MAX_PARAGRAPHS:
        yield from (Row("del", (("del", text),)) for text in before)
        yield from (Row("ins", (("ins", text),)) for text in after)
        return
    left = MAX_ALL_PIECES
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, False).get_opcodes():
        if tag == "equal":
            yield from map(_same, after[j1:j2])
            continue
        size = sum(map(len, before[i1:i2])) + sum(map(len, after[j1:j2]))
        left -= size
        yield from _replaced(before[i1:i2], after[j1:j2], closely=left > 0)


def _replaced(before: Sequence[str], after: Sequence[str], *, closely: bool) -> Iterator[Row]:
    """Pairs in order those paragraphs that are alike."""
    if closely and len(before) != len(after):
        before, after = _aligned(before, after)
    for old, new in zip_longest(before, after, fillvalue=""):
        pieces = inline(old, new) if closely and old and new else ()
        if pieces:
            yield Row("changed", pieces)
            continue
        if old:
            yield Row("del", (("del", old),))
        if new:
            yield Row("ins", (("ins", new),))


def _aligned(before: Sequence[str], after: Sequence[str]) -> tuple[list[str], list[str]]:
    """Both lists with "" where the other one has a paragraph of its own."""
    left: list[str] = []
    right: list[str] = []
    rest = list(before)
    for new in after:
        at = next((i for i, old in enumerate(rest[:8]) if _quick(old, new) >= ALIKE), None)
        if at is not None:
            left += [*rest[:at], rest[at]]
            right += [*[""] * at, new]
            del rest[: at + 1]
        else:
            left.append("")
            right.append(new)
    return [*left, *rest], [*right, *[""] * len(rest)]


def _quick(old: str, new: str) -> float:
    return SequenceMatcher(None, old[:500], new[:500], False).quick_ratio() if old and new else 0.0


def inline(old: str, new: str) -> tuple[tuple[Mark, str], ...]:
    """The changes within one paragraph; () when the two have too little in common."""
    a, b = _PIECE.findall(old), _PIECE.findall(new)
    head, tail = _common(a, b)
    left, right = a[head : len(a) - tail], b[head : len(b) - tail]
    if max(len(left), len(right)) > MAX_PIECES:
        return ()
    matcher = SequenceMatcher(None, left, right, False)
    same = head + tail + sum(block.size for block in matcher.get_matching_blocks())
    if 2 * same < ALIKE * (len(a) + len(b)):
        return ()
    found: list[tuple[Mark, str]] = [("same", "".join(b[:head]))]
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            found.append(("same", "".join(right[j1:j2])))
        else:
            found.append(("del", "".join(left[i1:i2])))
            found.append(("ins", "".join(right[j1:j2])))
    found.append(("same", "".join(b[len(b) - tail :])))
    return tuple((mark, text) for mark, text in found if text)


def pieces(old: str, new: str) -> tuple[tuple[Mark, str], ...]:
    """A short value before and after as marked pieces, whatever the two have in common."""
    if found := inline(old, new):
        return found
    both: tuple[tuple[Mark, str], ...] = (("del", old), ("ins", new))
    return tuple((mark, text) for mark, text in both if text)


def fold(rows: Sequence[Row], context: int = 1) -> list[Row | Fold]:
    """*rows* with long runs of unchanged ones as Folds, keeping *context* beside each change."""
    near = {
        i + step
        for i, row in enumerate(rows)
        if row.kind != "same"
        for step in range(-context, context + 1)
    }
    found: list[Row | Fold] = []
    run: list[Row] = []
    for i, row in enumerate([*rows, None]):
        if row is not None and i not in near:
            run.append(row)
            continue
        if run:
            found += [Fold(tuple(run))] if len(run) > 2 else run
            run = []
        if row is not None:
            found.append(row)
    return found
