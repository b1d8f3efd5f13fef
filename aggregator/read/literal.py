"""JavaScript text -> the plain value of a literal in it; nothing is ever executed.

Reads what sites write as data: objects and arrays with quoted or bare keys, both kinds of
quotes and templates without holes, escapes, comments, trailing commas and holes, numbers in all
bases, true/false/null/undefined/NaN, unary signs, !0 and !1, concatenated strings, `new Date(n)`.
Whole numbers beyond 2**53 stay text, as JavaScript would lose their last digits.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

MAX_DEPTH = 64
MAX_LENGTH = 20_000_000  # characters
MAX_TRIES = 500  # places where a script may assign what is looked for
SAFE_INTEGER = 2**53 - 1

Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"]

_SPACE = re.compile(r"(?:[\s\ufeff]+|//[^\n\r\u2028\u2029]*|/\*.*?\*/|<!--[^\n\r]*)+", re.DOTALL)
_NUMBER = re.compile(
    r"0[xX][0-9a-fA-F]+n?|0[bB][01]+n?|0[oO][0-7]+n?|(?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?n?"
)
_NAME = re.compile(r"[A-Za-z_$\u00aa-\uffff][\w$]*")
_PLAIN = {
    '"': re.compile(r'[^"\\\n\r]+'),
    "'": re.compile(r"[^'\\\n\r]+"),
    "`": re.compile(r"[^`\\$]+"),
}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r": "", "\u2028": "", "\u2029": ""}  # fmt: skip
_WORDS: Final[dict[str, Value]] = {"true": True, "false": False, "null": None, "undefined": None, "NaN": None, "Infinity": None}  # fmt: skip
_ASSIGNED = re.compile(r"(?<![\w$.])([A-Za-z_$][\w$]{0,100})\s{0,20}=\s{0,20}(?=[\[{])")
_HEX = re.compile(r"[0-9a-fA-F]+")


class LiteralError(ValueError):
    """The text is no literal. ``position`` is the 0-based offset of the fault."""

    def __init__(self, reason: str, position: int, text: str = "") -> None:
        self.reason, self.position = reason, position
        near = text[position : position + 20]
        super().__init__(f"{reason} at character {position + 1}" + (f" (“{near}”)" if near else ""))


def parse(text: str) -> Value:
    """The value of *text*, which must be one literal (a closing ";" is allowed)."""
    value, end = parse_at(text, 0)
    end = _skip(text, end)
    if text[end : end + 1] == ";":
        end = _skip(text, end + 1)
    if end < len(text):
        raise LiteralError("more text behind the literal", end, text)
    return value


def parse_at(text: str, start: int) -> tuple[Value, int]:
    """(value, end) of the literal that begins at *start*. Raises LiteralError."""
    if len(text) - start > MAX_LENGTH:
        raise LiteralError(f"longer than {MAX_LENGTH:,} characters", start)
    return _sum(text, _skip(text, start), 0)


def find_value(text: str, name: str) -> tuple[Value, int]:
    """(value, end) of the first literal that *text* assigns to the variable or key *name*.

    Fits ``var x = …``, ``x=…``, ``window.a.x = …`` and ``x: …``. Raises LiteralError.
    """
    pattern = re.compile(rf"(?<![\w$]){re.escape(name)}(?![\w$])[\"']?\s*(?:=(?!=)|:)")
    last: LiteralError | None = None
    for match in islice(pattern.finditer(text), MAX_TRIES):
        try:
            return parse_at(text, match.end())
        except LiteralError as error:
            last = last or error
    raise last or LiteralError(f"there is no variable {name!r}", 0)


def find_variables(text: str) -> dict[str, Value]:
    """All variables to which *text* assigns an array or object literal, first assignment each."""
    found: dict[str, Value] = {}
    position = 0
    for match in islice(_ASSIGNED.finditer(text), MAX_TRIES):
        if match.start() < position or match[1] in found:
            continue
        try:
            found[match[1]], position = parse_at(text, match.end())
        except LiteralError:
            continue  # an expression, not a literal
    return found


# ---------------------------------------------------------------- grammar


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _sum(text: str, at: int, depth: int) -> tuple[Value, int]:
    """A value, or strings and numbers joined by "+"."""
    value, end = _value(text, at, depth)
    while True:
        plus = _skip(text, end)
        if text[plus : plus + 1] != "+" or not isinstance(value, str | int | float):
            return value, end
        right, end = _value(text, _skip(text, plus + 1), depth)
        if not isinstance(value, str) and not isinstance(right, str):
            raise LiteralError("a sum of numbers is no literal", plus, text)
        value = _as_text(value, plus, text) + _as_text(right, plus, text)


def _as_text(value: Value, at: int, text: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise LiteralError("only strings and numbers can be joined", at, text)
    return str(value)


def _value(text: str, at: int, depth: int) -> tuple[Value, int]:
    if depth > MAX_DEPTH:
        raise LiteralError(f"nested deeper than {MAX_DEPTH}", at, text)
    char = text[at : at + 1]
    if char == "[":
        return _array(text, at, depth)
    if char == "{":
        return _object(text, at, depth)
    if char and char in _PLAIN:
        return _string(text, at, char)
    if char == "(":
        value, end = _sum(text, _skip(text, at + 1), depth + 1)
        return value, _expect(text, _skip(text, end), ")")
    return _scalar(text, at, depth)


def _scalar(text: str, at: int, depth: int) -> tuple[Value, int]:
    char = text[at : at + 1]
    if char and char in "+-!":
        return _signed(text, at, depth)
    number = _NUMBER.match(text, at)
    if number:
        return _number(number), number.end()
    word = _NAME.match(text, at)
    if word and word[0] == "new":
        return _date(text, word.end(), depth)
    if word and word[0] in _WORDS:
        return _WORDS[word[0]], word.end()
    raise LiteralError("a value is expected" if char else "the text ends too early", at, text)


def _signed(text: str, at: int, depth: int) -> tuple[Value, int]:
    value, end = _value(text, _skip(text, at + 1), depth + 1)
    if text[at] == "!":
        return not value, end
    if isinstance(value, bool) or not isinstance(value, int | float):
        if isinstance(value, str) and value.isdigit():  # a whole number that is kept as text
            return (value if text[at] == "+" else f"-{value}"), end
        raise LiteralError("a number is expected", at, text)
    return (-value if text[at] == "-" else value), end


def _number(match: re.Match[str]) -> Value:
    digits = match[0].rstrip("n").replace("_", "")
    if digits[:2].lower() in ("0x", "0b", "0o"):
        return _whole(int(digits, 0))
    if digits.isdigit():
        return digits if len(digits) > 16 else _whole(int(digits))
    return float(digits)


def _whole(number: int) -> int | str:
    return number if number <= SAFE_INTEGER else str(number)


def _date(text: str, at: int, depth: int) -> tuple[Value, int]:
    """The argument of `new Date(…)`: a text or the milliseconds."""
    match = re.compile(r"\s+Date\s*\(").match(text, at)
    if not match:
        raise LiteralError("only dates can be made with new", at, text)
    value, end = _sum(text, _skip(text, match.end()), depth + 1)
    return value, _expect(text, _skip(text, end), ")")


def _expect(text: str, at: int, char: str) -> int:
    if text[at : at + 1] != char:
        raise LiteralError(f"{char!r} is expected", at, text)
    return at + 1


def _array(text: str, at: int, depth: int) -> tuple[Value, int]:
    items: list[Value] = []
    at = _skip(text, at + 1)
    while text[at : at + 1] != "]":
        if text[at : at + 1] == ",":  # a hole
            at = _skip(text, at + 1)
            continue
        value, end = _sum(text, at, depth + 1)
        items.append(value)
        at = _separated(text, end, "]")
    return items, at + 1


def _object(text: str, at: int, depth: int) -> tuple[Value, int]:
    members: dict[str, Value] = {}
    at = _skip(text, at + 1)
    while text[at : at + 1] != "}":
        key, end = _key(text, at)
        end = _expect(text, _skip(text, end), ":")
        members[key], end = _sum(text, _skip(text, end), depth + 1)
        at = _separated(text, end, "}")
    return members, at + 1


def _separated(text: str, at: int, close: str) -> int:
    """The place after the comma behind a member, or of the closing bracket."""
    at = _skip(text, at)
    if text[at : at + 1] == ",":
        return _skip(text, at + 1)
    if text[at : at + 1] != close:
        raise LiteralError(
            f"',' or {close!r} is expected" if at < len(text) else "the text ends too early",
            at,
            text,
        )
    return at


def _key(text: str, at: int) -> tuple[str, int]:
    char = text[at : at + 1]
    if char and char in "\"'":
        return _string(text, at, char)
    match = _NAME.match(text, at) or _NUMBER.match(text, at)
    if not match:
        raise LiteralError("a key is expected" if char else "the text ends too early", at, text)
    return match[0], match.end()


def _string(text: str, at: int, quote: str) -> tuple[str, int]:
    pieces: list[str] = []
    start, at = at, at + 1
    while (char := text[at : at + 1]) != quote:
        plain = _PLAIN[quote].match(text, at)
        if plain:
            pieces.append(plain[0])
            at = plain.end()
        elif char == "\\":
            piece, at = _escape(text, at + 1)
            pieces.append(piece)
        elif char == "$" and text[at + 1 : at + 2] != "{":
            pieces.append(char)
            at += 1
        else:
            reason = "a template with a hole" if char == "$" else "the string does not end"
            raise LiteralError(reason, start, text)
    return _paired("".join(pieces)), at + 1


def _escape(text: str, at: int) -> tuple[str, int]:
    """The character of an escape whose backslash stands before *at*."""
    char = text[at : at + 1]
    if char == "u" and text[at + 1 : at + 2] == "{":
        close = text.find("}", at)
        return _code(text, at + 2, close), close + 1
    if char in ("u", "x"):
        end = at + (5 if char == "u" else 3)
        return _code(text, at + 1, end), end
    if text.startswith("\r\n", at):
        return "", at + 2
    if not char:
        raise LiteralError("the string does not end", at, text)
    return _ESCAPES.get(char, char), at + 1


def _code(text: str, start: int, end: int) -> str:
    digits = text[start : max(start, end)]
    if end > len(text) or not _HEX.fullmatch(digits) or int(digits, 16) > 0x10FFFF:
        raise LiteralError("an escape is damaged", start, text)
    return chr(int(digits, 16))


def _paired(text: str) -> str:
    """*text* with surrogate pairs (\\ud83d\\ude00) joined, lone ones replaced."""
    if not any("\ud800" <= c <= "\udfff" for c in text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
