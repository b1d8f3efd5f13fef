"""Values -> what a terminal or a script gets: tables, JSON, plain lines."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from enum import Enum

import click

from aggregator.text import printable

SHANGHAI = timezone(timedelta(hours=8))


def plain(value: object) -> object:
    """*value* as JSON knows it: dataclasses as objects, instants as RFC 3339 in UTC+8."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(v) for v in value]
    return value


def say_json(value: object) -> None:
    """Print *value* as indented JSON."""
    click.echo(json.dumps(plain(value), ensure_ascii=False, indent=2))


def table(head: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
    """Print a table; cells are one line each, control characters escaped."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    made = Table(*head, box=SIMPLE_HEAD, title=title or None, title_justify="left")
    for row in rows:
        made.add_row(*(_cell(value) for value in row))
    Console(markup=False, highlight=False, soft_wrap=False).print(made)


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return local(value)
    return "" if value is None else printable(str(value), 200)


def local(instant: datetime | None) -> str:
    """An instant as people in China read it: 2026-11-03 09:15."""
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if instant else ""


def ago(instant: datetime | None, now: datetime) -> str:
    """How long *instant* is from *now*: '5 min ago', 'in 2 h'."""
    if instant is None:
        return "never"
    seconds = (now - instant).total_seconds()
    size = abs(seconds)
    said = next(
        f"{size / length:.0f} {word}"
        for length, word in ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))
        if size >= length or length == 1
    )
    return f"{said} ago" if seconds >= 0 else f"in {said}"
