"""TOML text <-> its statements with their places, and values -> TOML text: the ground of edit.py.

Source: TOML 1.0. The text is known to be valid (tomllib has read it), so this only finds where a
table, key or value begins and ends; multi-line texts and arrays are walked over.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Path = tuple[str, ...]

_BLANKS = re.compile(r"[ \t]*")
_IDLE = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\r?\n|\Z)")
_PART = re.compile(r"""[A-Za-z0-9_-]+|"(?:\\.|[^"\\])*"|'[^']*'""")
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|' + r"'''.*?'{3,5}" + r"""|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|#[^\n]*"""
    r"|[\[{]|[\]}]|\r?\n|[^\"'#\[\]{}\r\n]+|\r",
    re.DOTALL,
)
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LITERAL = re.compile(r"[^'\x00-\x08\x0a-\x1f\x7f]*")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


@dataclass(frozen=True, slots=True)
class Statement:
    """A table header (``table``) or a key with its value; all places are offsets in the text.

    ``path`` is absolute; ``section`` is the path of the header it stands below.
    ``start``..``end`` are its whole lines, ``value``..``value_end`` the value alone.
    """

    table: bool
    path: Path
    section: Path
    start: int
    end: int
    value: int = 0
    value_end: int = 0


def statements(text: str) -> list[Statement]:
    """The statements of a valid TOML *text* in order."""
    return list(_walk(text))


def _walk(text: str) -> Iterator[Statement]:
    at = 1 if text.startswith("\ufeff") else 0
    section: Path = ()
    while at < len(text):
        idle = _IDLE.match(text, at)
        if idle and (idle.end() > at):
            at = idle.end()
            continue
        found = _header(text, at) or _assignment(text, at, section)
        section = found.path if found.table else section
        at = found.end
        yield found


def _header(text: str, start: int) -> Statement | None:
    at = _blanks(text, start)
    if text[at] != "[":
        return None
    opened = 2 if text[at : at + 2] == "[[" else 1
    path, at = _key(text, _blanks(text, at + opened))
    at = _line_end(text, text.index("]", at) + opened)
    return Statement(True, path, path, start, at)


def _assignment(text: str, start: int, section: Path) -> Statement:
    path, at = _key(text, _blanks(text, start))
    value = _blanks(text, text.index("=", at) + 1)
    value_end = _value_end(text, value)
    end = _line_end(text, value_end)
    return Statement(False, (*section, *path), section, start, end, value, value_end)


def _blanks(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return match.end() if match else at


def _key(text: str, at: int) -> tuple[Path, int]:
    """(the names of a dotted key, the offset behind it)."""
    names: list[str] = []
    while True:
        match = _PART.match(text, at)
        if match is None:
            raise ValueError(f"no key at character {at}")
        names.append(_name(match[0]))
        dot = _DOT.match(text, match.end())
        if not dot:
            return tuple(names), match.end()
        at = dot.end()


def _name(part: str) -> str:
    return str(tomllib.loads(f"k = {part}")["k"]) if part[0] in "\"'" else part


def _value_end(text: str, at: int) -> int:
    """The offset behind the value that begins at *at*, blanks and comment left out."""
    start, depth, end = at, 0, at
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"no value at character {at}")
        piece = match[0]
        if depth == 0 and (piece[0] in "#\n" or piece == "\r\n"):
            break
        depth += (piece in "[{") - (piece in "]}")
        at = end = match.end()
    return start + len(text[start:end].rstrip())


def _line_end(text: str, at: int) -> int:
    """The offset behind the line break that ends the line."""
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


# ---------------------------------------------------------------- writing


def toml_key(path: Path) -> str:
    """A dotted key."""
    return ".".join(name if _BARE.fullmatch(name) else _basic(name) for name in path)


def toml_value(value: Any) -> str:
    """*value* (text, truth, number, array, table) in one line of TOML. Raises ValueError."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{toml_key((k,))} = {toml_value(v)}" for k, v in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    raise ValueError(f"{value!r:.80} cannot be written in TOML")


def _text(value: str) -> str:
    # Patterns are best read in '…', where a backslash is a backslash.
    if "\\" in value and _LITERAL.fullmatch(value):
        return f"'{value}'"
    return _basic(value)


def _basic(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{value!r:.80} is no text: it holds half a character") from None
    return '"' + "".join(_escaped(c) for c in value) + '"'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    return char if char >= " " and char != "\x7f" else f"\\u{ord(char):04x}"
