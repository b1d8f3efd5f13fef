"""A Reading with its body found in; the lines around the body, by where they stand, out."""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.extract.lines import Line
from aggregator.extract.reading import Reading

_ABOVE = 12  # lines before the headline that may hold the date
_BELOW = 25  # lines after the body that may hold editor, source and date
_HEAD = 60  # lines between headline and body, at most


@dataclass(frozen=True, slots=True)
class Zones:
    """``head``: headline to body; ``above``: before the headline; ``foot``: after the body.

    ``body`` are the article's own lines; lines that were cut between them belong to ``foot``.
    """

    head: tuple[Line, ...]
    above: tuple[Line, ...]
    body: tuple[Line, ...]
    foot: tuple[Line, ...]


def zones(reading: Reading, body: list[Line]) -> Zones:
    """The zones of the page around the lines *body*."""
    texts = [line for line in reading.lines if line.media is None]
    if not body:
        return Zones(tuple(texts[:_HEAD]), (), (), ())
    first, last = body[0].number, body[-1].number
    top = reading.headline if 0 <= reading.headline < first else max(0, first - _ABOVE)
    own = {line.number for line in body}
    return Zones(
        head=tuple(line for line in texts if top < line.number < first)[-_HEAD:],
        above=tuple(line for line in texts if line.number < top)[-_ABOVE:],
        body=tuple(line for line in body if line.media is None),
        foot=tuple(
            line
            for line in texts
            if first < line.number <= last + _BELOW and line.number not in own
        ),
    )
